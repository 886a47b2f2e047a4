"""Ladders as pictures: an SVG, and a drawing in letters."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.handbook.document import Picture
from dutyrules.handbook.ladders import STEP_NAME
from dutyrules.handbook.text import plain

if TYPE_CHECKING:
    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Accumulation, Ladder

NARROWEST: Final = 100
HEIGHT: Final = 44
APART: Final = 46
RISE: Final = 34
MARGIN: Final = 34
ARC: Final = 30
LETTER: Final = 8
WIDE_LETTER: Final = 15
_WIDE: Final = "\u2e80"


def draw(ladder: Ladder, words: Words) -> Picture:
    """Return a ladder as a picture in both forms."""
    found = _Drawn(ladder, words)
    return Picture(found.svg(), found.letters(), ladder.name)


@attrs.frozen
class _Arrow:
    """An accumulation: from a step, to a step or a question, and what is written on it."""

    start: str
    end: str
    text: str


class _Drawn:
    def __init__(self, ladder: Ladder, words: Words) -> None:
        self.ladder = ladder
        self.words = words
        asked = [ladder.at_cap, *(one.asks for one in ladder.accumulate)]
        self.asked = [name for name in dict.fromkeys(asked) if name is not None and name not in ladder.steps]
        self.nodes = [*ladder.steps, *self.asked]
        self.arrows = [_Arrow(one.of, one.gives or one.asks or "", self._short(one)) for one in ladder.accumulate]
        self.width = max(NARROWEST, *(_length(self._label(name)) + 24 for name in self.nodes))
        self.top = MARGIN + RISE * (len(self.nodes) - 1)

    def _label(self, name: str) -> str:
        label = plain(self.words.name(name, STEP_NAME))
        return f"{label}?" if name in self.asked else label

    def _short(self, one: Accumulation) -> str:
        if one.within is None:
            return plain(self.words("ladder_short", n=one.reaches))
        return plain(self.words("ladder_short_within", n=one.reaches, duration=self.words.duration(one.within)))

    @property
    def _highest(self) -> int:
        """Return the place of the step that repeats cannot climb above."""
        steps, cap = self.ladder.steps, self.ladder.repeat_cap
        return steps.index(cap) if cap in steps else len(steps) - 1

    # --- SVG ----------------------------------------------------------------------------------------------------------

    def svg(self) -> str:
        """Return the ladder as SVG: steps rise to the right, repeats climb above them, accumulations below."""
        bottom = self.top + HEIGHT + ARC * (len(self.arrows) + 1)
        width = MARGIN * 2 + (self.width + APART) * (len(self.nodes) - 1) + self.width
        drawn = [self._box(name) for name in self.nodes]
        if self.ladder.repeat_same is not None:
            drawn += self._climbs()
        for index, arrow in enumerate(self.arrows):
            drawn.append(self._below(arrow, bottom - ARC * (len(self.arrows) - index)))
        title = html.escape(f"{self.ladder.name}: {' → '.join(map(self._label, self.ladder.steps))}")
        return (
            f'<svg class="ladder" role="img" viewBox="0 0 {width} {bottom}" style="max-width:{width}px" '
            f'xmlns="http://www.w3.org/2000/svg"><title>{title}</title><defs><marker id="{self._tip}" '
            'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 8 4 0 8z"/></marker></defs>'
            f"{''.join(drawn)}</svg>"
        )

    @property
    def _tip(self) -> str:
        return html.escape(f"tip-{self.words.pack.prefix.replace('/', '-')}{self.ladder.name}")

    def _spot(self, name: str) -> tuple[int, int]:
        index = self.nodes.index(name)
        return MARGIN + (self.width + APART) * index, self.top - RISE * index

    def _box(self, name: str) -> str:
        x, y = self._spot(name)
        kind = "asked" if name in self.asked else "step"
        return (
            f'<rect class="{kind}" x="{x}" y="{y}" width="{self.width}" height="{HEIGHT}" rx="6"/>'
            f'<text x="{x + self.width // 2}" y="{y + HEIGHT // 2 + 5}">{html.escape(self._label(name))}</text>'
        )

    def _climbs(self) -> list[str]:
        """Draw how repeats climb: from each step to one so much higher, up to the cap, and there to the question."""
        steps, raised, highest = self.ladder.steps, self.ladder.repeat_raise, self._highest
        pairs = [(steps[at], steps[min(at + raised, highest)]) for at in range(highest)]
        if self.ladder.at_cap in self.nodes:
            pairs.append((steps[highest], self.ladder.at_cap or ""))
        drawn = [self._climb(start, end) for start, end in pairs if start != end]
        drawn.append(self._note(steps[0], self.words("ladder_repeat_short", raise_=raised)))
        if self.ladder.repeat_cap in steps:
            drawn.append(self._note(steps[highest], self.words("ladder_cap_short")))
        return drawn

    def _climb(self, start: str, end: str) -> str:
        (x, y), (to, above) = self._spot(start), self._spot(end)
        from_, level = x + self.width - 24, above + HEIGHT // 2
        return f'<path class="climb" d="M{from_} {y} V{level} H{to - 2}" marker-end="url(#{self._tip})"/>'

    def _note(self, name: str, text: str) -> str:
        x, y = self._spot(name)
        shown = html.escape(text)
        return f'<text class="note" x="{x + self.width - 30}" y="{y - 7}" style="text-anchor:end">{shown}</text>'

    def _below(self, arrow: _Arrow, level: int) -> str:
        (x, y), (to, above) = self._spot(arrow.start), self._spot(arrow.end)
        left, right = x + self.width // 2 + 10, to + self.width // 2 - 10
        return (
            f'<path class="sum" d="M{left} {y + HEIGHT} V{level} H{right} V{above + HEIGHT + 2}" '
            f'marker-end="url(#{self._tip})"/><text class="note" x="{left + 8}" y="{level - 6}" '
            f'style="text-anchor:start">{html.escape(arrow.text)}</text>'
        )

    # --- letters ------------------------------------------------------------------------------------------------------

    def letters(self) -> str:
        """Return the ladder in letters: the lightest step at the foot, and beside each step what leads to it."""
        lines = []
        for at, name in enumerate(self.nodes):
            beside = [f"{self._label(one.start)} {one.text}" for one in self.arrows if one.end == name]
            if name == self.ladder.repeat_cap:
                beside.insert(0, self.words("ladder_cap_short"))
            if name == self.ladder.at_cap:
                beside.insert(0, self.words("ladder_beyond_cap"))
            box = f"( {self._label(name)} )" if name in self.asked else f"[ {self._label(name)} ]"
            notes = f"   ← {self.words('semicolon').join(beside)}" if beside else ""
            lines.append(f"{'    ' * at}{box}{notes}")
        if self.ladder.repeat_same is not None:
            lines.insert(0, self.words("ladder_repeat_short", raise_=self.ladder.repeat_raise))
        return plain("\n".join(reversed(lines)))


def _length(text: str) -> int:
    return sum(WIDE_LETTER if letter > _WIDE else LETTER for letter in text)
