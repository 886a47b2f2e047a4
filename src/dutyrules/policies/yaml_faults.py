"""Says in plain words what a YAML parser could not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from dutyrules.policies.diagnostics import Related, quoted
from dutyrules.policies.model import Place

if TYPE_CHECKING:
    import yaml

    from dutyrules.policies.diagnostics import Diagnostics

_QUOTE_IT: Final = "put the text in quotes if the mark belongs to it"

# What the parsers say, its code, what it means and what helps; the first that is found counts. The C and the Python
# parser word some of these differently.
_KNOWN: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        "DR101",
        "a second `:` cannot be read here",
        "put the text in quotes if the `:` belongs to it; otherwise mend the indentation",
    ),
    (
        "sequence entries are not allowed",
        "DR101",
        "a list item cannot begin here",
        "begin the list on a line of its own, or put the text in quotes",
    ),
    ("tab", "DR102", "a tab stands where only spaces may", "indent with spaces"),
    ("unexpected end of stream", "DR101", "the quotation mark is never closed", "close it with the same mark"),
    (
        "unexpected document separator",
        "DR101",
        "the quotation mark is not closed before `---`",
        "close it with the same mark",
    ),
    (
        "unknown escape character",
        "DR101",
        "a `\\` is followed by a character that makes no escape",
        "use single quotes, where `\\` is only itself",
    ),
    (
        "could not find expected ':'",
        "DR101",
        "a key on this line has no `:` after it",
        "write `key: value`; a longer text goes into quotes",
    ),
    ("expected ',' or ']'", "DR101", "the `[` is not closed, or a `,` is missing", "write `[one, two]`"),
    ("expected ',' or '}'", "DR101", "the `{` is not closed, or a `,` is missing", "write `{key: value, key: value}`"),
    ("undefined tag handle", "DR105", "a tag stands here", "delete it, or put the text in quotes if `!` belongs to it"),
    ("scanning a tag", "DR105", "a tag stands here", "delete it, or put the text in quotes if `!` belongs to it"),
    ("parsing a tag", "DR105", "a tag stands here", "delete it, or put the text in quotes if `!` belongs to it"),
    ("scanning an alias", "DR104", "`*` begins an alias", "put the text in quotes if `*` belongs to it"),
    ("scanning an anchor", "DR104", "`&` begins an anchor", "put the text in quotes if `&` belongs to it"),
    (
        "directive",
        "DR105",
        "a `%` at the start of a line begins a directive",
        "delete it, or put the text in quotes if `%` belongs to it",
    ),
    (
        "block scalar",
        "DR101",
        "the block of text after `|` or `>` cannot be read",
        "indent all its lines alike, deeper than the key",
    ),
    (
        "expected '-' indicator",
        "DR101",
        "this line stands where a list item is wanted",
        "begin it with `- `, or mend the indentation",
    ),
    (
        "block collection",
        "DR101",
        "this line stands where a list item is wanted",
        "begin it with `- `, or mend the indentation",
    ),
    (
        "block mapping",
        "DR101",
        "this line does not fit the mapping above it",
        "mend the indentation, or write `key: value`",
    ),
    ("document start", "DR101", "this does not belong to the document above it", "separate documents with `---`"),
)
_SHOWN_AT_ITS_BEGINNING: Final = frozenset(
    message
    for wording, _, message, _ in _KNOWN
    if wording.startswith(("unexpected", "could not find", "expected ','", "scanning an", "directive"))
    or wording in {"undefined tag handle", "scanning a tag", "parsing a tag"}
)
_FULL_WIDTH: Final = {
    "：": ": ",
    "，": ", ",
    "【": "[",
    "】": "]",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "“": '"',
    "”": '"',
}
_KEY_LIKE: Final = re.compile(r"^\s*(?:- )?[^\s\"'#：]+(：)")
_WIDE_SPACE: Final = re.compile(r"^[ ]*\u3000")


def report_syntax(error: yaml.YAMLError, text: str, file: str, diagnostics: Diagnostics) -> None:
    """Report the fault at which the parser gave up."""
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    problem, doing = str(getattr(error, "problem", None) or error), str(getattr(error, "context", None) or "")
    code, message, help_ = _explain(problem, doing, text, mark)
    place = place_of_mark(context if context and message in _SHOWN_AT_ITS_BEGINNING else mark or context, file)
    related = []
    if context is not None and place_of_mark(context, file) != place:
        related.append(Related("it belongs to what begins here", place_of_mark(context, file)))
    diagnostics.add(code, message, place, help=_full_width_help(text, place.line, related) or help_, related=related)


class Mark(Protocol):
    """A position as either parser gives it; lines, columns and characters count from nought."""

    @property
    def line(self) -> int:
        """Return the line."""

    @property
    def column(self) -> int:
        """Return the column."""

    @property
    def index(self) -> int:
        """Return how many characters come before."""


def place_of_mark(mark: Mark | None, file: str) -> Place:
    """Turn a parser's mark, which counts from nought, into a place."""
    return Place(file, 1, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)


def _explain(problem: str, doing: str, text: str, mark: Mark | None) -> tuple[str, str, str]:
    if "cannot start any token" in problem and mark is not None and mark.index < len(text):
        character = text[mark.index]
        if character == "\t":
            return "DR102", "a tab stands where only spaces may", "indent with spaces"
        shown = "a backtick" if character == "`" else quoted(character)
        return "DR101", f"a text cannot begin with {shown}", _QUOTE_IT
    for wording, code, message, help_ in _KNOWN:
        if wording in problem:
            return code, message, help_
    for wording, code, message, help_ in _KNOWN:
        if wording in doing:
            return code, message, help_
    return (
        "DR101",
        "this cannot be read as YAML",
        "look at the indentation, brackets and quotation marks here and above",
    )


def _full_width_help(text: str, line: int, related: list[Related]) -> str | None:
    """Point to Chinese punctuation or a wide space that was meant as YAML's own."""
    lines = re.split(r"\r\n|\r|\n", text)
    first = min([line - 1, *(other.place.line for other in related)])
    for number in range(line, max(first, line - 3, 1) - 1, -1):
        written = lines[number - 1] if number <= len(lines) else ""
        if _WIDE_SPACE.match(written):
            return f"line {number} begins with a full-width space: use ordinary ones"
        if _KEY_LIKE.match(written) and ": " not in written:
            return f"line {number} has the full-width `：`: a key is followed by `:` and a space"
        found = next((mark for mark in _FULL_WIDTH if mark in written and mark not in "：“”"), None)
        if found and not re.search(r"[\"']", written):
            own = quoted(_FULL_WIDTH[found].strip())
            return f"line {number} has the full-width {quoted(found)}: YAML's own mark is {own}"
    return None
