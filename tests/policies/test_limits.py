"""What would be read or run without end is refused when a pack is checked, and checking itself always ends soon."""

from __future__ import annotations

import time

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.limits import MOST_PERMISSIONS
from dutyrules.policies.load import check_packs, check_text
from dutyrules.policies.outcome_fields import MOST_LAYERS

HEAD = "pack: demo\ncalendar: none\nevents: {called: {fields: {number: text, length: int, person: person}}}\n"
CALL = {"id": "e1", "type": "called", "time": "2026-01-15T12:00:00+08:00", "data": {"number": "1", "person": "li"}}
SOON = 5


def check(text):
    """Check a pack with one event type of its own."""
    return check_text(HEAD + text)


def faults(text):
    """Return the codes of what keeps a pack from loading, each once."""
    return sorted({each.code for each in check(text).diagnostics if each.is_error})


def listed(section, entries, last="{kind: prohibition, when: called, if: number == '1'}"):
    """Write a section, each entry in a line, and a rule beside it."""
    rules = section == "rules"
    lines = [f"{section}:", *(f" {each}" for each in entries), *([] if rules else ["rules:"]), f" last: {last}"]
    return "\n".join(lines) + "\n"


def breaches(length):
    """Write a row of rules, each of which is set off by a breach of the one that stands after it."""
    rows = [f"r{n}: {{kind: prohibition, when: breach of r{n + 1}}}" for n in range(length - 2)]
    return listed("rules", [*rows, f"r{length - 2}: {{kind: prohibition, when: breach of last}}"])


def permissions(length, needs="{a: p%d}"):
    """Write a row of permissions, each of which needs the one that stands after it."""
    rows = [f"p{n}: {{kind: permission, needs: {needs.replace('%d', str(n + 1))}}}" for n in range(length)]
    rows.append(f"p{length}: {{kind: permission, if: number == '2'}}")
    return listed("rules", rows, "{kind: prohibition, when: called, unless: p0}")


def formulas(length, formula):
    """Write a row of formulas, each of which reads the one before it."""
    rows = ["v0: 1", *(f"v{n}: {formula.replace('%d', str(n - 1))}" for n in range(1, length))]
    return listed("values", rows, f"{{kind: prohibition, when: called, if: v{length - 1} > 0}}")


def counts(length):
    """Write a row of counts, each of which counts by the one before it."""
    rows = ["c0: {of: called}", *(f"c{n}: {{of: called where c{n - 1} > 0}}" for n in range(1, length))]
    return listed("counts", rows, f"{{kind: prohibition, when: called, if: c{length - 1} > 0}}")


def records(length, text):
    """Write a row of records, each of which rests on the one that stands after it."""
    rows = [f"m{n}: {text.replace('%d', str(n + 1))}" for n in range(length - 1)]
    return listed("records", [*rows, f"m{length - 1}: {{key: number, opens: called, closes: called}}"])


