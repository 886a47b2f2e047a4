"""A condition as clauses: what must be so for it to hold, and what must be so for it to fail.

Both are alternatives of atoms, each atom one comparison that durable-rules makes. An atom needs the fields that it
reads, so where a field is missing neither side can come about: the condition is undecidable, as it is natively.
"""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.matchers import linear
from dutyrules.matchers.inexpressible import InexpressibleError
from dutyrules.matchers.operands import Form, Operands
from dutyrules.policies import syntax as s
from dutyrules.runtime.values import Unknown, calculate, compare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.matchers.linear import Reckoned

MOST_ALTERNATIVES: Final = 60
"""How many ways to hold and to fail together: durable-rules looks at no more than 64 branches at a time."""
MOST_ATOMS: Final = 250
"""How many atoms in one alternative."""
MOST_PROPERTIES: Final = 120
"""How many figures one message carries; durable-rules takes 254."""
NEGATED: Final = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
WRITTEN: Final = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
ORDERED: Final = frozenset({"number", "time"})
OF_AN_EVENT: Final = '{"z":0}'
"""What every message carries, and the fact that durable-rules keeps of its own for each state does not."""


@attrs.frozen(order=True)
class Atom:
    """One comparison as durable-rules reads it; a presence guard comes before what rests on it."""

    rank: int
    text: str


Clause = frozenset[Atom]
Clauses = tuple[Clause, ...]
ALWAYS: Final[Clauses] = (frozenset(),)
NEVER: Final[Clauses] = ()


@attrs.frozen
class Sides:
    """The ways in which a condition holds, and those in which it fails."""

    holds: Clauses
    fails: Clauses

    def turned(self) -> Sides:
        """Return the sides of the negation."""
        return Sides(self.fails, self.holds)


def sides_of(tree: s.Expression, operands: Operands) -> Sides:
    """Return the sides of a condition; raises `InexpressibleError` where it has something that cannot be expressed."""
    sides = _Writer(operands).sides(tree)
    atoms = max((len(clause) for clause in (*sides.holds, *sides.fails)), default=0)
    if atoms > MOST_ATOMS or len(operands.names) > MOST_PROPERTIES:
        raise InexpressibleError("it compares more than fits into one rule")
    return sides


def definition(sides: Sides) -> str:
    """Return the rules of a condition as durable-rules reads them: those that hold, `h…`, and those that fail, `f…`."""
    rules = [
        f'"{side}{number}":{{"all":[{{"m":{_joined(clause)}}}]}}'
        for side, clauses in (("h", sides.holds), ("f", sides.fails))
        for number, clause in enumerate(clauses)
    ]
    return "{" + ",".join(rules) + "}"


def _joined(clause: Clause) -> str:
    return f'{{"$and":[{",".join([OF_AN_EVENT, *(atom.text for atom in sorted(clause))])}]}}'


def _both(left: Clauses, right: Clauses) -> Clauses:
    if len(left) * len(right) > MOST_ALTERNATIVES**2:
        raise InexpressibleError(f"it can hold or fail in more than {MOST_ALTERNATIVES} ways")
    return _least(one | other for one, other in product(left, right))


def _either(left: Clauses, right: Clauses) -> Clauses:
    return _least((*left, *right))


def _least(clauses: Iterable[Clause]) -> Clauses:
    """Leave out what another clause covers."""
    kept: list[Clause] = []
    for clause in sorted(set(clauses), key=lambda one: (len(one), sorted(one))):
        if not any(other <= clause for other in kept):
            kept.append(clause)
    if len(kept) > MOST_ALTERNATIVES:
        raise InexpressibleError(f"it can hold or fail in more than {MOST_ALTERNATIVES} ways")
    return tuple(kept)


