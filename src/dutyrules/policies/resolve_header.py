"""The head of a pack, its parameters, seasons, shifts and hours."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.holidays import load_calendar
from dutyrules.calendars.zones import Zone
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.model import InForce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.bench import Bench
    from dutyrules.policies.schema import HeaderDoc
    from dutyrules.policies.schema_rules import InForceDoc, Words
    from dutyrules.policies.shapes import Path

LANGUAGE: Final = 1
CHECK_OUT: Final = "check_out_until"
DATE_TEXT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_PACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def words_of(words: Words | None) -> dict[str, str]:
    """Return words by language; a plain text is English."""
    if words is None:
        return {}
    return {"en": words} if isinstance(words, str) else {str(code): text for code, text in words.items()}


def read_date(text: str) -> dt.date | None:
    """Return the date that a text is, None where it is none."""
    try:
        return dt.date.fromisoformat(text) if DATE_TEXT.fullmatch(text) else None
    except ValueError:
        return None


class Header:
    """Reads the head of one pack."""

    def __init__(self, bench: Bench, doc: HeaderDoc) -> None:
        self.bench = bench
        self.doc = doc

    def check(self) -> None:
        """Tell what is wrong with name, language version, zone, calendar and currency."""
        doc = self.doc
        for key, name in (("pack", doc.pack), ("section", doc.section)):
            if name is not None and _PACK_NAME.fullmatch(name) is None:
                self._fault(key, "DR216", f"{quoted(name)} is no name for a pack", "use letters, digits, `_` and `-`")
        if doc.language != LANGUAGE:
            self._fault(
                "language",
                "DR206",
                f"language version {doc.language} is not supported",
                f"write `language: {LANGUAGE}`",
            )
        if _CURRENCY.fullmatch(doc.currency) is None:
            self._fault(
                "currency", "DR208", f"{quoted(doc.currency)} is no currency", "write three letters, such as `CNY`"
            )
        self._problems("timezone", "DR207", lambda: Zone(doc.timezone))
        self._problems("calendar", "DR208", lambda: load_calendar(doc.calendar))

    def in_force(self, path: Path, doc: InForceDoc | None) -> InForce:
        """Return the days on which something applies."""
        if doc is None:
            return InForce()
        since = None if doc.since is None else self.date((*path, "since"), doc.since)
        until = None if doc.until is None else self.date((*path, "until"), doc.until)
        if since is not None and until is not None and until < since:
            self.bench.tell((*path, "until"), Fault("DR220", f"`{until}` is before `{since}`"))
        return InForce(since, until)

    def date(self, path: Path, text: str) -> dt.date | None:
        """Return the date written at a path."""
        day = read_date(text)
        if day is None:
            self.bench.tell(path, Fault("DR211", f"{quoted(text)} is not a date", help="write `2026-01-15`"))
        return day

    def retention(self) -> Duration | None:
        """Return how long records are kept."""
        text = self.doc.retention
        return self.bench.length(("retention",), text)

    def days(self, key: str) -> tuple[dt.date, ...]:
        """Return the days that the organisation adds to its calendar."""
        listed = None if self.doc.holidays is None else getattr(self.doc.holidays, key)
        path: Path = ("holidays", key)
        dates: list[dt.date | None] = []
        for index, text in enumerate(listed or ()):
            at = (*path, index) if isinstance(listed, list) else (*path, text)
            dates.append(self.date(at, text))
        return tuple(day for day in dates if day is not None)

    def carries(self) -> Mapping[str, dt.date] | None:
        """Return the event types that the log carries, since when; `*` stands for all."""
        if self.doc.log is None:
            return None
        carried, path = self.doc.log.carries, ("log", "carries")
        if isinstance(carried, str):
            if carried != "all":
                self.bench.tell(
                    path,
                    Fault(
                        "DR204",
                        f"{quoted(carried)} is not a word that may stand here",
                        help="write `all` or a list of event types",
                    ),
                )
            return {"*": dt.date.min}
        found: dict[str, dt.date] = {}
        for index, name in enumerate(carried):
            at: Path = (*path, index) if isinstance(carried, list) else (*path, name)
            canonical = self.bench.aliases.get(name, name)
            if canonical not in self.bench.events and canonical != "*":
                self.bench.diagnostics.add(
                    "DR301",
                    f"there is no event type {quoted(name)}",
                    self.bench.key(at) if isinstance(carried, dict) else self.bench.at(at),
                    help=suggestion(name, self.bench.events),
                )
            since = dt.date.min if isinstance(carried, list) else self.date(at, carried[name])
            found[canonical] = since or dt.date.min
        return found

    def _fault(self, key: str, code: str, message: str, help_: str | None = None) -> None:
        self.bench.tell((key,), Fault(code, message, help=help_))

    def _problems(self, key: str, code: str, read: Any) -> None:  # noqa: ANN401 - whatever is read is only tried
        try:
            read()
        except CalendarError as error:
            for problem in error.problems:
                self._fault(key, code, problem.message, problem.hint or None)
