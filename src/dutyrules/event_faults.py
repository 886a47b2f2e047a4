"""What can be wrong with an event; `docs/events.md` has a line for each code."""

from __future__ import annotations

from enum import StrEnum


class EventFault(StrEnum):
    """What can be wrong with one event, each with its stable code."""

    NOT_JSON = "DR601"
    NOT_AN_OBJECT = "DR602"
    TOO_LARGE = "DR603"
    KEY_TWICE = "DR604"
    ATTRIBUTE_MISSING = "DR605"
    ATTRIBUTE_WRONG = "DR606"
    BAD_TIME = "DR607"
    UNKNOWN_TYPE = "DR608"
    FIELD_WRONG = "DR609"
    FIELD_VALUE = "DR610"
    UNREADABLE = "DR611"
    ROW_UNFIT = "DR612"


class EventError(ValueError):
    """An input is no event of the vocabulary: `code` is stable, `reason` is for people, `place` is where it stood."""

    def __init__(self, code: str, reason: str, place: str = "", hint: str = "") -> None:
        super().__init__(code, reason, place, hint)
        self.code = str(code)
        self.reason = reason
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.code} {self.reason}"
        text = f"{self.place}: {text}" if self.place else text
        return f"{text}\nhelp: {self.hint}" if self.hint else text
