"""The text of a compiled pack: a Python module that a person can read."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.coinciding import Coincidences, is_told
from dutyrules.compiler.dates import NEEDS_DAYS, calendar_lines, days_made, imported
from dutyrules.compiler.functions import Functions
from dutyrules.compiler.handlers import Handlers
from dutyrules.compiler.incoming import FIGURES, fields
from dutyrules.compiler.locality import is_local, meetings
from dutyrules.compiler.loop import loop
from dutyrules.compiler.periodic import owe, rounds
from dutyrules.compiler.retaining import sweeping
from dutyrules.compiler.sections import Writer
from dutyrules.compiler.state import gone, kept_for
from dutyrules.compiler.untied import table
from dutyrules.compiler.views import named
from dutyrules.policies.model import WindowKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.compiler.families import Waiting
    from dutyrules.compiler.functions import Made
    from dutyrules.compiler.layouts import Layout
    from dutyrules.compiler.sections import Part
    from dutyrules.policies.model import Pack, Rule

IMPORTS = """
from collections import defaultdict
from heapq import heappop, heappush
from itertools import count as counting

from dutyrules.compiler.stream import COMMA, Q, J, P, key_part, listed, named, running, several, since, with_care
from dutyrules.compiler.forgetting import Keeping, Sweeper
from dutyrules.compiler.gone import Gone
from dutyrules.compiler.lines import slotted
from dutyrules.compiler.crowds import Coinciding, Crowd
from dutyrules.compiler.stream import Late, Unsure, idle
"""
STATE = """
wheel = defaultdict(list)
deadlines = []
span = alarm = -(1 << 62)
serial = counting()
now = -(1 << 62)
last = None
crowd = Crowd(types, LEAVES, MEETS, RANKS, local=LOCAL)
coinciding = Coinciding(types, TRACES, FEELS, BESIDE, apart=APART)
"""
USED: Final = {
    "let_go": "from dutyrules.compiler.forgetting import let_go",
    "still": "from dutyrules.compiler.forgetting import still",
    "Decimal": "from decimal import Decimal",
    "reasons": "from dutyrules.compiler.stream import NOBODY, reasons",
    " unsure": "from dutyrules.compiler.stream import unsure",
    "rulings.rule": "from dutyrules.compiler.rulings import Rulings",
}
"""What is imported where a function calls it."""


class ModuleWriter:
    """Writes the module for some rules of a pack."""

    def __init__(
        self, pack: Pack, rules: Iterable[Rule], layout: Layout, *, carries_all: bool, careful: bool = False
    ) -> None:
        self._pack = pack
        self._handlers = Handlers(pack, rules, layout, carries_all=carries_all, careful=careful)
        self._writer = self._handlers.writer
        self._state = self._handlers.state

    def read(self) -> set[str]:
        """Return the event types that a rule, a record or a count of these rules reads."""
        return self._handlers.read()

    def check(self) -> None:
        """Raise `NotStreamable` where some rule needs the whole engine; no text is made, which takes far longer."""
        self._handlers.write()

    def write(self) -> str:
        """Return the module's text; raises `NotStreamable` where some rule needs the whole engine."""
        self._handlers.write()
        texts = Functions(self._handlers)
        made = texts.made()
        functions = made.functions
        read = {part.view.event.name: texts.read(part) for part in self._handlers.events}
        body = "\n".join(line for lines in functions for line in lines)
        days = days_made(self._state.reckoners) if NEEDS_DAYS.search(body) else []
        out = Writer()
        out(f'"""`{self._pack.name}` as a program: written by `dutyrules compile`, not by hand."""')
        out.all(IMPORTS)
        out.all("\n".join(self._imports(body, read, structs=not made.slots.keys() <= made.plain)))
        named_there = imported("\n".join([*days, body]))
        if named_there:
            out(f"from dutyrules.compiler.day_tables import {', '.join(named_there)}")
        self._events(out, read)
        for name, mine in made.slots.items():
            _class(out, name, mine, plain=name in made.plain)
        self._instants(out)
        if days:
            out("")
            out.all("\n".join(calendar_lines(self._pack)))
        self._build(out, made, days)
        return "\n".join(out.lines) + "\n"

    def _imports(self, body: str, read: dict[str, set[str]], *, structs: bool) -> Iterator[str]:
        """Yield what only some programs need."""
        writer = self._writer
        if structs:
            yield "from msgspec import Struct"
        yield from writer.untied.imports()
        if self._state.lists:
            yield "from dutyrules.compiler.forgetting import Listed, Lists"
        yield from writer.excuses.imports()
        if re.search(r"\bleft\(", body):
            yield "from dutyrules.compiler.stream import left"
        events = [part.view.event for part in self._handlers.events]
        if any(event.fields[name].type in FIGURES for event in events for name in read[event.name]):
            yield "from dutyrules.compiler.figures import figure"
        if any(isinstance(spec.default, Decimal) for event in events for spec in event.fields.values()):
            yield "from decimal import Decimal"
        yield from (line for name, line in USED.items() if f"{name}(" in body)
        for family in (writer.gaps, writer.periodic, writer.needs):
            yield from family.imports()

    def _events(self, out: Writer, read: dict[str, set[str]]) -> None:
        """Write what is decoded of events: the fields that rules read, and those that are only looked at."""
        events = [part.view.event for part in self._handlers.events]
        for name, rest in (("READ", False), ("REST", True)):
            out("")
            with out.under(f"{name} = {{"):
                for event in events:
                    out(f"{event.name!r}: {fields(event, read[event.name], rest=rest)},")
            out("}")

    def _instants(self, out: Writer) -> None:
        """Write what tells whether events of one instant leave each other alone."""
        out("")
        out("")
        out(f"LOCAL = {is_local(self._state)}")
        ordered = {table(rule) for rule in self._writer.untied.standing() if rule.one_act == "oldest"}
        leaves, meets, ranks = meetings(self._handlers.events, self._state, ordered)
        met = self._missed()
        out(f"SEEKS = {bool(self._state.sought or self._state.lists)}")
        out(f"APART = {is_local(self._state) and not self._state.borne_by_others}")
        out(f"RANKS = frozenset(({''.join(f'{number}, ' for number in ranks)}))")
        tables = (("LEAVES", leaves), ("MEETS", meets), ("TRACES", met.traces), ("FEELS", met.feels))
        for name, marks in (*tables, ("BESIDE", met.beside)):
            with out.under(f"{name} = {{"):
                for kind, mine in marks.items():
                    out(f"{kind!r}: {tuple(mine)!r},")
            out("}")

    def _missed(self) -> Coincidences:
        """Return what of an instant matters to what is missed then."""
        told: list[Waiting] = []
        others: list[Waiting] = []
        for family, waiting in self._handlers.waiting.items():
            for one in waiting:
                if self._handlers.rests_on(one.rule):
                    is_one = family is self._writer.owed and is_told(one, self._state)
                    (told if is_one else others).append(one)
        return Coincidences(self._handlers.events, told, others, self._state)

    # --- what runs --------------------------------------------------------------------------------------------------

    def _build(self, out: Writer, made: Made, days: list[str]) -> None:
        with out.spaced("def build(clock, output, types):"):
            out("out, instant, iso = output.append, clock.instant, clock.iso")
            out.all("\n".join(made.forms))
            out.all("\n".join([*days, *self._tables()]))
            out.all(STATE.strip("\n"))
            held = any("held.append(" in line for lines in made.functions for line in lines)
            if held:
                out.all("held = []\nnear = -(1 << 62)")
            for lines in made.functions:
                out("")
                out.all("\n".join(lines))
            sweeper = self._sweeper()
            self._dispatch(out, sweeper)
            looks, rounds = bool(self._writer.lasting.rules), bool(self._writer.periodic.rules)
            settles, felt = "[wanted_" in sweeper, len(self._felt()) < len(self._handlers.all_waiting())
            turns = bool(self._periods() or sweeper)
            beside = bool(self._missed().beside)
            out.all(
                loop(periods=turns, settles=settles, felt=felt, rounds=rounds, looks=looks, beside=beside, held=held)
            )

    def _tables(self) -> Iterator[str]:
        """Yield the lines that make what holds records, counts and all that rules remember."""
        for use in self._state.records.values():
            yield f"{use.table} = {{}}"
            if kept_for(self._pack, use.record.name) is not None:
                yield f"{gone(use)} = Gone()"
        for listed in self._state.lists.values():
            yield f"{listed} = Listed()"
        for count in self._state.counts.values():
            yield f"{named('count', count.name)} = {{}}"
        for family in self._writer.families:
            yield from family.tables()
        if any("rulings.rule(" in line for part in self._handlers.events for line in part.rules.lines):
            yield "rulings = Rulings(clock.aside.append)"

    def _dispatch(self, out: Writer, sweeper: str) -> None:
        """Write which function is called for what."""
        out("")
        with out.under("handlers = {"):
            for part in self._handlers.events:
                out(f"types[{part.view.event.name!r}]: {'idle' if part.is_idle else part.name},")
        out("}")
        waiting = [one for family in self._writer.families for one in self._handlers.waiting.get(family, ())]
        out(f"misses = {{{', '.join(f'{one.class_name}: {one.part.name}' for one in waiting)}}}")
        rules = self._writer.periodic.rules.values()
        if rules:
            begins = ", ".join(f"({rounds(rule)}, {named('begin', rule.id)}, {owe(rule)})" for rule in rules)
            out(f"rounds = Rounds(clock, [{begins}])")
        felt = self._felt()
        if len(felt) < len(waiting):
            out(f"felt = frozenset(({''.join(f'{name}, ' for name in felt)}))")
        looks = "".join(f"{name}, " for name in self._writer.lasting.slots())
        if looks:
            out(f"looks = frozenset(({looks}))")
        counted = self._periods()
        if sweeper:
            out(f"sweeper = {sweeper}")
            counted.setdefault("month", [])
        if counted:
            pairs = ", ".join(f"{kind!r}: [{', '.join(tables)}]" for kind, tables in counted.items())
            out(f"periods = clock.periods({{{pairs}}}{', sweeper' if sweeper else ''})")
            out("turn = periods.next")

    def _felt(self) -> list[str]:
        """Return the classes of what waits of which a miss may be seen by events of its instant."""
        return [one.class_name for one in self._handlers.all_waiting() if self._handlers.rests_on(one.rule)]

    def _sweeper(self) -> str:
        writer = self._writer
        return sweeping(self._state, writer.duties, [*writer.excuses.standing(), *writer.untied.standing()])

    def _periods(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for count in self._state.counts.values():
            if count.window in (WindowKind.DAY, WindowKind.MONTH, WindowKind.YEAR):
                found.setdefault(count.window.value, []).append(named("count", count.name))
        return found


def _by_type(parts: list[Part], prefix: str) -> str:
    names = [part.view.event.name for part in parts]
    return ", ".join(f"{name!r}: {named(prefix, name)}" for name in names)


def _class(out: Writer, name: str, slots: tuple[str, ...], *, plain: bool) -> None:
    """Write the class of records or duties."""
    if plain:
        out("")
        out(f"{name} = slotted({name!r}, {slots!r})")
        return
    with out.spaced(f"class {name}(Struct, gc=False):"):
        out.all("\n".join(f"{slot}: object" for slot in slots))
        out.fill()
