"""Conditions taken apart: each part is worked out by the evaluator of the engine itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dutyrules.explaining.evidence import Looked, Term, Version
from dutyrules.explaining.members import Members
from dutyrules.explaining.sources import source
from dutyrules.policies import syntax as s
from dutyrules.policies.functions import FUNCTIONS
from dutyrules.policies.walk import parts_of
from dutyrules.runtime.instances import Instance
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.program import Program


class Tracer:
    """Takes expressions apart in a context."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._members = Members(program, self.term)

    def term(self, tree: s.Expression, ctx: Context) -> Term:
        """Return what an expression came to, with all its parts."""
        value = self._program.evaluator.tree(tree)(ctx)
        text, kind = source(tree), self._type(tree)
        match tree:
            case s.Field():
                return Term(
                    text, value, kind, tree, record=None if isinstance(value, Unknown) else self._record_of(tree, ctx)
                )
            case s.ParameterRef(name=name):
                return Term(text, value, kind, tree, version=self.version(name, ctx))
            case s.CountRef(name=name, args=args):
                parts = tuple(self.term(arg, ctx) for arg in args)
                tally = self._members.tally(name, ctx, [part.value for part in parts])
                return Term(text, value, kind, tree, parts, tally=tally)
            case s.ValueRef(name=name):
                return Term(text, value, kind, tree, self._formula(name, ctx))
            case s.AnyRecord():
                return self._any(tree, value, ctx)
            case s.OpenCount(record=record):
                return Term(text, value, kind, tree, looked=self._open(record, ctx))
            case _:
                return Term(text, value, kind, tree, tuple(self.term(part, ctx) for part in parts_of(tree)))

    def version(self, name: str, ctx: Context) -> Version:
        """Return which value of a parameter applies where it is read."""
        program = self._program
        day, values = program.day_of(ctx), program.pack.parameters[name].dated.values
        since = [one for one, _value in values if one <= (day or dt.date.max)]
        later = [one for one, _value in values if since and one > since[-1]]
        applies = since[-1] if since and since[-1] > dt.date.min else None
        return Version(name, day, applies, later[0] - dt.timedelta(days=1) if later else None, len(values))

    # --- parts -----------------------------------------------------------------------------------------------------

    def _type(self, tree: s.Expression) -> str:
        match tree:
            case s.Field(type=kind):
                return kind
            case s.ParameterRef(name=name):
                return self._program.pack.parameters[name].type
            case s.Call(function=function):
                return FUNCTIONS[function].result.name
            case s.Logic() | s.Not() | s.Compare() | s.AnyRecord():
                return "bool"
            case s.Literal(value=bool()):
                return "bool"
            case s.Literal(value=str()):
                return "text"
            case s.Listing():
                return "list"
            case _:
                return "number"

    def _record_of(self, field: s.Field, ctx: Context) -> str | None:
        """Return the id of the record in which a field was read."""
        program = self._program
        found: Instance | Unknown | None = None
        if field.scope is s.Scope.RECORD or (field.scope is s.Scope.MATTER and field.record):
            found = program.related(field.record or "", ctx)
        elif field.scope is s.Scope.MATTER or (
            field.scope is s.Scope.FACT and (ctx.fact is None or ctx.fact.data.get(field.name) is None)
        ):
            found = ctx.matter or (ctx.fact.matter if ctx.fact is not None else None)
        return found.id if isinstance(found, Instance) and field.name not in ("time", "person") else None

    def _formula(self, name: str, ctx: Context) -> tuple[Term, ...]:
        value = self._program.pack.values[name]
        chosen: Any = ""
        parts: tuple[Term, ...] = ()
        if value.chosen_by is not None:
            option = self.term(s.ParameterRef(value.chosen_by), ctx)
            parts, chosen = (option,), option.value
        expr = None if isinstance(chosen, Unknown) else value.variants.get(chosen)
        return parts if expr is None else (*parts, self.term(expr.tree, ctx))

    def _any(self, tree: s.AnyRecord, value: object, ctx: Context) -> Term:
        """Show the record that meets a condition, or the one of which most of it is so."""
        program, record = self._program, tree.record
        found: list[Instance] = [entry[2] for entry in program.store.read(("recs", record), ctx.at)]
        if tree.condition is None:
            return Term(source(tree), value, "bool", tree, looked=self._open(record, ctx))
        best: tuple[float, Instance, Term] | None = None
        for instance in found:
            term = self.term(tree.condition, ctx.inside(None, instance))
            degree = degree_of(term)
            if best is None or degree >= best[0]:
                best = (degree, instance, term)
            if term.holds:
                break
        looked = Looked(record, len(found), None if best is None else best[1].id)
        return Term(source(tree), value, "bool", tree, () if best is None else (best[2],), looked=looked)

    def _open(self, record: str, ctx: Context) -> Looked:
        entries = self._program.store.read(("recs", record), ctx.at)
        opened = tuple(entry[2].id for entry in entries if entry[2].is_open(ctx.at))
        return Looked(record, len(entries), opened[-1] if opened else None, opened)


def degree_of(term: Term) -> float:
    """Return how much of a condition is so: 1 all of it, 0 nothing."""
    if term.holds:
        return 1.0
    match term.tree:
        case s.Logic(operator="and"):
            return sum(degree_of(part) for part in term.parts) / len(term.parts)
        case s.Logic(operator="or"):
            return max(degree_of(part) for part in term.parts)
        case _:
            return 0.5 if term.holds is None else 0.0
