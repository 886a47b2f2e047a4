"""The shape of a pack document, and the JSON Schema that editors read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, Strict

from dutyrules.policies.schema_rules import (
    Figure,
    InForceDoc,
    InstantDoc,
    LadderDoc,
    Raw,
    RuleDoc,
    Scalar,
    Text,
    Texts,
    Whole,
    Words,
)

if TYPE_CHECKING:
    from pathlib import Path

Listed = list[Scalar]
FieldTypeWord = Literal["text", "person", "bool", "int", "number", "money", "date", "time", "month", "list", "any"]
Seasonal = Text | dict[Text, Text]
TypedValue = Scalar | Listed


class TypedParameter(Raw):
    """A parameter whose type is stated, since it has no value or its value does not show it."""

    type: Literal["money", "number", "int", "text", "bool", "list", "date", "duration"]
    value: TypedValue | dict[Text, TypedValue] | None = None
    values: list[Text] | None = None
    says: Words | None = None


class FieldDoc(Raw):
    """One field of an event type."""

    type: FieldTypeWord | None = None
    also: list[Text] | None = None
    default: Scalar | None = None
    values: list[Text] | None = None


class EventDoc(Raw):
    """An event type of the pack's own, or one of the vocabulary said anew."""

    says: Words | None = None
    also: list[Text] | None = None
    person: Text | None = None
    on_shift: Annotated[bool, Strict()] | None = None
    fields: dict[Text, FieldTypeWord | FieldDoc | None] | None = None


class HolidaysDoc(Raw):
    """Days that the organisation adds to the calendar."""

    extra_holidays: list[Text] | dict[Text, Words] | None = None
    extra_workdays: list[Text] | dict[Text, Words] | None = None


class LogDoc(Raw):
    """What the organisation's log is declared to carry: all types, a list of them, or each with the day since when."""

    carries: Text | list[Text] | dict[Text, Text]


class ShiftDoc(Raw):
    """A shift: when it starts and ends, and when one may check in and out."""

    start: Seasonal
    end: Seasonal
    check_in_from: Text | None = None
    check_out_until: Text | None = None


class HoursDoc(Raw):
    """Daily hours with their breaks."""

    start: Seasonal
    end: Seasonal
    breaks: Texts | None = None


class RecordDoc(Raw):
    """What the engine remembers about a thing."""

    key: Texts
    opens: Texts
    updates: Texts | None = None
    closes: Texts | None = None
    dated: Text | None = None
    spans: Literal["shift", "shifts"] | None = None
    start: InstantDoc | None = None
    links: dict[Text, Text] | None = None
    reads: Text | None = None
    keep: Text | None = None
    says: Words | None = None


class CountDoc(Raw):
    """What is counted, for whom and in which window."""

    of: Texts
    per: Texts | dict[Text, Text] | None = None
    in_: Text | None = Field(None, alias="in")
    distinct: Text | None = None
    spread: Text | None = None
    streak_of: Text | None = None
    except_: Text | None = Field(None, alias="except")
    says: Words | None = None


ParameterDoc = Any
ValueDoc = Text | Figure | dict[Text, Text | Figure]


class HeaderDoc(Raw):
    """The head of a pack: whose policy it is, and what holds for all of it."""

    pack: Text
    section: Text | None = None
    language: Whole = 1
    title: Words | None = None
    source: dict[Text, Scalar] | None = None
    extends: Text | None = None
    uses: Annotated[list[Text], Field(min_length=1)] | None = None
    parts: dict[Text, Text] | None = None
    remove: list[Text] | None = None
    in_force: InForceDoc | None = None
    timezone: Text = "Asia/Shanghai"
    calendar: Text = "CN"
    holidays: HolidaysDoc | None = None
    currency: Text = "CNY"
    severity: Annotated[list[Text], Field(min_length=1)] | None = None
    retention: Text | None = None
    log: LogDoc | None = None
    roles: dict[Text, Words] | None = None
    seasons: dict[Text, Texts] | None = None


class SectionsDoc(Raw):
    """The named entries of a pack or of a part."""

    events: dict[Text, EventDoc] | None = None
    parameters: dict[Text, ParameterDoc] | None = None
    shifts: dict[Text, ShiftDoc] | None = None
    hours: dict[Text, HoursDoc] | None = None
    records: dict[Text, RecordDoc] | None = None
    counts: dict[Text, CountDoc] | None = None
    values: dict[Text, ValueDoc] | None = None
    rules: dict[Text, RuleDoc] | None = None
    ladders: dict[Text, LadderDoc] | None = None


class PackDoc(SectionsDoc, HeaderDoc):
    """A whole pack document."""


class LooseSections(Raw):
    """The sections of a part before it is joined with its pack, and only then checked."""

    events: Any = None
    parameters: Any = None
    shifts: Any = None
    hours: Any = None
    records: Any = None
    counts: Any = None
    values: Any = None
    rules: Any = None
    ladders: Any = None


class PartHead(Raw):
    """The head of a part: its name, and what it reads of other parts."""

    part: Text
    title: Words | None = None
    source: dict[Text, Scalar] | None = None
    needs: list[Text] | None = None
    roles: dict[Text, Words] | None = None
    seasons: dict[Text, Texts] | None = None


class LoosePart(PartHead, LooseSections):
    """A part whose head alone is checked."""


class PartDoc(PartHead, SectionsDoc):
    """A part of a pack, in a file of its own."""


SECTIONS: dict[str, type[Raw] | None] = {
    "events": None,
    "parameters": None,
    "shifts": ShiftDoc,
    "hours": HoursDoc,
    "records": RecordDoc,
    "counts": CountDoc,
    "values": None,
    "rules": RuleDoc,
    "ladders": LadderDoc,
}
"""The named entries of a pack by section, and the shape of each entry (None: read in its own way)."""


def schema_text(*, part: bool = False) -> str:
    """Return the JSON Schema as the text of `schema/pack.schema.json`, or of that for a part."""
    return json.dumps(part_schema() if part else pack_schema(), ensure_ascii=False, indent=2) + "\n"


def write_schema(path: Path, *, part: bool = False) -> None:
    """Write the JSON Schema to a file, whose folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema_text(part=part), encoding="utf-8")


def pack_schema() -> dict[str, Any]:
    """Return the JSON Schema of a pack document, for editors."""
    return _titled("dutyrules pack", PackDoc)


def part_schema() -> dict[str, Any]:
    """Return the JSON Schema of a part of a pack, for editors."""
    return _titled("dutyrules part of a pack", PartDoc)


def _titled(title: str, model: type[Raw]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **{key: value for key, value in schema.items() if key != "title"},
    }
