"""The vocabulary as a page: each event type, its fields and types, and which rules of which packs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dutyrules.policies.event_readers import readers_by_pack
from dutyrules.vocabulary import event_aliases, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.policies.model import EventType, FieldSpec, Pack

HEAD: Final = """# Vocabulary

The event types that packs and HR software share. A log names them, or any of their other names; a field is optional
unless a rule reads it. `dutyrules vocabulary --pack NAME` prints the types that one pack reads, which is what an
organisation's log has to carry. This page is made by `dutyrules vocabulary`; [events.md](events.md) tells what an event
looks like.

Under each type stand its fields, with the words that a field may have and what stands in for one that is left out, and
then the rules that read it, directly or through what a pack remembers and counts.
"""
LONGEST: Final = 130


def vocabulary_page(packs: Iterable[Pack], *, only_read: bool = False) -> str:
    """Return the page as Markdown; `only_read`: without the types that no rule of the packs reads."""
    packs = tuple(packs)
    readers = readers_by_pack(packs)
    types: dict[str, EventType] = dict(load_vocabulary())
    for pack in packs:
        types |= {name: kind for name, kind in pack.events.items() if name not in types}
    others: dict[str, list[str]] = {}
    for other, name in event_aliases().items():
        others.setdefault(name, []).append(other)
    shown = [kind for name, kind in sorted(types.items()) if not only_read or name in readers]
    parts = [HEAD]
    for kind in shown:
        own = [
            pack.prefix.rstrip("/") for pack in packs if kind.name not in load_vocabulary() and kind.name in pack.events
        ]
        lines = _section(kind, sorted(others.get(kind.name, ())), readers.get(kind.name, {}), own)
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _section(
    kind: EventType, others: list[str], readers: Mapping[str, tuple[str, ...]], own: list[str]
) -> Iterator[str]:
    yield f"## {kind.name}"
    yield ""
    yield f"{kind.says.get('zh', '')} · {kind.says.get('en', '')}"
    if own:
        yield f"(only in {', '.join(own)})"
    yield ""
    if others:
        yield f"* also: {', '.join(f'`{name}`' for name in others)}"
    if kind.person is not None:
        yield f"* whose: `{kind.person}`"
    if kind.on_shift:
        yield "* happens on a shift: the roster tells its `duty_date` and `period`"
    yield from _wrapped("* fields: ", [_field(field, kind) for field in kind.fields.values()])
    for pack, rules in readers.items():
        yield from _wrapped(f"* {pack}: ", [f"`{rule}`" for rule in rules])
    if not readers:
        yield "* read by no rule of these packs"


def _field(field: FieldSpec, kind: EventType) -> str:
    also = sorted(name for name, to in kind.aliases.items() if to == field.name)
    notes = [field.type.value]
    if field.values:
        notes = [" ".join(f"`{value}`" for value in field.values)]
    if also:
        notes.append("also " + " ".join(f"`{name}`" for name in also))
    if field.has_default:
        shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        notes.append(f"default `{shown}`")
    return f"`{field.name}` ({'; '.join(notes)})"


def _wrapped(head: str, items: list[str]) -> Iterator[str]:
    """Yield items with commas between, in lines that are not too long."""
    line = head
    for number, item in enumerate(items):
        piece = item if number == len(items) - 1 else f"{item}, "
        if len(line) + len(piece) > LONGEST and line.strip():
            yield line.rstrip()
            line = "  "
        line += piece
    if items:
        yield line.rstrip()
