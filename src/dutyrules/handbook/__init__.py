"""The handbook: a pack read back as a document, its sentences made from the logic of its rules."""

from __future__ import annotations

from dutyrules.handbook.build import build_handbook
from dutyrules.handbook.document import Entry, Handbook, Section
from dutyrules.handbook.markdown import to_markdown
from dutyrules.handbook.webpage import to_html
from dutyrules.handbook.words import LANGUAGES

__all__ = ["LANGUAGES", "Entry", "Handbook", "Section", "build_handbook", "to_html", "to_markdown"]
