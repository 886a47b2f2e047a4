"""Writes a handbook as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from dutyrules.handbook.document import Entry, Lines, Paragraph, Picture, Table
from dutyrules.handbook.links import Links
from dutyrules.handbook.text import Mark, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.handbook.document import Block, Handbook, Item, Labels, Section

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~])")


def to_markdown(book: Handbook) -> str:
    """Return a handbook as a Markdown page."""
    writer = _Writer(book)
    lines = [f"# {_escape(book.title)}", ""]
    lines += [f"## {_escape(book.labels.contents)}", "", *writer.contents(book.sections, 0), ""]
    for section in book.sections:
        lines += writer.section(section, 2)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


class _Writer:
    def __init__(self, book: Handbook) -> None:
        self._labels: Labels = book.labels
        self._links = Links(book)
        self._home = ""

    def contents(self, sections: Iterable[Section], depth: int) -> Iterator[str]:
        for section in sections:
            yield f"{'  ' * depth}- [{_escape(section.title)}](#{self._links.slug(section.anchor)})"
            yield from self.contents(section.sections, depth + 1)

    def section(self, section: Section, level: int) -> Iterator[str]:
        if section.home is not None:
            self._home = section.home
        yield self._anchor(section.anchor)
        yield ""
        yield f"{'#' * min(level, 6)} {_escape(section.title)}"
        yield ""
        for block in section.blocks:
            yield from self._block(block, level + 1)
            yield ""
        for below in section.sections:
            yield from self.section(below, level + 1)

    def _anchor(self, anchor: str) -> str:
        return f'<a id="{self._links.slug(anchor)}"></a>'

    def _block(self, block: Block, level: int) -> Iterator[str]:
        match block:
            case Paragraph(text=text):
                yield self._text(text)
            case Table():
                yield from self._table(block)
            case Lines(items=items):
                yield from self._items(items, 0)
            case Picture(drawing=drawing):
                yield from ("```text", drawing, "```")
            case Entry():
                yield from self._entry(block, level)
            case _:
                assert_never(block)

    def _entry(self, entry: Entry, level: int) -> Iterator[str]:
        labels = self._labels
        yield "".join(self._anchor(one) for one in (entry.anchor, *entry.anchors))
        yield ""
        clause = f" · {_escape(entry.clause)}" if entry.clause else ""
        yield f"{'#' * min(level, 6)} `{entry.id}` · {_escape(entry.kind_words)}{clause}"
        yield ""
        if entry.says:
            yield f"> **{_escape(labels.says)}** {_escape(entry.says)}"
            yield ""
        yield f"**{_escape(labels.logic)}** {self._text(entry.sentence)}"
        if entry.items:
            yield ""
            yield from self._items(entry.items, 0)
        if entry.notes:
            yield ""
            yield f"*{_escape(labels.where)}*"
            yield ""
            yield from self._items(entry.notes, 0)

    def _items(self, items: Iterable[Item], depth: int) -> Iterator[str]:
        for item in items:
            yield f"{'  ' * depth}- {self._text(item.text)}"
            yield from self._items(item.below, depth + 1)

    def _table(self, table: Table) -> Iterator[str]:
        yield f"| {' | '.join(self._text(cell) for cell in table.head)} |"
        yield f"|{' --- |' * len(table.head)}"
        for index, row in enumerate(table.rows):
            anchor = self._anchor(table.anchors[index]) if table.anchors else ""
            yield f"| {anchor}{' | '.join(self._text(cell) for cell in row)} |"

    def _text(self, text: str) -> str:
        return "".join(self._span(mark, piece) for mark, piece in spans(text))

    def _span(self, mark: Mark, piece: str) -> str:
        match mark:
            case Mark.PLAIN:
                return _escape(piece)
            case Mark.CODE:
                return _code(piece)
            case Mark.FIGURE | Mark.STRONG:
                return f"**{_escape(piece)}**"
            case Mark.RULE | Mark.TERM:
                target = self._links.target(self._home, piece, rule=mark is Mark.RULE)
                return _code(piece) if target is None else f"[{_code(piece)}](#{target})"
            case _:
                assert_never(mark)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text.replace('|', '¦')}{fence}"
