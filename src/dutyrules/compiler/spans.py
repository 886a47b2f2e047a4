"""What periods and gaps have in common: duties that no event sets off, and records that are open or are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.state import names_another
from dutyrules.compiler.views import Code, NotStreamable, View, joined
from dutyrules.policies.model import EventType
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from dutyrules.compiler.certainty import Certainty
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.sections import Part
    from dutyrules.policies.model import Record

NOTHING: Final = EventType("period", {})


def eventless(matter_id: str) -> View:
    """Return how a duty in `o` looks that no event has set off."""
    return View(
        NOTHING,
        lambda name: name,
        time="t",
        clock="x",
        person="o.person",
        matter_id=matter_id,
        causes=(),
        root="''",
        current=False,
        began="o.since",
    )


def refuse_record(record: Record) -> None:
    """Refuse a record of which events alone do not tell when it is open."""
    if record.closes_at is not None or record.spans is not None or not record.key:
        raise NotStreamable(f"the record `{record.name}` is open by more than its events")
    if any(one.kind is not FactKind.EVENT for one in (*record.opens, *record.closes)):
        raise NotStreamable(f"the record `{record.name}` opens by more than events")


@attrs.frozen
class Touch:
    """An event that opens or closes a record: the code of whether it certainly does, and of the parts of the key."""

    test: str
    key: dict[str, Code]


def touched(certainty: Certainty, say: Translator, part: Part, record: Record, *, closes: bool = False) -> Touch | None:
    """Return how an event opens or closes a record, None where no event of its type does.

    It opens none whose key it leaves out in part. It closes each record that agrees in the rest: that is left to the
    engine.
    """
    event = part.view.event
    mine = [one for one in (record.closes if closes else record.opens) if event.name in one.names]
    if not mine:
        return None
    if names_another(event, record) or any(name not in event.fields for name in record.key):
        raise NotStreamable(f"`{event.name}` does not carry the key of `{record.name}`")
    key = {name: _key_part(say, name, part.view) for name in record.key}
    if closes and len(key) > 1:
        part.rules.sure(joined([*key.values()]), record.name)
    tests = [f"{one} is not None" for one in joined([*key.values()])]
    wheres = [certainty.meets(one, part.view) for one in mine]
    tests += [] if "True" in wheres else [f"({' or '.join(wheres)})"]
    return Touch(" and ".join(tests) or "True", key)


def _key_part(say: Translator, name: str, view: View) -> Code:
    """Return a part of a record's key: a date that an event does not name itself opens none."""
    if name == "date":
        return Code(view.fields(name), (view.fields(name),))
    return say.bare(name, view)