def _dumped(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _test(op: str, name: str, right: object) -> Atom:
    return Atom(1, _dumped({name: right} if op == "==" else {WRITTEN[op]: {name: right}}))


class _Writer:
    """Writes the parts of one condition."""

    def __init__(self, operands: Operands) -> None:
        self._operands = operands

    def sides(self, tree: s.Expression) -> Sides:  # noqa: PLR0911 - one case a kind of tree
        match tree:
            case s.Literal(bool() as value):
                return _fixed(value)
            case s.Field(type="bool"):
                name = self._operands.name(tree, Form.TRUTH)
                return _one(_test("==", name, right=True), _test("==", name, right=False))
            case s.Not(operand):
                return self.sides(operand).turned()
            case s.Logic(operator, operands):
                return self._logic(operator, operands)
            case s.Compare(operands, operators):
                pairs = zip(operands, operators, operands[1:], strict=False)
                return _all([self._pair(op, left, right) for left, op, right in pairs])
            case s.Call("known", (s.Field() as field,)):
                name = self._operands.name(field, Form.KNOWN)
                return _one(Atom(0, _dumped({"$ex": {name: 1}})), Atom(0, _dumped({"$nex": {name: 1}})))
            case s.Call("known", (s.Literal() | s.Listing(),)):
                return _fixed(value=True)
            case s.Call("includes", (holder, s.Listing(items))):
                if not items:
                    return self._always_once_known(holder)
                return _all([self._pair("in", item, holder) for item in items])
            case s.Call(function, _):
                raise InexpressibleError(f"durable-rules has no `{function}`")
            case _:
                raise InexpressibleError("its truth is not that of a yes-or-no field or of a comparison")

    def _logic(self, operator: str, operands: tuple[s.Expression, ...]) -> Sides:
        if operator == "and":
            return _all([self.sides(operand) for operand in operands])
        return _all([self.sides(operand).turned() for operand in operands]).turned()

    # --- comparisons ---------------------------------------------------------------------------------------------

    def _pair(self, op: str, left: s.Expression, right: s.Expression) -> Sides:
        left, right = _settled(left), _settled(right)
        for side in (left, right):
            if isinstance(side, s.Literal) and side.value is None:
                raise InexpressibleError("durable-rules has no `none`: ask `known(…)`")
        if op in ("in", "not-in"):
            found = self._membership(left, right)
            return found if op == "in" else found.turned()
        if _is_fixed(left) and _is_fixed(right):
            value = compare(op, _value_of(left), _value_of(right))
            return Sides(NEVER, NEVER) if isinstance(value, Unknown) else _fixed(value)
        kinds = {kind_of(left), kind_of(right)}
        if kinds <= ORDERED:
            return self._figures(op, linear.reckoned(left), linear.reckoned(right))
        if kinds == {"date"}:
            return self._plain(op, left, right, Form.DAY)
        if op not in ("==", "!="):
            raise InexpressibleError("only figures, times and dates have an order there")
        found = self._sizes(left, right) if "list" in kinds else self._plain("==", left, right, Form.WORD)
        return found if op == "==" else found.turned()

    def _figures(self, op: str, left: Reckoned, right: Reckoned) -> Sides:
        names = {field: self._operands.name(field, Form.FIGURE) for field in (*left.terms, *right.terms)}
        found = linear.test(op, left, right, names)
        self._operands.largest = min(self._operands.largest, found.largest)
        guards = [self._guard(name) for name in names.values()]
        return Sides(
            (frozenset([*guards, _test(found.operator, found.left, found.right)]),),
            (frozenset([*guards, _test(NEGATED[found.operator], found.left, found.right)]),),
        )

    def _plain(self, op: str, left: s.Expression, right: s.Expression, form: Form) -> Sides:
        """Compare a field with a constant or another field."""
        if isinstance(left, s.Literal):
            left, right, op = right, left, linear.FLIPPED[op]
        if not isinstance(left, s.Field):
            raise InexpressibleError("what it compares is not a field of the event")
        name = self._operands.name(left, form)
        guards: list[Atom] = []
        value: object
        if isinstance(right, s.Field):
            other = self._operands.name(right, form)
            guards, value = [self._guard(name), self._guard(other)], {"$m": other}
        elif isinstance(right, s.Literal):
            value = self._constant(right.value, form)
        else:
            raise InexpressibleError("what it compares with is not a field of the event")
        return Sides(
            (frozenset([*guards, _test(op, name, value)]),), (frozenset([*guards, _test(NEGATED[op], name, value)]),)
        )

    def _constant(self, value: object, form: Form) -> int:
        return value.toordinal() if form is Form.DAY else self._operands.word(value)  # type: ignore[attr-defined]

    def _membership(self, left: s.Expression, right: s.Expression) -> Sides:
        if isinstance(right, s.Listing):
            items = [_settled(item) for item in right.items]
            if not all(isinstance(item, s.Literal) for item in items):
                raise InexpressibleError("a list that it looks into is made of fields")
            if not items:
                return self._always_once_known(left).turned()
            return _all([self._listed(left, item).turned() for item in items]).turned()
        if not (isinstance(right, s.Field) and right.type == "list"):
            raise InexpressibleError("what it looks into is no list")
        holder = self._operands.name(right, Form.WORDS)
        guards: list[Atom] = []
        value: object
        if isinstance(left, s.Field):
            name = self._operands.name(left, Form.WORD)
            guards, value = [self._guard(name)], {"$m": name}
        elif isinstance(left, s.Literal):
            value = self._operands.word(left.value)
        else:
            raise InexpressibleError("what it looks for is not a field of the event")
        among = Atom(1, _dumped({"$iany": {holder: {"$i": value}}}))
        beside = Atom(1, _dumped({"$iall": {holder: {"$neq": {"$i": value}}}}))
        return Sides((frozenset([*guards, among]),), (frozenset([*guards, beside]),))

    def _listed(self, left: s.Expression, item: s.Expression) -> Sides:
        """Compare with one item of a list, as words: equal or not, of whatever type."""
        if isinstance(left, s.Literal) and isinstance(item, s.Literal):
            return _fixed(left.value == item.value)
        return self._plain("==", left, item, Form.WORD)

    def _always_once_known(self, tree: s.Expression) -> Sides:
        """Return what is so of whatever is known: an empty list has none, and all of it is everywhere."""
        if isinstance(tree, s.Field):
            return Sides((frozenset([self._guard(self._operands.name(tree, Form.KNOWN))]),), NEVER)
        if _is_fixed(tree):
            return _fixed(value=True)
        raise InexpressibleError("what it compares is not a field of the event")

    def _sizes(self, left: s.Expression, right: s.Expression) -> Sides:
        """Compare a list with the empty one."""
        if isinstance(left, s.Listing):
            left, right = right, left
        if not (isinstance(left, s.Field) and isinstance(right, s.Listing) and not right.items):
            raise InexpressibleError("lists are compared with the empty list only")
        name = self._operands.name(left, Form.SIZE)
        return _one(_test("==", name, 0), _test("!=", name, 0))

    @staticmethod
    def _guard(name: str) -> Atom:
        return Atom(0, _dumped({"$ex": {name: 1}}))


def _one(holds: Atom, fails: Atom) -> Sides:
    return Sides((frozenset([holds]),), (frozenset([fails]),))


def _fixed(value: bool) -> Sides:  # noqa: FBT001 - a truth value is what it is made of
    return Sides(ALWAYS, NEVER) if value else Sides(NEVER, ALWAYS)


def _all(parts: list[Sides]) -> Sides:
    holds, fails = ALWAYS, NEVER
    for part in parts:
        holds, fails = _both(holds, part.holds), _either(fails, part.fails)
    if len(holds) + len(fails) > MOST_ALTERNATIVES:
        raise InexpressibleError(f"it can hold or fail in more than {MOST_ALTERNATIVES} ways")
    return Sides(holds, fails)


def _settled(tree: s.Expression) -> s.Expression:
    """Return what a tree of constants comes to, other trees as they are."""
    match tree:
        case s.Negative(operand):
            return _settled(s.Arithmetic("-", s.Literal(0), operand))
        case s.Arithmetic(op, left, right):
            first, second = _settled(left), _settled(right)
            if isinstance(first, s.Literal) and isinstance(second, s.Literal):
                value = calculate(op, first.value, second.value)
                if not isinstance(value, Unknown):
                    return s.Literal(value)
            return s.Arithmetic(op, first, second)
        case _:
            return tree


def _is_fixed(tree: s.Expression) -> bool:
    return isinstance(tree, s.Literal) or (isinstance(tree, s.Listing) and all(map(_is_fixed, tree.items)))


def _value_of(tree: s.Expression) -> object:
    if isinstance(tree, s.Listing):
        return tuple(map(_value_of, tree.items))
    return tree.value if isinstance(tree, s.Literal) else None


def kind_of(tree: s.Expression) -> str:
    """Return the type of what is compared, by the names that fields have."""
    match tree:
        case s.Field(type=kind):
            return kind
        case s.Literal(value):
            return _kind_of_value(value)
        case s.Listing():
            return "list"
        case s.Arithmetic():
            return "number"
        case s.Call(function, _):
            raise InexpressibleError(f"durable-rules has no `{function}`")
        case _:
            return "any"


def _kind_of_value(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    names = {"int": "number", "Decimal": "number", "str": "text", "date": "date", "tuple": "list"}
    return names.get(type(value).__name__, "any")
