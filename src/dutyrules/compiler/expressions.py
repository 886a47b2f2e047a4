"""Expressions of a pack as Python expressions over the state of a stream."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.dates import OF_A_DAY, of_a_day
from dutyrules.compiler.incoming import READ_TYPES
from dutyrules.compiler.links import link_of, linked_field
from dutyrules.compiler.lookups import Lookups
from dutyrules.compiler.views import Code, NotStreamable, View, joined
from dutyrules.policies import syntax as s
from dutyrules.policies.model import FieldType
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from dutyrules.compiler.state import State

PLAIN_FUNCTIONS: Final = frozenset({"min", "max", "abs"})
READABLE: Final = READ_TYPES - {FieldType.MONTH}


class Translator:
    """Writes expressions; what it reads of records and counts it asks of the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.lookups = Lookups(state, self)

    def write(self, tree: s.Expression, view: View, this: View | None = None) -> Code:  # noqa: C901, PLR0911, PLR0912 - one case a form
        """Return the code of an expression in a view; `this` is the trigger, seen from inside a pattern."""
        match tree:
            case s.Literal(value):
                return Code(_literal(value))
            case s.Field():
                return self._field(tree, view, this)
            case s.ParameterRef(name):
                return Code(_literal(self._state.parameter(name)))
            case s.CountRef(name, args):
                if args:
                    raise NotStreamable(f"`{name}` is read with arguments")
                return self._state.count(name, view, self.write)
            case s.ValueRef(name):
                value = self._state.pack.values[name]
                if value.chosen_by is not None:
                    raise NotStreamable(f"the formula `{name}` is chosen by a parameter")
                inner = self.write(value.variants[""].tree, view, this)
                return inner.with_(f"({inner.text})")
            case s.Logic(operator, operands):
                parts = [self.write(operand, view, this) for operand in operands]
                return Code("(" + f" {operator} ".join(part.text for part in parts) + ")", _asked(tree, parts))
            case s.Not(operand):
                inner = self.write(operand, view, this)
                return inner.with_(f"(not {inner.text})")
            case s.Compare(operands, operators):
                parts = [self.write(operand, view, this) for operand in operands]
                text = parts[0].text
                for operator, part in zip(operators, parts[1:], strict=True):
                    text += f" {operator.replace('not-in', 'not in')} {part.text}"
                return Code(f"({text})", joined(parts))
            case s.Call("includes", (whole, items)):
                first, second = self.write(whole, view, this), self.write(items, view, this)
                return first.with_(f"set({first.text}).issuperset({second.text})", second)
            case s.Arithmetic(operator, left, right) if operator in ("+", "-", "*"):
                first, second = self.write(left, view, this), self.write(right, view, this)
                return first.with_(f"({first.text} {operator} {second.text})", second)
            case s.Negative(operand):
                inner = self.write(operand, view, this)
                return inner.with_(f"(-{inner.text})")
            case s.Listing(items):
                parts = [self.write(item, view, this) for item in items]
                return Code("(" + "".join(f"{part.text}, " for part in parts) + ")", joined(parts))
            case s.Call("known", (argument,)):
                self._refuse_two_sources(argument, view)
                inner = self.write(argument, view, this)
                known = " and ".join(f"{part} is not None" for part in inner.maybe) or "True"
                return Code(f"({known})")
            case s.Call(function, arguments) if function in PLAIN_FUNCTIONS:
                parts = [self.write(argument, view, this) for argument in arguments]
                return Code(f"{function}({', '.join(part.text for part in parts)})", joined(parts))
            case s.Call(function, arguments) if function in OF_A_DAY:
                parts = [self.write(argument, view, this) for argument in arguments]
                return of_a_day(self._state.pack, tree, parts, view)
            case s.AnyRecord(record, condition):
                return self.lookups.any(record, condition, view, this or view)
        raise NotStreamable(f"it uses {_form(tree)}")

    def _refuse_two_sources(self, argument: s.Expression, view: View) -> None:
        """Refuse to tell whether a field is known that the record may have where the event leaves it out."""
        if view.matter is None or not isinstance(argument, s.Field) or argument.scope is not s.Scope.FACT:
            return
        if argument.name in view.event.fields and self._state.declares(view.matter.record, argument.name):
            raise NotStreamable(f"it asks whether `{argument.name}` is known, of the event or of its record")

    # --- names -------------------------------------------------------------------------------------------------------

    def _field(self, field: s.Field, view: View, this: View | None) -> Code:
        match field.scope:
            case s.Scope.FACT:
                return self.bare(field.name, view)
            case s.Scope.THIS:
                return self.bare(field.name, this or view)
            case s.Scope.MATTER:
                outer = this or view
                kind = field.record or (outer.matter.record.name if outer.matter is not None else None)
                if kind is None:
                    return self.bare(field.name, outer)
                return self._record_field(kind, field.name, outer)
            case s.Scope.RECORD:
                kind = field.record or ""
                return self._record_field(kind, field.name, view if this is None or self._reaches(kind, view) else this)
            case s.Scope.ACT if (this or view).act is not None:
                act = (this or view).act
                assert act is not None  # noqa: S101 - for the type checker
                return self.bare(field.name, act)
            case s.Scope.PERIOD if field.record == "day" and (day := (this or view).of_day) is not None:
                return Code(day)
        raise NotStreamable(f"it reads `{field.name}` of {field.scope.value}")

    def _reaches(self, kind: str, view: View) -> bool:
        record = self._state.pack.records.get(kind)
        return record is not None and all(name in view.event.fields or name == "person" for name in record.key)

    def bare(self, name: str, view: View) -> Code:
        """Return a bare name: the fact's field, else its matter's."""
        if name == "time":
            return Code(view.time)
        if name == "date":
            return self._date(view)
        if name in view.names:
            return Code(view.names[name])
        whose = view.whose or view.person
        if name == "person" and (view.event.person or "person") == "person":
            return Code(whose, (whose,))
        if name == "person":
            own = view.fields(name) if name in view.event.fields else "None"
            text = whose if own == "None" else f"({own} or {whose})"
            return Code(text, (whose,))
        spec = view.event.fields.get(name)
        if spec is None:
            if view.matter is None:
                raise NotStreamable(f"it reads `{name}`, which `{view.event.name}` does not declare")
            return self._of_matter(name, view)
        if spec.type not in READABLE:
            raise NotStreamable(f"it reads `{name}`, which is a {spec.type.value}")
        own = view.fields(name)
        return Code(own) if spec.has_default and spec.default is not None else Code(own, (own,))

    def _date(self, view: View) -> Code:
        """Return the date of a fact: its own, its matter's, or the day on which it happened."""
        matter = view.matter
        if view.outcome_of is not None:
            return Code(view.date)
        if view.event.name not in self._state.pack.events:
            raise NotStreamable("it reads `date` of a record")
        ways = [] if view.stated_date is None else [view.stated_date]
        if matter is not None and ("date" in matter.record.key or self._state.declares(matter.record, "date")):
            ways.append(self._state.record_field(matter.record, "date", matter.variable).text)
        ways += [view.matter_date] if view.matter_date is not None else [*view.keyed_dates, view.began_date]
        return Code(f"({' or '.join(ways)})" if len(ways) > 1 else ways[0])

    def _of_matter(self, name: str, view: View) -> Code:
        assert view.matter is not None  # noqa: S101 - callers have looked
        return self._state.record_field(view.matter.record, name, view.matter.variable)

    def _record_field(self, kind: str, name: str, view: View) -> Code:
        link = None if view.matter is None else link_of(view.matter.record, kind)
        if view.matter is not None and link is not None:
            return linked_field(self._state, link, view, name)
        if view.matter is not None and view.matter.record.name == kind:
            return self._of_matter(name, view)
        record = self._state.pack.records.get(kind)
        if record is None:
            raise NotStreamable(f"it follows the link `{kind}`")
        found = self._state.found(record, [self.bare(name, view) for name in record.key])
        inner = self._state.record_field(record, name, found)
        return Code(f"(None if {found} is None else {inner.text})", (f"(None if {found} is None else {inner.text})",))


