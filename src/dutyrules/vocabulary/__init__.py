"""The events that packs and HR software agree on: their names, fields and types."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from dutyrules.policies.diagnostics import Diagnostics, render_text
from dutyrules.policies.yaml_source import read_yaml
from dutyrules.vocabulary.event_types import Vocabulary, read_events, read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.model import EventType

__all__ = ["Vocabulary", "event_aliases", "load_vocabulary", "read_events", "read_vocabulary", "vocabulary"]

FILE = "events.yaml"


@cache
def vocabulary() -> Vocabulary:
    """Read the vocabulary that ships with the package."""
    text = files(__package__).joinpath(FILE).read_text("utf-8")
    diagnostics = Diagnostics()
    [root] = read_yaml(text, FILE, diagnostics)
    found = read_vocabulary(root, diagnostics)
    if diagnostics.items:
        raise ValueError(render_text(diagnostics.items, {FILE: text}))
    return found


@cache
def load_vocabulary() -> Mapping[str, EventType]:
    """Return every event type by its name."""
    return MappingProxyType(dict(vocabulary().types))


@cache
def event_aliases() -> Mapping[str, str]:
    """Return the event type that each other name stands for."""
    return MappingProxyType(dict(vocabulary().aliases))
