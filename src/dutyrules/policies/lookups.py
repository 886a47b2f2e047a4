"""What one name of an expression means: a field, a parameter, a count, a formula or a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.policies import syntax
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.names import DATE, NUMBER, PERIOD_FIELDS, PERIODS, TEXT, Fields, Scopes, ValueType

if TYPE_CHECKING:
    from dutyrules.policies.tokens import Token

Found = tuple[syntax.Expression, ValueType]


def look_up(token: Token, scopes: Scopes) -> Found | Fault:
    """Resolve a bare name: a field of the fact or its matter, else a parameter, a count, a formula or a period."""
    name, declared = token.written, scopes.declared
    kind = scopes.fact.get(name)
    if kind is not None and scopes.fact.has(name):
        return syntax.Field(syntax.Scope.FACT, scopes.fact.canonical(name), type=kind.name), kind
    if name in declared.parameters:
        return syntax.ParameterRef(name), declared.parameters[name]
    if name in declared.counts:
        return _count(token, scopes)
    if name in declared.values:
        return _value(token, scopes)
    if name in PERIODS:
        return _period(name)
    if scopes.fact.open:
        return syntax.Field(syntax.Scope.FACT, name), ValueType("any")
    return _unknown(token, scopes)


def look_up_dotted(owner: Token, name: Token, scopes: Scopes) -> Found | Fault:
    """Resolve `owner.name`: a field of the matter, the trigger, the fulfilling fact, another record or the period."""
    of, field = owner.written, name.written
    if of == "this":
        return _this(owner, name, scopes)
    if of == "act":
        if scopes.act is None:
            help_ = "`act` is the fulfilling fact of `when: fulfilment of …`"
            return Fault("DR411", "there is no `act` here", owner.start, len(of), help_)
        return _field(syntax.Scope.ACT, name, scopes.act, "the fulfilling fact")
    matter = scopes.declared.records.get(scopes.matter or "")
    if matter is not None and of == matter.name:
        return _field(syntax.Scope.MATTER, name, matter.fields, f"`{of}`", of)
    if matter is not None and of in matter.links and matter.links[of] in scopes.declared.records:
        linked = scopes.declared.records[matter.links[of]]
        return _field(syntax.Scope.RECORD, name, linked.fields, f"`{of}`", of)
    if of in scopes.declared.records:
        return _reach(owner, scopes) or _field(
            syntax.Scope.RECORD, name, scopes.declared.records[of].fields, f"`{of}`", of
        )
    if of in PERIODS:
        return _field(syntax.Scope.PERIOD, name, PERIOD_FIELDS, f"the {of}", of)
    candidates = [*scopes.declared.records, *PERIODS, *(matter.links if matter else ())]
    help_ = suggestion(of, candidates) or f"`{of}.{field}` reads a field of the record `{of}`"
    return Fault("DR303", f"there is no record {quoted(of)}", owner.start, len(of), help_)


def record_of(token: Token, scopes: Scopes) -> tuple[str | None, Fault | None]:
    """Return the kind of record that a name means, or the fault that it is none."""
    name = token.written
    if name in scopes.declared.records:
        return name, None
    help_ = suggestion(name, scopes.declared.records)
    return None, Fault("DR303", f"there is no record {quoted(name)}", token.start, len(name), help_)


def missing_key(needs: tuple[str, ...], scopes: Scopes) -> tuple[str, ...]:
    """Return the names of a key that neither the fact nor its matter carries."""
    return tuple(name for name in needs if name not in scopes.fact)


def _this(owner: Token, name: Token, scopes: Scopes) -> Found | Fault:
    if scopes.inside and scopes.this is None:
        help_ = "`this` is the trigger of a rule, seen from inside a pattern or `any()`"
        return Fault("DR411", "there is no `this` here", owner.start, len(owner.written), help_)
    fields = scopes.this if scopes.inside and scopes.this is not None else scopes.fact
    if name.written in PERIODS and not fields.has(name.written):
        return _period(name.written)
    scope = syntax.Scope.THIS if scopes.inside else syntax.Scope.FACT
    return _field(scope, name, fields, "the trigger")


def _field(scope: syntax.Scope, name: Token, fields: Fields, where: str, record: str | None = None) -> Found | Fault:
    kind = fields.get(name.written)
    if kind is not None:
        return syntax.Field(scope, fields.canonical(name.written), record, kind.name), kind
    message = f"{where} has no field {quoted(name.written)}"
    return Fault("DR302", message, name.start, len(name.written), suggestion(name.written, fields.known))


def _reach(owner: Token, scopes: Scopes) -> Fault | None:
    record = scopes.declared.records[owner.written]
    missing = missing_key(record.key, scopes)
    if not missing:
        return None
    listed = ", ".join(f"`{each}`" for each in missing)
    message = f"which `{record.name}` is meant cannot be told: {scopes.where} has no {listed}"
    return Fault(
        "DR508", message, owner.start, len(owner.written), "say it with `any(record, …)` or name the record in `about`"
    )


def _count(token: Token, scopes: Scopes) -> Found | Fault:
    count = scopes.declared.counts[token.written]
    missing = missing_key(count.needs, scopes)
    if not missing:
        return syntax.CountRef(count.name), ValueType(NUMBER)
    help_ = f"give it: `{count.name}({', '.join(missing)})`"
    return _lacking(token, f"`{count.name}` is counted per", missing, scopes, help_)


def _value(token: Token, scopes: Scopes) -> Found | Fault:
    value = scopes.declared.values[token.written]
    missing = missing_key(value.needs, scopes)
    if not missing:
        return syntax.ValueRef(value.name), value.type
    return _lacking(token, f"`{value.name}` reads", missing, scopes)


def _lacking(token: Token, reads: str, missing: tuple[str, ...], scopes: Scopes, help_: str | None = None) -> Fault:
    listed = ", ".join(f"`{each}`" for each in missing)
    message = f"{reads} {listed}, which {scopes.where} does not have"
    return Fault("DR302", message, token.start, len(token.written), help_)


def _period(name: str) -> Found:
    if name == "day":
        return syntax.Field(syntax.Scope.PERIOD, "start", name, DATE), ValueType(DATE)
    return syntax.Field(syntax.Scope.PERIOD, "label", name, TEXT), ValueType(TEXT)


def _unknown(token: Token, scopes: Scopes) -> Fault:
    name, declared = token.written, scopes.declared
    if name in declared.records:
        help_: str | None = f"`{name}` is a record: write `{name}.field`, `any({name})` or `open({name})`"
    elif name in ("this", "act"):
        help_ = f"write `{name}.field`"
    else:
        candidates = [*scopes.fact.known, *declared.parameters, *declared.counts, *declared.values, *PERIODS]
        help_ = suggestion(name, candidates) or f"put it in quotes if it is a text: `'{name}'`"
    message = f"{scopes.where} has no field {quoted(name)}, and the pack declares no such name"
    return Fault("DR305", message, token.start, len(name), help_)
