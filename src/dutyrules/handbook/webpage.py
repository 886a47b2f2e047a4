"""Writes a handbook as one HTML file that needs no network and prints well."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final, assert_never

from dutyrules.handbook.document import Entry, Lines, Paragraph, Picture, Table
from dutyrules.handbook.links import Links
from dutyrules.handbook.style import CSS
from dutyrules.handbook.text import Mark, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.handbook.document import Block, Handbook, Item, Section

LANGUAGE_TAGS: Final = {"en": "en", "zh": "zh-Hans"}


def to_html(book: Handbook) -> str:
    """Return a handbook as an HTML page."""
    writer = _Writer(book)
    title = html.escape(book.title)
    contents = "".join(writer.contents(book.sections, top=True))
    body = "".join(piece for section in book.sections for piece in writer.section(section, 2))
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE_TAGS[book.language]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<header><h1>{title}</h1></header>\n"
        f'<nav aria-label="{html.escape(book.labels.contents)}"><h2>{html.escape(book.labels.contents)}</h2>{contents}'
        f"</nav>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


class _Writer:
    def __init__(self, book: Handbook) -> None:
        self._labels = book.labels
        self._links = Links(book)
        self._home = ""

    def contents(self, sections: Iterable[Section], *, top: bool = False) -> Iterator[str]:
        listed = list(sections)
        if top and len(listed) == 1:
            yield from self.contents(listed[0].sections)
            return
        if listed:
            yield "<ul>"
            for section in listed:
                yield f'<li><a href="#{self._slug(section.anchor)}">{html.escape(section.title)}</a>'
                yield from self.contents(section.sections)
                yield "</li>"
            yield "</ul>"

    def section(self, section: Section, level: int) -> Iterator[str]:
        if section.home is not None:
            self._home = section.home
        heading = f"h{min(level, 5)}"
        yield f'<section id="{self._slug(section.anchor)}"><{heading}>{html.escape(section.title)}</{heading}>\n'
        for block in section.blocks:
            yield from self._block(block, min(level + 1, 6))
        for below in section.sections:
            yield from self.section(below, level + 1)
        yield "</section>\n"

    def _slug(self, anchor: str) -> str:
        return html.escape(self._links.slug(anchor))

    def _block(self, block: Block, level: int) -> Iterator[str]:
        match block:
            case Paragraph(text=text):
                yield f"<p>{self._text(text)}</p>\n"
            case Table():
                yield from self._table(block)
            case Lines(items=items):
                yield from self._items(items)
            case Picture(svg=svg):
                yield f"<figure>{svg}</figure>\n"
            case Entry():
                yield from self._entry(block, level)
            case _:
                assert_never(block)

    def _entry(self, entry: Entry, level: int) -> Iterator[str]:
        labels = self._labels
        clause = f" <span>{html.escape(entry.clause)}</span>" if entry.clause else ""
        yield f'<article id="{self._slug(entry.anchor)}" class="{entry.kind}">'
        yield f"<h{level}><code>{html.escape(entry.id)}</code> <span class=kind>{html.escape(entry.kind_words)}</span>"
        yield f"{clause}</h{level}>\n"
        if entry.says:
            yield f'<div class="says"><b>{html.escape(labels.says)}</b><p>{html.escape(entry.says)}</p></div>\n'
        yield f'<div class="logic"><b>{html.escape(labels.logic)}</b><p>{self._text(entry.sentence)}</p>'
        yield "".join(f'<a id="{self._slug(one)}"></a>' for one in entry.anchors)
        yield from self._items(entry.items)
        if entry.notes:
            yield f'<div class="notes"><b>{html.escape(labels.where)}</b>'
            yield from self._items(entry.notes)
            yield "</div>"
        yield "</div></article>\n"

    def _items(self, items: tuple[Item, ...]) -> Iterator[str]:
        if items:
            yield "<ul>"
            for item in items:
                yield f"<li>{self._text(item.text)}"
                yield from self._items(item.below)
                yield "</li>"
            yield "</ul>\n"

    def _table(self, table: Table) -> Iterator[str]:
        yield '<div class="wide"><table>'
        if any(table.head):
            yield f"<thead><tr>{''.join(f'<th scope=col>{self._text(cell)}</th>' for cell in table.head)}</tr></thead>"
        yield "<tbody>"
        for index, row in enumerate(table.rows):
            anchor = f' id="{self._slug(table.anchors[index])}"' if table.anchors else ""
            first, *rest = row
            cells = "".join(f"<td>{self._text(cell)}</td>" for cell in rest)
            yield f"<tr{anchor}><th scope=row>{self._text(first)}</th>{cells}</tr>"
        yield "</tbody></table></div>\n"

    def _text(self, text: str) -> str:
        return "".join(self._span(mark, piece) for mark, piece in spans(text))

    def _span(self, mark: Mark, piece: str) -> str:
        shown = html.escape(piece)
        match mark:
            case Mark.PLAIN:
                return shown
            case Mark.CODE:
                return f"<code>{shown}</code>"
            case Mark.FIGURE:
                return f'<b class="figure">{shown}</b>'
            case Mark.STRONG:
                return f'<b class="force">{shown}</b>'
            case Mark.RULE | Mark.TERM:
                target = self._links.target(self._home, piece, rule=mark is Mark.RULE)
                linked = f"<code>{shown}</code>"
                return linked if target is None else f'<a href="#{html.escape(target)}">{linked}</a>'
            case _:
                assert_never(mark)
