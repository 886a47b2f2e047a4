"""Layouts from files: which outcomes are written, under which words, in which columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from dutyrules.compiler.layouts import ORDER, Projection
from dutyrules.policies.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIELDS: Final = (
    *ORDER,
    "key",
    "figure",
    "amount",
    "currency",
    "due",
    "since",
    "date",
    "period",
    "what",
    "tier",
    "number",
)
COLUMNS: Final = {
    "kind": "kind",
    "rule": "rule",
    "person": "person",
    "time": "time",
    "amount": "figure|0",
    "ref": "key",
}
WORDS: Final = 2
PARTS: Final = 3


class BadLayout(ValueError):
    """A file that is no layout; the text says what is wrong, `hint` what to write."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


def load_layout(path: Path) -> Projection:
    """Read a layout: `outcomes` and, if the usual columns are not meant, `columns`; or a table of outcomes alone."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadLayout(f"`{path}` is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(document, dict) or not document:
        raise BadLayout(f"`{path}` holds no table", "write `outcomes:` with a line for each sort of outcome")
    table = document.get("outcomes", document) if "columns" in document or "outcomes" in document else document
    if not isinstance(table, dict):
        raise BadLayout("`outcomes` is no table", HOW)
    return Projection(dict(map(_sort, table.items())), _columns(document.get("columns", COLUMNS)))


HOW: Final = "write `RULE KIND STATUS: WORD WORD`, the words standing for the kind and the rule"


def _sort(entry: tuple[Any, Any]) -> tuple[tuple[str, str, str], tuple[str, str]]:
    ours, theirs = (str(one).split() for one in entry)
    if len(theirs) != WORDS or len(ours) not in (PARTS, PARTS + 1):
        raise BadLayout(f"`{entry[0]}: {entry[1]}` names no sort of outcome", HOW)
    rule, kind, *status = ours
    return (rule, kind, " ".join(status)), (theirs[0], theirs[1])


def _columns(given: Any) -> Mapping[str, str]:  # noqa: ANN401 - whatever YAML holds
    if not isinstance(given, dict) or not given:
        raise BadLayout("`columns` is no table", "write `COLUMN: FIELD`, or `COLUMN: FIELD|OTHERWISE`")
    columns = {str(column): str(field) for column, field in given.items()}
    for field in columns.values():
        name = field.partition("|")[0]
        if name not in FIELDS:
            raise BadLayout(f"`{name}` is no field of an outcome", did_you_mean(name, FIELDS) or "")
        otherwise = field.partition("|")[2]
        if otherwise and not otherwise.lstrip("-").isdigit():
            raise BadLayout(f"`{otherwise}` is no whole number", "what stands after `|` is a number")
    return columns