ROWS = {
    "breaches": breaches,
    "permissions": permissions,
    "sums": lambda length: formulas(length, "v%d + 1"),
    "counts": counts,
    "ends of records": lambda length: records(length, "{key: number, opens: end of m%d}"),
    "records that read": lambda length: records(length, "{key: number, opens: called, reads: m%d}"),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("length", [60, 300, 2000])
def test_long_rows_are_refused_soon(row, length):
    """however long the row in which things rest on one another, it is refused with its code and without delay"""
    started = time.process_time()
    assert faults(row(length)) == ["DR514"]
    assert time.process_time() - started < SOON


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_rows_within_the_limit_run(row):
    """what rests on one another in a row of less than the limit loads, and an engine runs it"""
    checked = check(row(MOST_LAYERS - 4))
    assert not checked.failed
    engine = Engine(checked.packs[0])
    engine.feed(CALL)
    assert not engine.set_aside


def test_a_long_row_is_told_once():
    """a row that is too long is told where it first goes beyond the limit, however it stands in the file"""
    told = [each.message for each in check(breaches(200)).diagnostics if each.is_error]
    assert len(told) == 1
    assert "in a row" in told[0]


@pytest.mark.parametrize(
    "text",
    [
        formulas(24, "v%d + v%d"),
        formulas(49, "v%d + v%d"),
        formulas(12, "(v%d + v%d) * (v%d + v%d)"),
        formulas(48, "-(-(-(-(-(-(-(-(-(v%d)))))))))"),
        permissions(24, "{a: p%d, b: p%d}"),
        listed(
            "records",
            ["m: {key: number, opens: called}"],
            "{kind: prohibition, when: called, if: \"any(m, any(m, any(m, any(m, any(m, number == '1')))))\"}",
        ),
    ],
)
def test_what_doubles_is_refused_soon(text):
    """formulas, permissions and looks at records that multiply with each that they name are refused, and soon"""
    started = time.process_time()
    assert faults(text) == ["DR514"]
    assert time.process_time() - started < SOON


def test_permissions_may_branch_within_the_limit():
    """permissions that double a few times are no fault"""
    assert MOST_PERMISSIONS > 2**8
    assert faults(permissions(8, "{a: p%d, b: p%d}")) == []


def test_formulas_that_share_a_figure_are_read():
    """formulas that double a few times are no fault"""
    assert faults(formulas(8, "v%d + v%d")) == []


def test_what_a_formula_reads_through_others_must_be_there():
    """a reader needs what a formula reads by way of others, however often these name one another"""
    text = "values: {a: b + b, b: c + c, c: %s}\nrules: {r: {kind: prohibition, when: called, if: a == 3}}\n"
    assert faults(text % "rings") == ["DR302"]
    assert faults(text % "length") == []


def test_records_that_read_one_another_are_a_circle():
    """records that read one another in a circle are refused as such"""
    text = "records: {m: {key: number, opens: called, reads: n}, n: {key: number, opens: called, reads: m}}\n"
    assert faults(text) == ["DR502"]


@pytest.mark.parametrize(
    "name", ["localtime", "Factory", "posixrules", "right/Asia/Shanghai", "posix/UTC", "asia/shanghai"]
)
def test_zones_that_are_not_the_same_everywhere_are_refused(name):
    """a zone is a name of the IANA list, not what one machine has set or keeps beside it"""
    assert faults(f"timezone: {name}\n") == ["DR207"]


def test_a_very_long_zone_is_refused():
    """a name of many parts is no zone, and the message stays short"""
    told = [each for each in check(f"timezone: {'a/' * 30_000}a\n").diagnostics if each.is_error]
    assert [each.code for each in told] == ["DR207"]
    assert len(told[0].message) < 200


@pytest.mark.parametrize("name", ["a\\0.yaml", "a\\0", "\\x01/b.yaml"])
def test_extends_that_no_file_can_be_called_is_refused(name):
    """a name that holds what no file name can is a pack that is not to be found"""
    assert faults(f'extends: "{name}"\n') == ["DR314"]


@pytest.mark.parametrize("name", ["a\0.yaml", "a\0", "\ud800.yaml", "\ud800"])
def test_a_pack_that_no_file_can_be_called_is_not_found(name):
    """a name that holds what no file name can is told as a pack that does not exist"""
    assert [each.code for each in check_packs(name).diagnostics] == ["DR116"]


def test_half_a_character_in_a_text_is_refused():
    """a text that is no UTF-8 is refused as a file would be"""
    assert faults('title: {en: "\ud800"}\n') == ["DR114"]


LINK = """
records:
  m: {key: number, opens: called, links: {o: latest n of number within %s}}
  n: {key: number, opens: called}
"""
STEP = "rules: {a: {kind: sanction, when: called, step: oral}}\n"
LADDER = "ladders: {l: {per: person, steps: [oral, written, last], %s}}\n" + STEP


@pytest.mark.parametrize(
    "text",
    [
        "counts: {c: {of: called, in: 30 working days}}\nrules: {a: {kind: prohibition, when: called, if: c > 2}}\n",
        "counts: {c: {of: called, in: 30 working hours}}\nrules: {a: {kind: prohibition, when: called, if: c > 2}}\n",
        LADDER % "repeat: {same: class, raise: 1, within: 20 working days}",
        LADDER % "accumulate: {q: {of: oral, reaches: 2, within: 20 working hours, gives: written}}",
        LINK % "3 days",
        LINK % "3 working hours",
    ],
)
def test_looking_back_needs_a_length_of_its_own(text):
    """a count, a ladder and a link cannot look back over time that a calendar would have to know"""
    assert faults(text) == ["DR209"]


BACK = "s: {of: last, reaches: 1, gives: oral}"


@pytest.mark.parametrize(
    "accumulate",
    [
        "q: {of: oral, reaches: 1, gives: oral}",
        "q: {of: oral, reaches: 3, used_up: true, gives: oral}",
        "q: {of: oral, reaches: 1, gives: written}, r: {of: written, reaches: 1, gives: oral}",
        f"q: {{of: oral, reaches: 1, gives: written}}, r: {{of: written, reaches: 1, gives: last}}, {BACK}",
    ],
)
def test_accumulations_that_feed_themselves_are_refused(accumulate):
    """steps that lead to one another in a circle would be given without end"""
    assert faults(LADDER % f"accumulate: {{{accumulate}}}") == ["DR510"]


def test_accumulations_that_lead_upwards_are_read():
    """steps that lead to a higher one, and that to the last, are no circle"""
    upwards = "q: {of: oral, reaches: 3, gives: written}, r: {of: written, reaches: 2, gives: last}"
    assert faults(LADDER % f"accumulate: {{{upwards}}}") == []


@pytest.mark.parametrize("each", [2, 60])
def test_accumulations_that_multiply_are_refused_soon(each):
    """steps of which each gives several of the next are refused before one offence brings thousands"""
    started = time.process_time()
    rows = [f"a{n}_{k}: {{of: s{n}, reaches: 1, gives: s{n + 1}}}" for n in range(20) for k in range(each)]
    steps = ", ".join(f"s{n}" for n in range(21))
    ladder = f"ladders: {{l: {{per: person, steps: [{steps}], accumulate: {{{', '.join(rows)}}}}}}}\n"
    assert faults(ladder + STEP.replace("oral", "s0")) == ["DR510"]
    assert time.process_time() - started < SOON


TO = "a: {kind: definition, when: called, counts_as: check_in, with: {person: person}},"


@pytest.mark.parametrize(
    "rules",
    [
        "a: {kind: definition, when: called, counts_as: called, with: {number: number}}",
        f"{TO} b: {{kind: definition, when: check_in, counts_as: called, with: {{person: person}}}}",
    ],
)
def test_events_that_bring_themselves_about_are_told(rules):
    """a rule that the event it adds can set off again is told, and the pack loads"""
    checked = check(f"rules: {{{rules}}}\n")
    assert not checked.failed
    assert "DR709" in [each.code for each in checked.diagnostics]


def test_what_an_added_event_can_never_meet_is_no_circle():
    """a rule that wants a field to be absent is not set off by an event to which it gives that field"""
    when = "called where not known(number) and person != 'li'"
    rule = f'a: {{kind: definition, when: "{when}", counts_as: called, with: {{number: 1}}}}'
    assert "DR709" not in [each.code for each in check(f"rules: {{{rule}}}\n").diagnostics]
    either = rule.replace(" and ", " or ")
    assert "DR709" in [each.code for each in check(f"rules: {{{either}}}\n").diagnostics]