def _asked(tree: s.Logic, parts: list[Code]) -> tuple[str, ...]:
    """Return what has to be known of a connective: nothing of what comes after a question that has decided it.

    Such a question asks whether something is known, as it is put before what reads it.
    """
    found: dict[str, None] = {}
    decided: list[str] = []
    for operand, part in zip(tree.operands, parts, strict=True):
        test = f" {tree.operator} ".join(decided)
        for one in part.maybe:
            if not decided:
                found[one] = None
            elif tree.operator == "or":
                found[f"(True if {test} else {one})"] = None
            else:
                found[f"({one} if {test} else True)"] = None
        if not part.maybe and any(isinstance(one, s.Call) and one.function == "known" for one in walk(operand)):
            decided.append(part.text)
    return tuple(found)


def _literal(value: object) -> str:
    if isinstance(value, bool | int | str):
        return repr(value)
    if isinstance(value, tuple):
        return "(" + "".join(f"{_literal(one)}, " for one in value) + ")"
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else f"Decimal({str(value)!r})"
    raise NotStreamable("it compares with a value that is no number, text or truth value")


def _form(tree: s.Expression) -> str:
    if isinstance(tree, s.Call):
        return f"`{tree.function}`"
    if isinstance(tree, s.Arithmetic):
        return f"`{tree.operator}`"
    return type(tree).__name__
