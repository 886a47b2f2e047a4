"""The events that packs and HR software agree on: their names, fields and types."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dutyrules.policies.diagnostics import Diagnostics, render_text
from dutyrules.policies.yaml_source import read_yaml
from dutyrules.vocabulary import compiled
from dutyrules.vocabulary.event_types import Vocabulary, read_events, read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.model import EventType

__all__ = [
    "SOURCE",
    "Vocabulary",
    "event_aliases",
    "load_vocabulary",
    "read_events",
    "read_source",
    "read_vocabulary",
    "vocabulary",
]

SOURCE: Final = "events.yaml"


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary that ships; its text is read only where it changed since it was compiled."""
    folder = files(__package__)
    source = folder.joinpath(SOURCE).read_bytes()
    before = folder.joinpath(compiled.FILE)
    found = compiled.read_compiled(before.read_bytes(), source) if before.is_file() else None
    return found or read_source(source)


def read_source(source: bytes) -> Vocabulary:
    """Read the text of a vocabulary; raises `ValueError` with every fault."""
    text = source.decode("utf-8")
    diagnostics = Diagnostics()
    [root] = read_yaml(text, SOURCE, diagnostics)
    found = read_vocabulary(root, diagnostics)
    if diagnostics.items:
        raise ValueError(render_text(diagnostics.items, {SOURCE: text}))
    return found


@cache
def load_vocabulary() -> Mapping[str, EventType]:
    """Return every event type by its name."""
    return MappingProxyType(dict(vocabulary().types))


@cache
def event_aliases() -> Mapping[str, str]:
    """Return the event type that each other name stands for."""
    return MappingProxyType(dict(vocabulary().aliases))
