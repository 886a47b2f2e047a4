"""Conditions and sums in words; every form of the syntax has its wording here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

import attrs

from dutyrules.handbook.text import figure
from dutyrules.policies import syntax
from dutyrules.policies.functions import FUNCTIONS
from dutyrules.policies.syntax import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dutyrules.handbook.words import Words
    from dutyrules.policies.syntax import Expression

NUMBER: Final = "number"
MOMENT: Final = "moment"
OTHER: Final = "other"
_OPPOSITE: Final = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "in": "not-in",
    "not-in": "in",
}
_WORD: Final = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "in": "in",
    "not-in": "not_in",
}
_SIGN: Final = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_RISING: Final = frozenset({"<", "<="})
_NUMBERS: Final = frozenset({"money", "number", "int"})


@attrs.frozen
class Expressions:
    """Words expressions; `inside` is true in a condition about another record, whose fields are `its`."""

    words: Words
    inside: bool = False

    # --- values -------------------------------------------------------------------------------------------------------

    def value(self, tree: Expression) -> str:  # noqa: PLR0911 - one return for each form
        """Return what an expression stands for."""
        say = self.words
        match tree:
            case syntax.Literal(value=value):
                return say.value(value)
            case syntax.Field():
                return self.field(tree)
            case syntax.ParameterRef(name=name):
                return say.parameter(name)
            case syntax.CountRef(name=name, args=args):
                listed = say.all_of([self.value(one) for one in args])
                return say("count_of", name=say.count(name), args=listed) if args else say.count(name)
            case syntax.ValueRef(name=name):
                return say.declared(name)
            case syntax.Listing(items=items):
                return say.any_of([self.value(one) for one in items]) if items else say("empty_list")
            case syntax.Call(function=function, arguments=arguments):
                return self._call(function, arguments)
            case syntax.OpenCount(record=record):
                return say("open_count", record=say.record(record))
            case syntax.Arithmetic() | syntax.Negative():
                return self._sum(tree)
            case syntax.Logic() | syntax.Not() | syntax.Compare() | syntax.AnyRecord():
                return say("whether", condition=self.holds(tree))
            case _:
                assert_never(tree)

    def _sum(self, tree: syntax.Arithmetic | syntax.Negative) -> str:
        if isinstance(tree, syntax.Negative):
            return f"−{self._operand(tree.operand)}"
        left, right = self._operand(tree.left, tree), self._operand(tree.right, tree, right=True)
        if tree.operator in _SIGN:
            return f"{left} {_SIGN[tree.operator]} {right}"
        return self.words("whole_part" if tree.operator == "//" else "remainder", left=left, right=right)

    def _operand(self, tree: Expression, above: syntax.Arithmetic | None = None, *, right: bool = False) -> str:
        said = self.value(tree)
        if not isinstance(tree, syntax.Arithmetic | syntax.Negative):
            return said
        loose = isinstance(tree, syntax.Negative) or tree.operator in "+-"
        bracketed = above is None or right or above.operator not in "+-"
        return self.words("brackets", text=said) if bracketed and (loose or right) else said

    def _call(self, function: str, arguments: Sequence[Expression]) -> str:
        said = [self.value(one) for one in arguments]
        parts = {f"a{index}": one for index, one in enumerate(said)}
        if function in ("min", "max"):
            return self.words(f"call_{function}", list=self.words.all_of(said))
        if function in ("known", "is_working_day", "includes"):
            return self.words("whether", condition=self.holds(syntax.Call(function, tuple(arguments))))
        return self.words(f"call_{function}_{len(said)}", **parts)

    def field(self, tree: syntax.Field) -> str:
        """Return a field by the thing that has it."""
        say, name = self.words, self.words.name(tree.name, _kind_of_name(tree))
        if tree.type == "bool" and tree.scope is Scope.FACT:
            return name if say.flag(tree.name, holds=True) is not None else say("whether_marked", name=name)
        match tree.scope:
            case Scope.FACT:
                return say("its", name=name) if self.inside else say("bare", name=name)
            case Scope.MATTER if tree.record is None:
                return say("bare", name=name)
            case Scope.MATTER | Scope.RECORD:
                return self._of_record(tree, tree.record or "")
            case Scope.THIS:
                return say("of_this", name=name)
            case Scope.ACT:
                return say("of_act", name=name)
            case Scope.PERIOD:
                return self._of_period(tree)
            case _:
                assert_never(tree.scope)

    def _of_record(self, tree: syntax.Field, record: str) -> str:
        say, declared = self.words, self.words.pack.records.get(record)
        is_a_person = declared is not None and any("staff_record" in pattern.names for pattern in declared.opens)
        if tree.name == "person" and is_a_person:
            return say("the_record", record=say.record(record))
        kind = "person" if tree.type == "text" and say.holds_person(record, tree.name) else tree.type
        return say("of_record", name=say.name(tree.name, kind), record=say.record(record))

    def _of_period(self, tree: syntax.Field) -> str:
        period = self.words(f"the_{tree.record}") if tree.record else ""
        key = f"period_{tree.name}"
        if self.words.has(key):
            if tree.record == "day" and tree.name == "start":
                return period
            return self.words(key, period=period)
        return self.words("of_record", name=self.words.name(tree.name), record=period)

    # --- conditions ---------------------------------------------------------------------------------------------------

    def holds(  # noqa: PLR0911 - one return for each form
        self, tree: Expression, *, negated: bool = False, nested: bool = False
    ) -> str:
        """Return the condition in words; `negated`: that it does not hold."""
        say = self.words
        match tree:
            case syntax.Logic():
                return self._logic(tree, negated=negated, nested=nested)
            case syntax.Not(operand=operand):
                return self.holds(operand, negated=not negated, nested=nested)
            case syntax.Compare():
                return self._compare(tree, negated=negated)
            case syntax.AnyRecord(record=record, condition=condition):
                return self._any(record, condition, negated=negated)
            case syntax.Field():
                return self._flag(tree, holds=not negated)
            case syntax.Literal(value=bool() as value):
                return say("always" if value is not negated else "never")
            case syntax.Call(function="known", arguments=(asked,)):
                return say("unknown" if negated else "known", a=self.value(asked))
            case syntax.Call(function="is_working_day", arguments=(day,)):
                return say("no_working_day" if negated else "working_day", a=self.value(day))
            case syntax.Call(function="includes", arguments=(whole, parts)):
                return say("lacks" if negated else "contains", a=self.value(whole), b=self.value(parts))
            case syntax.ParameterRef(name=name):
                now = say.values_of(say.pack.parameters[name])
                return say("option_off" if negated else "option_on", name=say.declared(name), now=now)
            case (
                syntax.Literal()
                | syntax.CountRef()
                | syntax.ValueRef()
                | syntax.Arithmetic()
                | syntax.Negative()
                | syntax.Listing()
                | syntax.Call()
                | syntax.OpenCount()
            ):
                return say("is_not_so" if negated else "is_so", a=self.value(tree))
            case _:
                assert_never(tree)

    def _logic(self, tree: syntax.Logic, *, negated: bool, nested: bool) -> str:
        operands = [self.holds(one, nested=True) for one in tree.operands]
        if negated:
            return self.words(f"not_{tree.operator}", list=self.words("semicolon").join(operands))
        if tree.operator == "and":
            said = self.words("and_conditions").join(operands)
        else:
            said = self.words("either", list=self.words("or_conditions").join(operands))
        return self.words("brackets", text=said) if nested else said

    def _flag(self, tree: syntax.Field, *, holds: bool) -> str:
        say = self.words
        if tree.name in say.pack.events and say.flag(tree.name, holds=holds) is None:
            return self._with_owner(
                say("happened" if holds else "not_happened", event=say.event(tree.name, quoted=True)), tree
            )
        said = say.flag(tree.name, holds=holds)
        if said is None:
            said = say("marked" if holds else "not_marked", name=say.name(tree.name))
        return self._with_owner(said, tree)

    def _with_owner(self, said: str, tree: syntax.Field) -> str:
        """Say whose flag it is, where that is another record's, the trigger's or the act's."""
        if tree.scope is Scope.RECORD:
            return self.words("flag_of", owner=self.words.record(tree.record or ""), said=said)
        if tree.scope in (Scope.THIS, Scope.ACT):
            return self.words("flag_of", owner=self.words(f"owner_{tree.scope.value}"), said=said)
        return said

    def _any(self, record: str, condition: Expression | None, *, negated: bool) -> str:
        say = self.words
        if condition is None:
            return say("none_open" if negated else "some_open", record=say.record(record))
        inner = attrs.evolve(self, inside=True).holds(condition)
        return say("there_is_no" if negated else "there_is", record=say.record(record), condition=inner)

    # --- comparisons --------------------------------------------------------------------------------------------------

    def _compare(self, tree: syntax.Compare, *, negated: bool) -> str:
        if len(tree.operators) == 1:
            operator = _OPPOSITE[tree.operators[0]] if negated else tree.operators[0]
            return self._pair(tree.operands[0], operator, tree.operands[1])
        if len(tree.operators) == 2 and _RISING.issuperset(tree.operators):  # noqa: PLR2004 - a <= x <= b
            said = self._between(tree)
        else:
            pairs = zip(tree.operands, tree.operators, tree.operands[1:], strict=False)
            said = self.words("and_conditions").join(self._pair(*pair) for pair in pairs)
        return self.words("not_so", condition=said) if negated else said

    def _between(self, tree: syntax.Compare) -> str:
        low, asked, high = (self.value(one) for one in tree.operands)
        first, last = tree.operators
        return self.words(
            "between",
            a=asked,
            low=low,
            high=high,
            low_end=self.words("included" if first == "<=" else "excluded"),
            high_end=self.words("included" if last == "<=" else "excluded"),
        )

    def _pair(self, left: Expression, operator: str, right: Expression) -> str:
        special = self._special(left, operator, right)
        if special is not None:
            return special
        kind = NUMBER if NUMBER in (self._sort(left), self._sort(right)) else self._sort(left)
        kind = MOMENT if MOMENT in (self._sort(left), self._sort(right)) else kind
        word = _WORD[operator]
        key = f"{word}_{kind}" if self.words.has(f"{word}_{kind}") else word
        return self.words(key, a=self._asked(left), b=self._compared(left, right))

    def _asked(self, tree: Expression) -> str:
        """Return the left side of a comparison; of an option it is the name that is asked about."""
        if isinstance(tree, syntax.ParameterRef) and self._sort(tree) == OTHER:
            say = self.words
            return say("option", name=say.declared(tree.name), now=say.values_of(say.pack.parameters[tree.name]))
        return self.value(tree)

    def _compared(self, left: Expression, right: Expression) -> str:
        """Return the right side; the words that a field can have are read as those of this field."""
        if isinstance(right, syntax.Literal) and isinstance(right.value, int) and self._sort(left) == NUMBER:
            return figure(right.value) if not isinstance(right.value, bool) else self.value(right)
        return self.value(right)

    def _special(self, left: Expression, operator: str, right: Expression) -> str | None:
        """Return the words of a comparison that has shorter ones of its own."""
        say = self.words
        if right == syntax.Listing(()):
            return say("not_empty" if operator == "!=" else "is_empty", a=self.value(left))
        if right == syntax.Literal(None):
            return say("known" if operator == "!=" else "unknown", a=self.value(left))
        if isinstance(left, syntax.Call) and left.function == "weekday":
            word = "falls_on" if operator in ("==", "in") else "not_falls_on"
            return say(word, a=self.value(left.arguments[0]), days=self.value(right).translate(_UNQUOTED))
        if self._is_same(left, right) and operator in ("==", "!="):
            assert isinstance(left, syntax.Field)  # noqa: S101 - what `_is_same` found
            return say("same" if operator == "==" else "not_same", name=say.name(left.name, _kind_of_name(left)))
        return None

    def _is_same(self, left: Expression, right: Expression) -> bool:
        """Tell whether a field is compared with the trigger's own of that name."""
        return (
            isinstance(left, syntax.Field)
            and isinstance(right, syntax.Field)
            and left.name == right.name
            and (left.scope, right.scope) == (Scope.FACT, Scope.THIS)
        )

    def _sort(self, tree: Expression) -> str:
        """Tell whether an expression is a number, a moment or something else."""
        match tree:
            case syntax.Literal(value=value):
                return OTHER if isinstance(value, bool | str) or value is None else NUMBER
            case syntax.Field(type=kind):
                return {"number": NUMBER, "date": MOMENT, "time": MOMENT}.get(kind, OTHER)
            case syntax.ParameterRef(name=name):
                kind = self.words.pack.parameters[name].type
                return NUMBER if kind in _NUMBERS else MOMENT if kind == "date" else OTHER
            case syntax.Call(function=function):
                return NUMBER if FUNCTIONS[function].result.name == NUMBER else OTHER
            case syntax.CountRef() | syntax.ValueRef() | syntax.Arithmetic() | syntax.Negative() | syntax.OpenCount():
                return NUMBER
            case _:
                return OTHER


_UNQUOTED: Final = str.maketrans("", "", "“”‘’\"'")


def _kind_of_name(tree: syntax.Field) -> str:
    """Return by which kind a field's name is looked up: a text may be a person, a date the day of something."""
    return tree.type
