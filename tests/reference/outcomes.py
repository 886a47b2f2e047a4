"""The outcomes as plain dicts, with the fields of the outcome records."""

from __future__ import annotations

import attrs

from . import cases, days


@attrs.define(eq=False)
class Made:
    """One outcome together with what it was made from, so that relations between outcomes can be looked at."""

    fields: dict
    rule: object
    case: cases.Case
    consequence: object = None

    @property
    def id(self) -> str:
        """Return the outcome's id."""
        return self.fields["id"]

    def with_(self, **changes) -> Made:
        """Return the outcome with other fields."""
        return attrs.evolve(self, fields={**self.fields, **changes})


def make(world, case, kind: str, status: str, time: int, because=(), **more) -> Made:
    """Return an outcome of a case; fields without a value are left out."""
    fields = {
        "kind": kind,
        "status": status,
        "id": cases.outcome_id(world, case, kind),
        "time": days.iso(time, world.zone),
        "pack": world.pack.name,
        "rule": case.rule.id,
        "clause": case.rule.clause,
        "person": case.bearer,
        "matter": case.matter.id,
        "because": tuple(sorted({*case.causes, *because})),
        **more,
    }
    return Made(fields, case.rule, case)


def plain(fields: dict) -> dict:
    """Return a dict of the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None and value != () and value is not False}


def undecidable(world, case, lacks, time: int | None = None, because=()) -> Made:
    """Return the question that stands in place of what cannot be decided."""
    when = case.first.time if time is None else time
    return make(world, case, "referral", "opened", when, because, question="undecidable", lacks=tuple(sorted(lacks)))


def owed_outcomes(world, owed) -> list[Made]:
    """Return an obligation, its deadline and what its limit brought."""
    case, rule = owed.case, owed.case.rule

    def text(instant):
        return None if instant is None else days.iso(instant, world.zone)

    moved = owed.moved[1] if owed.moved is not None else ()
    made = [
        make(
            world,
            case,
            "obligation",
            owed.status,
            owed.time,
            (*moved, *owed.because),
            since=text(owed.opened if owed.since is None else owed.since),
            due=text(owed.due),
            vague=rule.promptly or rule.vague,
            late=owed.late,
        )
    ]
    if owed.due is not None:
        made.append(deadline(world, owed, moved, text))
    if owed.breached is not None:
        cause = (cases.outcome_id(world, case, "obligation"),)
        made.append(
            make(
                world,
                case,
                "breach",
                "breached",
                owed.breached,
                due=text(owed.breached),
                date=case.matter.date.isoformat(),
            )
        )
        made[-1].fields["because"] = cause
    elif owed.missed is not None and owed.silent:
        made.append(undecidable(world, case, owed.silent, owed.missed))
    elif owed.missed is not None:
        made.append(make(world, case, "notice", "issued", owed.missed, notice="soft_limit", detail=rule.soft))
    if owed.lacks:
        made.append(undecidable(world, case, owed.lacks))
    if owed.review is not None:
        when, causes = owed.review[0], (*owed.review[1], *moved, *owed.because)
        asks = (case.bearer,) if case.bearer is not None else ()
        made.append(make(world, case, "referral", "opened", when, causes, question="review", asks=asks))
    return made


def deadline(world, owed, moved, text) -> Made:
    """Return the deadline of an obligation as it stands."""
    status, time, because = "set", owed.opened, ()
    if owed.missed is not None:
        status, time, because = "missed", owed.missed, moved
    elif owed.status in ("fulfilled", "waived", "cancelled"):
        status, time, because = "lifted", owed.time, (*moved, *owed.because)
    elif owed.moved is not None:
        status, time, because = "moved", *owed.moved
    return make(world, owed.case, "deadline", status, time, because, due=text(owed.due))
