"""What a handbook is made of, before any writer gives it a form."""

from __future__ import annotations

import attrs


@attrs.frozen
class Item:
    """A line below a sentence, perhaps with lines below it."""

    text: str
    below: tuple[Item, ...] = ()


@attrs.frozen
class Paragraph:
    """Plain sentences."""

    text: str


@attrs.frozen
class Table:
    """A table; `anchors` are those of the rows that something links to."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    anchors: tuple[str, ...] = ()


@attrs.frozen
class Entry:
    """One rule: its words beside the sentence that its logic makes, and what belongs to that sentence.

    `says` are the author's words; `sentence` is derived; `anchors` are those of its tiers.
    """

    id: str
    anchor: str
    kind: str
    kind_words: str
    clause: str
    says: str
    sentence: str
    items: tuple[Item, ...] = ()
    notes: tuple[Item, ...] = ()
    anchors: tuple[str, ...] = ()


@attrs.frozen
class Picture:
    """A picture in two forms: SVG, and a drawing in letters."""

    svg: str
    drawing: str
    caption: str


@attrs.frozen
class Lines:
    """A list of lines."""

    items: tuple[Item, ...]


Block = Paragraph | Table | Entry | Picture | Lines


@attrs.frozen
class Section:
    """A chapter with its blocks and the chapters below it; `home` begins the anchors of the pack, where it is one."""

    title: str
    anchor: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    home: str | None = None

    def entries(self) -> tuple[Entry, ...]:
        """Return every rule in this chapter and below it."""
        own = tuple(block for block in self.blocks if isinstance(block, Entry))
        return (*own, *(entry for section in self.sections for entry in section.entries()))


@attrs.frozen
class Labels:
    """Words that writers need."""

    contents: str
    says: str
    logic: str
    where: str


@attrs.frozen
class Handbook:
    """A whole document."""

    title: str
    language: str
    labels: Labels
    sections: tuple[Section, ...]

    def entries(self) -> tuple[Entry, ...]:
        """Return every rule in order."""
        return tuple(entry for section in self.sections for entry in section.entries())
