"""Whether there is a record of which something holds: found by its whole key, or among all that have a part of it.

`any(record, condition)` looks at all records of a kind that have been opened so far, open or closed, as they are now.
It holds where the condition certainly holds of one of them; where it may hold of one and certainly holds of none the
engine is asked, and so it is where that one may have been forgotten.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.locality import is_patient
from dutyrules.compiler.state import GONE, field_slot, kept_for, keyed
from dutyrules.compiler.views import Code, MatterView, NotStreamable, View, joined
from dutyrules.policies import syntax as s
from dutyrules.policies.walk import conjuncts, walk
from dutyrules.runtime.evaluation import equalities

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Record


class Lookups:
    """Writes questions about records of a kind."""

    def __init__(self, state: State, say: Translator) -> None:
        self._state = state
        self._say = say
        self._certainty = Certainty(state, say)
        self._depth = 0

    def any(self, kind: str, condition: s.Expression | None, view: View, this: View) -> Code:
        """Return the code that tells whether there is a record of which a condition holds."""
        record = self._state.pack.records[kind]
        if condition is None:
            raise NotStreamable(f"it looks among all open `{kind}` records")
        wanted = dict(equalities(condition))
        whole = set(record.key) <= wanted.keys()
        rest = _rest(condition, record.key) if whole else [condition]
        if whole and not (rest and record.closes):
            return self._one(record, wanted, rest, view, this)
        return self._scan(record, condition, wanted, view, this)

    def lacking(
        self,
        kind: str,
        condition: s.Expression | None,
        view: View,
        this: View,
        lacks: Callable[[s.Expression, View, View], str],
    ) -> str:
        """Return the code of all that such a question lacks, nothing where it is decided; `lacks` is of a condition."""
        record = self._state.pack.records[kind]
        wanted = dict(equalities(condition))
        whole = set(record.key) <= wanted.keys()
        asked = [] if condition is None else _rest(condition, record.key) if whole else [condition]
        first = [name for name in wanted if name in record.key] or [*wanted][:1]
        if len(asked) > 1 or not set(first) <= {*record.key}:
            raise NotStreamable("what it lacks is not told")
        if whole:
            parts = [self._say.write(wanted[name], view, this) for name in record.key]
            found = self._state.found(record, parts)
            inside = self._inside(record, found, view, asked)
            each = f"() if {found} is None else {lacks(asked[0], inside, this)}" if asked else "()"
            known = " and ".join(f"{one} is not None" for one in joined(parts))
            there = f"unsure({kind!r}, c)"
            if self._may_be_none(record, view):
                there = f"() if not {self._state.use(kind).table} else {there}"
            return f"(({each}) if {known} else {there})" if known else f"({each})"
        if kept_for(self._state.pack, kind) is not None:
            raise NotStreamable("what it lacks is not told")
        records = self._listed(record, asked[0], wanted, view, this)
        self._depth += 1
        one = f"q{self._depth}"
        inside = self._inside(record, one, view, asked)
        certain, each = self._certainty.holds(asked[0], inside, this), lacks(asked[0], inside, this)
        self._depth -= 1
        return f"(() if any({certain} for {one} in {records}) else tuple(w for {one} in {records} for w in {each}))"

    def _one(
        self, record: Record, wanted: dict[str, s.Expression], rest: list[s.Expression], view: View, this: View
    ) -> Code:
        """Return what tells whether the record under a key is such."""
        parts = [self._say.write(wanted[name], view, this) for name in record.key]
        if any(re.search(r"\bq\d\.", part.text) for part in parts):
            raise NotStreamable(f"it looks up a `{record.name}` record for each of others")
        found = self._state.found(record, parts)
        if self._may_be_none(record, view):
            parts = [attrs.evolve(one, maybe=self._unless_none(record, one.maybe)) for one in parts]
        inside = self._inside(record, found, view, rest)
        tests = [self._certainty.holds(part, inside, this) for part in rest]
        text = " and ".join([f"{found} is not None", *tests])
        if not any(self._say.write(part, inside, this).maybe for part in rest):
            plain = [self._say.write(part, inside, this).text for part in rest]
            return Code(f"({' and '.join([f'{found} is not None', *plain])})", joined(parts))
        denied = " or ".join(self._certainty.holds(part, inside, this, wanted=False) for part in rest)
        known = f"(True if {found} is None or ({' and '.join(tests)}) or {denied} else None)"
        return Code(f"({text})", (*joined(parts), known))

    def _may_be_none(self, record: Record, view: View) -> bool:
        """Tell whether it is seen here that there are no records at all, so that nothing need be known of a key."""
        return is_patient(self._state) and view.time == "t" and kept_for(self._state.pack, record.name) is None

    def _unless_none(self, record: Record, maybe: tuple[str, ...]) -> tuple[str, ...]:
        """Return what has to be known of a key where there are records, or may be by the end of the instant."""
        table = self._state.use(record.name).table
        return tuple(f"({one} if {one} is not None or {table} or crowd.bars(t) else True)" for one in maybe)

    def _scan(
        self, record: Record, condition: s.Expression, wanted: dict[str, s.Expression], view: View, this: View
    ) -> Code:
        """Return what tells whether one of all records is such, of those that share some parts of their key."""
        if any(isinstance(part, s.Field) and part.scope is s.Scope.RECORD for part in walk(condition)):
            raise NotStreamable(f"it looks up other records for each `{record.name}` record")
        use = self._state.use(record.name)
        records = self._listed(record, condition, wanted, view, this)
        self._depth += 1
        one = f"q{self._depth}"
        inside = self._inside(record, one, view, [condition])
        certain = self._certainty.holds(condition, inside, this)
        denied = self._certainty.holds(condition, inside, this, wanted=False)
        maybe = self._say.write(condition, inside, this).maybe
        self._depth -= 1
        goes = kept_for(self._state.pack, record.name) is not None
        if goes:
            use.slots.setdefault(GONE, "False")
            certain = f"not {one}.{GONE} and {certain}"
        text = f"any({certain} for {one} in {records})"
        if not maybe and not goes:
            return Code(text)
        return Code(text, (f"(True if {text} or all({denied} for {one} in {records}) else None)",))

    def _listed(
        self, record: Record, condition: s.Expression, wanted: dict[str, s.Expression], view: View, this: View
    ) -> str:
        """Return the code of all records that share some parts of their key."""
        use = self._state.use(record.name)
        fields = tuple(name for name in record.key if name in wanted)
        parts = [self._say.write(wanted[name], view, this) for name in fields]
        codes = dict(zip(fields, (part.text for part in parts), strict=True))
        settled = _is_settled(record, condition)
        self._state.reached(use.table, [codes.get(name, "?") for name in record.key], settled=settled)
        name = self._state.listed(use, fields, settled=settled)
        key = keyed(parts)
        records = f"{name}.get({key.text}, ())" if fields else f"{name}.get(0, ())"
        if not joined(parts):
            return records
        known = " and ".join(f"{part} is not None" for part in joined(parts))
        every = f"{name}.every()" if view.time != "t" else f"crowd.bars(t) or {name}.every()"
        apart = [part for part in conjuncts(condition) if all(map(_is_of_trigger, walk(part)))]
        denied = " or ".join(self._certainty.holds(part, view, this, wanted=False) for part in apart)
        every = f"() if {denied} else {every}" if denied else every  # no record can be such
        return f"({records} if {known} else {every})"

    def _inside(self, record: Record, variable: str, view: View, asked: list[s.Expression]) -> View:
        """Return the view of a record from inside: its own fields only."""
        nothing = attrs.evolve(view.event, fields={}, name=record.name)
        person = "None"
        read = any(isinstance(part, s.Field) and part.name == "person" for one in asked for part in walk(one))
        if read and ("person" in record.key or self._state.declares(record, "person")):
            self._state.use(record.name).fields["person"] = None
            person = f"{variable}.{field_slot('person')}"
        return attrs.evolve(
            view, event=nothing, matter=MatterView(record, variable), extra=(), person=person, whose=None
        )


def _rest(condition: s.Expression, key: tuple[str, ...]) -> list[s.Expression]:
    """Return what is asked beside the key, of which each part is asked once."""
    asked: set[str] = set()
    left = []
    for part in conjuncts(condition):
        name = next((name for name, _tree in equalities(part)), None)
        if name in key and name not in asked:
            asked.add(str(name))
        else:
            left.append(part)
    return left


def _is_of_trigger(part: s.Expression) -> bool:
    """Tell whether a part of a condition reads nothing but what set the rule off."""
    match part:
        case s.Field(scope=scope):
            return scope is s.Scope.THIS
        case s.AnyRecord() | s.CountRef() | s.OpenCount() | s.ValueRef():
            return False
    return True


def _is_settled(record: Record, condition: s.Expression) -> bool:
    """Tell whether a condition asks for records that were opened before this instant, and for nothing that changes."""
    before = any(
        isinstance(part, s.Compare)
        and part.operators == ("<",)
        and [(one.scope, one.name) for one in part.operands if isinstance(one, s.Field)]
        == [(s.Scope.FACT, "opened"), (s.Scope.THIS, "time")]
        for part in conjuncts(condition)
    )
    fields = [one for one in walk(condition) if isinstance(one, s.Field) and one.scope is s.Scope.FACT]
    around = any(isinstance(one, s.CountRef | s.AnyRecord | s.OpenCount | s.ValueRef) for one in walk(condition))
    return before and not around and all(one.name in ("opened", *record.key) for one in fields)
