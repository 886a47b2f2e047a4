"""Anchors: the names under which parts of a handbook can be linked to, each given once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dutyrules.handbook.document import Entry, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.handbook.document import Handbook, Section

_STRANGE: Final = re.compile(r"[^\w.-]+")


class Links:
    """Knows the anchor of each rule, tier and declared name."""

    def __init__(self, book: Handbook) -> None:
        self._slugs: dict[str, str] = {}
        taken: set[str] = set()
        for anchor in (one for section in book.sections for one in _anchors(section)):
            slug = wanted = _STRANGE.sub("-", anchor).strip("-") or "part"
            number = 1
            while slug in taken:
                number += 1
                slug = f"{wanted}-{number}"
            if anchor not in self._slugs:
                taken.add(slug)
                self._slugs[anchor] = slug

    def slug(self, anchor: str) -> str:
        """Return an anchor as it may stand in a page."""
        return self._slugs[anchor]

    def target(self, home: str, name: str, *, rule: bool) -> str | None:
        """Return where a name of a pack leads, None where nothing has it; `home` begins the pack's anchors."""
        return self._slugs.get(f"{home}rule:{name}" if rule else f"{home}={name}")


def _anchors(section: Section) -> Iterator[str]:
    yield section.anchor
    for block in section.blocks:
        if isinstance(block, Entry):
            yield block.anchor
            yield from block.anchors
        elif isinstance(block, Table):
            yield from block.anchors
    for below in section.sections:
        yield from _anchors(below)
