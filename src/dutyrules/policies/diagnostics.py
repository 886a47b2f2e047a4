"""What is wrong with a pack or a log, told to the person who wrote it."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from dutyrules.policies.diagnostic_codes import CODES, CodeInfo
from dutyrules.policies.model import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CODES",
    "CodeInfo",
    "Diagnostic",
    "Diagnostics",
    "Located",
    "Related",
    "did_you_mean",
    "nearest",
    "quoted",
    "render_json",
    "render_text",
]

LONGEST_QUOTE: Final = 60
WIDEST_LINE: Final = 160
LONGEST_WORD: Final = 80
MOST_SLIPS: Final = 3
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Located(Protocol):
    """Anything that knows where it stands; what is `refused` was reported already."""

    @property
    def place(self) -> Place:
        """Return where it begins."""

    @property
    def length(self) -> int:
        """Return how many characters of that line it takes."""

    @property
    def refused(self) -> bool:
        """Tell whether a fault of it was reported already."""


@attrs.frozen
class Related:
    """Another place that has to do with a fault."""

    message: str
    place: Place


@attrs.frozen
class Diagnostic:
    """One fault: its code, what is wrong, where (`length` characters from `place`), and what may help."""

    code: str
    message: str
    place: Place
    help: str | None = None
    length: int = 1
    related: tuple[Related, ...] = ()

    @property
    def severity(self) -> str:
        """Return `error` or `warning`, which the code decides."""
        return CODES[self.code].severity

    @property
    def is_error(self) -> bool:
        """Tell whether this keeps a pack from loading."""
        return self.severity == "error"

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON, in a fixed order."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "length": self.length,
            "related": [{"message": other.message, **attrs.asdict(other.place)} for other in self.related],
        }


class Diagnostics:
    """Collects faults, each once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Place, str], Diagnostic] = {}

    def add(
        self,
        code: str,
        message: str,
        at: Place | Located,
        *,
        help: str | None = None,  # noqa: A002 - the word that the output uses
        length: int | None = None,
        related: Iterable[Related] = (),
    ) -> None:
        """Note a fault at a place or node; a code that is not in the list is a `KeyError`."""
        if code not in CODES:
            raise KeyError(code)
        if not isinstance(at, Place):
            if at.refused:
                return
            length = at.length if length is None else length
            at = at.place
        self.extend([Diagnostic(code, message, at, help, length or 1, tuple(related))])

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Note faults that were found elsewhere."""
        for one in diagnostics:
            self._found.setdefault((one.code, one.place, one.message), one)

    @property
    def items(self) -> tuple[Diagnostic, ...]:
        """Return all faults in the order of the source."""
        return tuple(sorted(self._found.values(), key=_position))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Return the faults that keep the pack from loading."""
        return tuple(one for one in self.items if one.is_error)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Return the remarks with which the pack loads."""
        return tuple(one for one in self.items if not one.is_error)

    @property
    def failed(self) -> bool:
        """Tell whether there is any error."""
        return any(one.is_error for one in self._found.values())


def _position(one: Diagnostic) -> tuple[str, int, int, str, str]:
    return one.place.file, one.place.line, one.place.column, one.code, one.message


def quoted(text: object) -> str:
    """Put the user's own text in backticks, on one line, cut where it is long."""
    line = " ".join(str(text)[: LONGEST_QUOTE * 4].split())
    shown = f"{line[:LONGEST_QUOTE]}…" if len(line) > LONGEST_QUOTE else line
    return f"`{visible(shown)}`"


def visible(text: str) -> str:
    """Write characters that have no shape, or that turn the direction of the text, as `<U+202E>`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"<U+{ord(each):04X}>" if unicodedata.category(each) in _HIDDEN else each for each in text)


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that the word was probably meant to be: one with few letters wrong, missing or swapped.

    Of equally near ones that which begins alike is taken, since the first letter is seldom wrong, and then the first.
    """
    wanted = _fold(word)
    best, allowed = None, min(MOST_SLIPS, max(1, len(wanted) // 3), len(wanted) - 1)
    if len(word) > LONGEST_WORD or allowed < 0:
        return None
    least = (allowed, True, True)
    for candidate in candidates:
        if len(candidate) <= LONGEST_WORD:
            folded = _fold(candidate)
            rank = (_slips(wanted, folded, least[0]), wanted[0] != folded[:1], False)
            if rank < least:
                best, least = candidate, rank
    return best


def _slips(left: str, right: str, most: int) -> int:
    """Count the letters to insert, delete, replace or swap with their neighbour; more than `most` is `most + 1`."""
    if left == right:
        return 0
    if abs(len(left) - len(right)) > most or len(set(left) - set(right)) > most or len(set(right) - set(left)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Suggest the nearest candidate, as the text of a help line."""
    near = nearest(word, candidates)
    return None if near is None else f"did you mean {quoted(near)}"


@lru_cache(maxsize=4096)
def _fold(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", word).casefold())


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the faults as a JSON array, one object a line, the same for the same faults."""
    rows = [json.dumps(one.as_dict(), ensure_ascii=False) for one in sorted(diagnostics, key=_position)]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def render_text(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Return each fault as `file:line:column CODE message`, the source line with a caret under it, and its help."""
    lines = {file: re.split(r"\r\n|\r|\n", text) for file, text in sources.items()}
    return "".join(f"{_block(one, lines)}\n" for one in sorted(diagnostics, key=_position))


def _block(one: Diagnostic, lines: Mapping[str, list[str]]) -> str:
    rows = [f"{_where(one.place)} {one.code} {'' if one.is_error else 'warning: '}{visible(one.message)}"]
    rows += _excerpt(one.place, one.length, lines)
    for other in one.related:
        rows.append(f"  {_where(other.place)} {visible(other.message)}")
        rows += _excerpt(other.place, 1, lines)
    if one.help:
        rows.append(f"  help: {visible(one.help)}")
    return "\n".join(rows) + "\n"


def _where(place: Place) -> str:
    return f"{visible(place.file)}:{place.line}:{place.column}"


def _excerpt(place: Place, length: int, lines: Mapping[str, list[str]]) -> list[str]:
    """Return the source line and the line with the caret, or nothing where the source is not at hand."""
    text = lines.get(place.file, [])
    if not 1 <= place.line <= len(text):
        return []
    line, start = text[place.line - 1], place.column - 1
    first = max(0, start - WIDEST_LINE // 2) if len(line) > WIDEST_LINE else 0
    shown, before = line[first : first + WIDEST_LINE], line[first:start]
    marked = line[start : start + length][: max(1, WIDEST_LINE - len(before))]
    return [f"  {_flat(shown)}", f"  {' ' * _width(_flat(before))}{'^' * max(1, _width(_flat(marked)))}"]


def _flat(text: str) -> str:
    return visible(text.replace("\t", " "))


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes; Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )
