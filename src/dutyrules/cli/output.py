"""Outcomes written as JSON Lines, as CSV or as a table."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from typing import IO, TYPE_CHECKING, Any, Final

from dutyrules.cli.inputs import Language, office, says
from dutyrules.cli.wording import Words, clock
from dutyrules.outcomes import short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.table import Table

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

COLUMNS: Final = (
    "time",
    "kind",
    "status",
    "person",
    "rule",
    "tier",
    "clause",
    "sanction",
    "grant",
    "question",
    "amount",
    "currency",
    "what",
    "due",
    "matter",
    "because",
    "id",
)
PLAIN_WIDTH: Final = 140
WIDEST: Final = 40


def write_jsonl(outcomes: Iterable[Outcome], stream: IO[bytes]) -> None:
    """Write one outcome a line, each at once, so that a reader need not wait."""
    from dutyrules.outcomes import encode

    for outcome in outcomes:
        stream.write(encode(outcome) + b"\n")
        stream.flush()


def write_csv(outcomes: Iterable[Outcome], stream: IO[bytes]) -> None:
    """Write one outcome a row below a header."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    try:
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        rows.writerows([_cell(getattr(one, name, None)) for name in COLUMNS] for one in outcomes)
    finally:
        text.detach()
        stream.flush()


def _cell(value: Any) -> str:  # noqa: ANN401 - fields of many types
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, tuple) else str(value)


def console(stream: IO[Any]) -> Console:
    """Return a console for a stream: plain and wide where it is no terminal."""
    from rich.console import Console

    terminal = stream is sys.stdout and sys.stdout.isatty()
    return Console(
        file=stream,
        width=None if terminal else PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def line_width() -> int:
    """Return how long a line may be: as the terminal is wide, or as suits a file."""
    return shutil.get_terminal_size((PLAIN_WIDTH, 0)).columns if sys.stdout.isatty() else PLAIN_WIDTH


def clipped(text: str, room: int) -> str:
    """Cut a text to so many places; Chinese characters take two."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1).rstrip()}…"


def columns(rows: list[tuple[str, ...]], *, indent: int) -> Iterator[str]:
    """Lay rows out in columns, the last one cut where the line ends; Chinese characters take two places."""
    from rich.cells import cell_len

    widths = [min(WIDEST, max(map(cell_len, cells))) for cells in zip(*rows, strict=True)][:-1]
    for *cells, last in rows:
        padded = [f"{cell}{' ' * (width - cell_len(cell))}" for cell, width in zip(cells, widths, strict=True)]
        start = f"{' ' * indent}{'  '.join(padded)}  "
        yield f"{start}{clipped(last, max(20, line_width() - cell_len(start)))}".rstrip()


def write_table(outcomes: Iterable[Outcome], stream: IO[bytes], pack: Pack, language: Language) -> None:
    """Write the outcomes as a table in order of time."""
    from rich.table import Table

    word = Words(language, pack)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("time", "person", "rule", "outcome", "says", "id"):
        table.add_column(name, overflow="fold", no_wrap=name in {"time", "id"})
    for one in sorted(outcomes, key=lambda each: (each.time, each.rule, each.id)):
        rule = getattr(one, "tier", None) or one.rule
        table.add_row(
            clock(one.time),
            office(one.person, pack, language),
            rule,
            word.line(one),
            says(one, pack, language),
            short_id(one.id),
        )
    print_table(table, stream)


def print_table(table: Table, stream: IO[bytes]) -> None:
    """Print a table, in colours where the stream is a terminal."""
    text = io.TextIOWrapper(stream, encoding="utf-8", write_through=True)
    try:
        console(text if stream is not sys.stdout.buffer else sys.stdout).print(table)
    finally:
        text.detach()
