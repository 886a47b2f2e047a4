"""Finding names in texts: a person stands in keys of records, in ids of outcomes, and in the middle of a sentence.

Chinese is written without spaces, so a name of two characters or more is found wherever it stands; in other scripts a
name ends where its word ends. A short number or a single character is too common for that and is only found where it
is the whole text or a whole part of an id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BEFORE: Final = frozenset(":,/")
_AFTER: Final = frozenset(",/@#")
_LONG_NUMBER: Final = 6
_ESCAPES: Final = frozenset({"%25", "%2F"})
_IDEOGRAPHS: Final = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))


class NameFinder:
    """Replaces names within texts, the longest that fits first."""

    def __init__(self, replacements: Mapping[str, str]) -> None:
        self._whole = dict(replacements)
        self._written = {form: new for name, new in replacements.items() for form in _written(name)}
        lengths: dict[str, set[int]] = {}
        for form in self._written:
            lengths.setdefault(form[:2], set()).add(len(form))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def replace(self, text: str) -> str:
        """Return the text with every name in it replaced."""
        whole = self._whole.get(text)
        if whole is not None:
            return whole
        parts: list[str] = []
        done = at = 0
        while at < len(text):
            found = self._at(text, at)
            if found is None:
                at += 1
                continue
            name, new = found
            parts += (text[done:at], new)
            at += len(name)
            done = at
        return "".join((*parts, text[done:])) if parts else text

    def _at(self, text: str, at: int) -> tuple[str, str] | None:
        """Return the longest name that stands at a place, and what replaces it."""
        pairs = (text[at : at + 2], text[at]) if at + 1 < len(text) else (text[at],)
        for start in pairs:
            for length in self._lengths.get(start, ()):
                name = text[at : at + length]
                new = self._written.get(name)
                if new is not None and _stands_alone(text, at, at + length):
                    return name, new
        return None


def _written(name: str) -> Iterable[str]:
    """Return a name as it is and as keys of records and ids of outcomes write it."""
    in_key = name.replace("\\", "\\\\").replace(",", "\\,")
    return {form for each in (name, in_key) for form in (each, each.replace("%", "%25").replace("/", "%2F"))}


def _stands_alone(text: str, start: int, end: int) -> bool:
    name = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    escaped = text[max(0, start - 3) : start] in _ESCAPES
    if len(name) == 1 or (len(name) < _LONG_NUMBER and not any(map(str.isalpha, name))):
        part = before in _BEFORE and not (before == ":" and text[start - 2 : start - 1].isdigit())
        return (not before or part or escaped) and (not after or after in _AFTER or text[end : end + 3] in _ESCAPES)
    return (escaped or not _joined(before, name[0])) and not _joined(name[-1], after)


def _joined(left: str, right: str) -> bool:
    """Tell whether two characters side by side belong to one word."""
    return bool(left and right) and all(
        (one.isalnum() or one == "_") and not _is_ideograph(one) for one in (left, right)
    )


def _is_ideograph(character: str) -> bool:
    return any(first <= character <= last for first, last in _IDEOGRAPHS)
