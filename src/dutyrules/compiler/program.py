"""Compiling: from a checked pack to a program, or the reasons why a rule needs the whole engine."""

from __future__ import annotations

import datetime as dt
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.calendars.zones import Zone
from dutyrules.compiler.deeming import deemers
from dutyrules.compiler.layouts import FullLayout, Projection
from dutyrules.compiler.pack_texts import have_escapes
from dutyrules.compiler.rules import is_silent
from dutyrules.compiler.source import ModuleWriter
from dutyrules.compiler.views import NotStreamable
from dutyrules.policies.readings import readings_of_count, readings_of_rule, readings_of_value
from dutyrules.policies.syntax import CountRef, FactKind, Pattern, ValueRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.compiler.layouts import Layout
    from dutyrules.policies.model import Pack

FIRST_DAY: Final = dt.date(1970, 1, 2)
LAST_DAY: Final = dt.date(2099, 12, 30)


@attrs.frozen
class Refusal:
    """A rule that a single pass over the log cannot apply, and why."""

    rule: str
    reason: str


class NotCompiled(Exception):
    """A pack with rules that need the whole engine."""

    def __init__(self, pack: Pack, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(f"{len(refusals)} of {len(pack.rules)} rules of `{pack.name}` need the whole engine")
        self.refusals = refusals


def compile_pack(pack: Pack, layout: Layout | None = None, *, carries_all: bool = False) -> str:
    """Return the Python text of a pack as a program; raises `NotCompiled` where some rule needs the whole engine.

    `carries_all` says that silence speaks for every event type, as `carries="all"` does of an engine.
    """
    chosen = layout or FullLayout()

    def text(*, careful: bool) -> str:
        return ModuleWriter(pack, pack.rules.values(), chosen, carries_all=carries_all, careful=careful).write()

    try:
        usual = text(careful=have_escapes(pack))
    except NotStreamable as error:
        found = refused(pack, carries_all=carries_all)
        refusals = tuple(Refusal(name, reason) for name, reason in found.items())
        raise NotCompiled(pack, refusals or (Refusal(pack.name, error.reason),)) from None
    made_for = f"LAYOUT = {laid_out(layout)!r}\nCARRIES_ALL = {carries_all}\n"
    return usual + _constants(pack) + made_for + _careful(text(careful=True))


def laid_out(layout: Layout | None) -> dict[str, object] | None:
    """Return a layout as a program notes it, None for the form in full."""
    if isinstance(layout, Projection):
        return {"sorts": dict(layout.sorts), "keys": dict(layout.keys)}
    return None


def compiles(pack: Pack, *, carries_all: bool = False) -> bool:
    """Tell whether a pack compiles whole, without the reasons if it does not."""
    try:
        ModuleWriter(pack, pack.rules.values(), FullLayout(), carries_all=carries_all).check()
    except NotStreamable:
        return False
    return True


def carries_everything(pack: Pack, carries: Mapping[str, dt.date] | str | None) -> bool:
    """Tell whether silence speaks for every event type at any time, as a caller or else the pack says."""
    if carries is None:
        return pack.carries == {"*": dt.date.min}
    return carries == "all"


def makers(pack: Pack) -> list[str]:
    """Return the rules that make outcomes."""
    return [rule.id for rule in pack.rules.values() if not is_silent(rule)]


def refused(pack: Pack, *, carries_all: bool = False) -> Mapping[str, str]:
    """Return the rules that need the whole engine, each with the first reason."""
    found: dict[str, str] = {}
    for rule in pack.rules.values():
        try:
            needed(pack, rule.id, carries_all=carries_all)
        except NotStreamable as error:
            found[rule.id] = error.reason
    return found


def needed(pack: Pack, name: str, *, carries_all: bool = False) -> list[str]:
    """Return a rule and all that it rests on; raises `NotStreamable` where a single pass cannot apply all of these.

    Beside the rules whose breaches it reads these are the rules that make other facts count as what it reads.
    """
    found = _below(pack, name)
    while True:
        rules = [pack.rules[one] for one in found]
        writer = ModuleWriter(pack, rules, FullLayout(), carries_all=carries_all)
        writer.check()
        more = [one for one in deemers(pack, writer.read(), rules) if one not in found]
        if not more:
            return list(found)
        for one in more:
            found |= _below(pack, one)


def _below(pack: Pack, name: str) -> dict[str, None]:
    """Return a rule and all whose breaches it reacts to or counts."""
    found: dict[str, None] = {}
    waiting = [name]
    seen: set[str] = set()
    while waiting:
        rule = waiting.pop()
        if rule in found:
            continue
        found[rule] = None
        parts = list(readings_of_rule(pack.rules[rule]))
        while parts:
            part = parts.pop()
            if isinstance(part, Pattern) and part.kind is not FactKind.EVENT and part.names[0] in pack.rules:
                waiting += part.names
            elif isinstance(part, CountRef) and part.name not in seen:
                seen.add(part.name)
                parts += readings_of_count(pack.counts[part.name])
            elif isinstance(part, ValueRef) and part.name not in seen:
                seen.add(part.name)
                parts += readings_of_value(pack.values[part.name])
            elif isinstance(part, str) and part in pack.rules:
                waiting.append(part)
    return found


def _constants(pack: Pack) -> str:
    offset, first, last = _plain_days(pack.timezone)
    return (
        f"\n\nPACK = {pack.name!r}\nFILE = {pack.file!r}\nDIGEST = {pack.digest!r}\n"
        f"ZONE = ({pack.timezone!r}, {offset}, {first.isoformat()!r}, {last.isoformat()!r})\n"
    )


def _careful(text: str) -> str:
    """Return the function that builds a program for logs whose texts need escapes, under a name of its own."""
    return "\n\n" + text[text.index("def build(") :].replace("def build(", "def build_careful(", 1)


@cache
def _plain_days(name: str) -> tuple[int, dt.date, dt.date]:
    """Return the offset that a zone has in its last long stretch without a change, and from when to when."""
    zone = Zone(name)
    last = LAST_DAY
    offset = zone.offset(zone.start_of(last))
    first = last
    while first > FIRST_DAY:
        step = max(FIRST_DAY, first - dt.timedelta(days=1))
        if zone.offset(zone.start_of(step)) != offset or zone.offset(zone.end_of(step)) != offset:
            break
        first = step
    return offset, first, last


def load_program(text: str, name: str = "program") -> ModuleType:
    """Return the module that a program's text makes."""
    module = ModuleType(name)
    exec(compile(text, f"<{name}>", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - the text is this compiler's own
    return module
