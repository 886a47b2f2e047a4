"""Puts a handbook together: the head, tables, chapters in the order of clauses, ladders, records and counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dutyrules.handbook.document import Handbook, Labels, Paragraph, Section
from dutyrules.handbook.ladder_pictures import draw
from dutyrules.handbook.ladders import Ladders
from dutyrules.handbook.rules import Rules
from dutyrules.handbook.tables import Tables
from dutyrules.handbook.words import LANGUAGES, Words
from dutyrules.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dutyrules.handbook.document import Block
    from dutyrules.policies.model import Ladder, Pack, Rule

_NUMBERED: Final = re.compile(r"[0-9]+(?:[.][0-9]+)*[A-Za-z]?")
_NAMED: Final = re.compile(r"([^\W\d_]+(?:[-_][^\W\d_]+)*)[-_]?(?=[0-9])")
_PIECES: Final = re.compile(r"[0-9]+|[A-Za-z]+")

Place = tuple[str, tuple[tuple[int, str], ...]]
"""A chapter and where in it: the numbers and letters of the clause."""


def build_handbook(packs: Sequence[Pack], language: str) -> Handbook:
    """Return the handbook of packs, in `en` or `zh`; each pack is a part of its own."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no handbook in `{language}`: write one of {', '.join(LANGUAGES)}")
    if not packs:
        raise ValueError("there is no pack to make a handbook of")
    sections = [_pack(pack, Words(pack, language), f"{pack.prefix}" if len(packs) > 1 else "") for pack in packs]
    say = Words(packs[0], language)
    titles = dict.fromkeys(section.title for section in sections)
    labels = Labels(say("contents"), say("says"), say("logic"), say("where"))
    return Handbook(say("title", title=" · ".join(titles)), language, labels, tuple(sections))


def _pack(pack: Pack, words: Words, anchor: str) -> Section:
    tables, say = Tables(words, anchor), words
    intro = (Paragraph(say("intro")), Paragraph(say("legend")))
    head = [Section(say("about_pack"), f"{anchor}about", (tables.about(),))]
    if pack.roles:
        head.append(Section(say("roles"), f"{anchor}roles", (tables.roles(),)))
    if pack.parameters:
        head.append(Section(say("parameters"), f"{anchor}parameters", (tables.parameters(),)))
    times = tuple(_times(pack, words, tables, anchor))
    if times:
        head.append(Section(say("schedule"), f"{anchor}schedule", (), times))
    tail = list(_declared(pack, words, tables, anchor))
    title = say.in_language(pack.title) or pack.prefix.rstrip("/")
    return Section(title, f"{anchor}pack", intro, (*head, *_rules(pack, words, anchor), *tail), home=anchor)


def _times(pack: Pack, words: Words, tables: Tables, anchor: str) -> Iterator[Section]:
    for name, entries in (("seasons", pack.seasons), ("shifts", pack.shifts), ("hours", pack.hours)):
        if entries:
            yield Section(words(name), f"{anchor}{name}", (getattr(tables, name)(),))


def _declared(pack: Pack, words: Words, tables: Tables, anchor: str) -> Iterator[Section]:
    """Give the chapters after the rules: ladders, records, counts and formulas, the pack's own events."""
    say = words
    for ladder in pack.ladders.values():
        yield _ladder(ladder, words, anchor)
    if pack.records:
        yield Section(say("records"), f"{anchor}records", (tables.records(),))
    if pack.counts or pack.values:
        yield Section(say("counts"), f"{anchor}counts", (tables.counts(),))
    shared = load_vocabulary()
    own = tuple(name for name, event in pack.events.items() if shared.get(name) != event)
    if own:
        yield Section(say("events"), f"{anchor}events", (tables.events(own),))


def _ladder(ladder: Ladder, words: Words, anchor: str) -> Section:
    title = words("with_code", words=words("ladders"), name=ladder.name)
    return Section(title, f"{anchor}ladder-{ladder.name}", (draw(ladder, words), Ladders(words).lines(ladder)))


# --- chapters ---------------------------------------------------------------------------------------------------------


def _rules(pack: Pack, words: Words, anchor: str) -> Iterator[Section]:
    """Give the chapters of the rules, those of a part of the pack together."""
    rules = list(pack.rules.values())
    if not pack.parts:
        yield from _chapters(rules, words, anchor, anchor)
        return
    files = {part.file for part in pack.parts.values()}
    yield from _chapters([rule for rule in rules if rule.place.file not in files], words, anchor, anchor)
    for name, part in pack.parts.items():
        own = [rule for rule in rules if rule.place.file == part.file]
        title = words.in_language(part.title) or name
        yield Section(title, f"{anchor}part-{name}", (), tuple(_chapters(own, words, anchor, f"{anchor}{name}-")))


def _chapters(rules: Sequence[Rule], words: Words, anchor: str, begins: str) -> Iterator[Section]:
    """Give the chapters of rules in the order of their clauses; a rule without a number stays behind the one before."""
    placed: list[tuple[Place, int, Rule]] = []
    place: Place = ("", ())
    for index, rule in enumerate(rules):
        place = _place(rule) or place
        placed.append((place, index, rule))
    appeared = {chapter: index for (chapter, _), index, _ in reversed(placed)}
    placed.sort(key=lambda one: (_chapter_order(one[0][0], appeared), one[0][1], one[1]))
    writer = Rules(words, anchor)
    by_chapter: dict[str, list[Block]] = {}
    for (chapter, _), _, rule in placed:
        by_chapter.setdefault(chapter, []).append(writer.entry(rule))
    for chapter, blocks in by_chapter.items():
        yield Section(_title(chapter, words), f"{begins}chapter-{chapter or 'first'}", tuple(blocks))


def _place(rule: Rule) -> Place | None:
    """Return the chapter of a rule and its place there, None where its clause has no number."""
    match = _NUMBERED.match(rule.clause)
    if match is not None:
        return match[0].split(".")[0].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), _order(match[0])
    match = _NAMED.match(rule.clause)
    if match is None:
        return None
    number = re.match(r"[0-9]+(?:[-.][0-9]+)*[A-Za-z]?(?=-|$)", rule.clause[match.end() :])
    return match[1], _order(number[0] if number is not None else rule.clause[match.end() :])


def _order(number: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(one), "") if one.isdigit() else (0, one) for one in _PIECES.findall(number))


def _chapter_order(chapter: str, appeared: dict[str, int]) -> tuple[int, int]:
    """Order numbered chapters by their numbers, then others as they appear."""
    return (0, int(chapter)) if chapter.isdigit() else (1 if chapter else -1, appeared[chapter])


def _title(chapter: str, words: Words) -> str:
    if not chapter:
        return words("chapter_first")
    return words("chapter" if chapter.isdigit() else "chapter_other", number=chapter, name=chapter)
