"""Fields that are declared in rarer ways: with defaults, held to some texts, or saying whose an event is."""

from __future__ import annotations

import io
import json

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.program import compile_pack, load_program, refused
from dutyrules.compiler.reading import Beyond
from dutyrules.log_files import JsonLines
from dutyrules.outcomes import encode
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay

from .agreement import Both

PACK = """
pack: fields
title: {{en: Fields, zh: 字段}}
timezone: Asia/Shanghai
log: {{carries: all}}
events:
  left: {{person: who, fields: {{who: {who}, n: {n}}}}}
  untold: {{person: by, fields: {{by: {by}, m: {m}}}}}
counts:
  leaves: {{of: left where {where}, per: who, in: day}}
rules:
  1-leaving:
    kind: sanction
    says: {{en: Leaving costs., zh: 离岗罚款。}}
    when: left where {where}
    by_number: leaves
    tiers:
      1-first: {{from: 1, to: 2, fine: 10}}
      1-third: {{from: 3, fine: 50}}
"""
FIGURES = ("1", "2.5", "3")


@pytest.fixture
def packed(tmp_path):
    """Return what makes a pack of some declarations."""

    def made(who="person", n="text", by="person", m="text", where="known(who)"):
        path = tmp_path / "pack.yaml"
        path.write_text(PACK.format(who=who, n=n, by=by, m=m, where=where))
        return load_pack(path)

    return made


def line(number, kind, data, subject="ann"):
    """Return an event as a line; its data are JSON."""
    clock = f"2026-01-05T08:{number // 60:02}:{number % 60:02}+08:00"
    named = "" if subject is None else f'"subject":{json.dumps(subject)},'
    return f'{{"id":"e{number:04}","type":"{kind}","time":"{clock}",{named}"data":{{{data}}}}}'.encode()


@pytest.fixture(params=["in C", "decoded"])
def way(request, monkeypatch):
    """Read lines in both ways."""
    if request.param == "decoded":
        monkeypatch.setattr("dutyrules.compiler.lines.events", lambda *_given: lambda _block, _last: None)
    return request.param


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("declared", "where", "said"),
    [
        ("{type: number, default: 2.5}", "n > 2", FIGURES),
        ("{type: money, default: 3}", "n > 2", FIGURES),
        ("{type: int, default: 3}", "n > 2", ("1", "2", "3")),
        ("{type: bool, default: true}", "n", ("true", "false")),
        ("{type: date, default: 2026-01-15}", "known(n)", ('"2026-01-06"',)),
        ("{type: month, default: '2026-01'}", "known(who)", ('"2026-02"',)),
        ("{type: text, values: [x, y], default: x}", "n == 'x'", ('"x"', '"y"')),
        ("{type: person, default: bo}", "n == 'bo'", ('"bo"', '"eve"')),
    ],
)
def test_defaults_stand_where_nothing_is_said(packed, tmp_path, declared, where, said):
    """a default of any type is what the engine takes it for"""
    both = Both(packed(n=declared, where=where), tmp_path)
    lines = [line(number, "left", "" if number % 3 else f'"n":{said[number % len(said)]}') for number in range(20)]
    assert both.check(lines)
    assert both.tally.made["1-leaving", "sanction", "imposed"] > 3


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"who": "int"}, "`who` says whose `left` is"),
        ({"who": "{type: person, default: bo}"}, "`who` says whose `left` is"),
        ({"who": "{type: text, values: [ann, bo]}"}, "may only be one of some texts"),
        ({"n": "{type: person, values: [ann, bo]}"}, "`n` of `left` may only be one of some texts"),
        ({"n": "{type: int, values: [1, 2]}"}, "`n` of `left` may only be one of some texts"),
    ],
)
def test_what_only_the_engine_reads_is_left_to_it(packed, declared, why):
    """a rule that reads events of such a type needs the engine, and is told so"""
    assert why in refused(packed(**declared), carries_all=True)["1-leaving"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("declared", "data"),
    [({"by": "{type: person, default: bo}"}, '"m":"x"'), ({"m": "{type: person, values: [ann, bo]}"}, '"m":"eve"')],
)
def test_types_that_no_rule_reads_may_be_as_they_like(packed, tmp_path, declared, data):
    """their lines are looked at by the decoder of events, which sets aside what is none"""
    both = Both(packed(**declared), tmp_path)
    lines = [
        line(number, "untold" if number % 4 == 0 else "left", data if number % 4 == 0 else "") for number in range(9)
    ]
    assert both.check(lines)
    assert both.tally.refused == (3 if "m" in declared else 0)


USED = {"date": "known(n)", "number": "n > 2", "money": "n > 2"}
LOOKED_AT = {"date": '"2026-02-30"', "month": '"2026-13"', "number": "1e3", "money": '{"a":1}'}
"""Of each type that is looked at closer something that is none."""


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("declared", "said"), LOOKED_AT.items(), ids=LOOKED_AT)
@pytest.mark.parametrize("kind", ["left", "untold"])
@pytest.mark.parametrize("is_used", [True, False])
@pytest.mark.parametrize("as_of", [None, 5, 30])
def test_a_field_is_looked_at_whoever_reads_it(packed, tmp_path, declared, said, kind, is_used, as_of):
    """what a field cannot be sets an event aside, also where no rule reads it and where it comes later"""
    pack = packed(n=declared, m=declared, where=USED.get(declared, "known(who)") if is_used else "known(who)")
    path = tmp_path / "log.jsonl"
    field = "n" if kind == "left" else "m"
    usual = f'"{field}":3' if declared in ("number", "money") else ""
    path.write_bytes(b"\n".join(line(at, kind, f'"{field}":{said}' if at == 10 else usual) for at in range(20)))
    until = None if as_of is None else Zone("Asia/Shanghai").parse("2026-01-05T08:00:00+08:00") + as_of
    replay = Replay(pack, [JsonLines(path)], as_of=until, carries="all")
    wanted = sorted(encode(one) for one in replay.changes())
    out, slow = io.BytesIO(), PlainLines(pack, path.name)
    try:
        passed = replay_file(load_program(compile_pack(pack, carries_all=True)), path, out, slow=slow, as_of=until)
    except Beyond:  # then the engine does it
        assert out.getvalue() == b""
        return
    assert sorted(out.getvalue().splitlines()) == wanted
    assert (passed.events, passed.later) == (replay.events, replay.later)
    assert [one.code for one in slow.refused] == [one.code for one in replay.refused]


@pytest.mark.usefixtures("way")
def test_a_text_may_say_whose_an_event_is(packed, tmp_path):
    """a text that is nobody's name is left to the engine, others are names"""
    both = Both(packed(who="text"), tmp_path)
    lines = [line(number, "left", f'"who":"{"ab"[number % 2]}"') for number in range(9)]
    assert both.check(lines)
    for said in ("", " "):
        assert not both.check([*lines, line(9, "left", f'"who":"{said}"')])
