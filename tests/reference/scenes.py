"""One scene for each construct: a piece of a pack, and events that surely set it off, alone or among others."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import yaml

from . import ground
from .generated import PIECES, loaded, log_for
from .logs import STARTS, Drawing, Log

if TYPE_CHECKING:
    from random import Random

FILE = Path(__file__).with_name("scenes.yaml")
PLAIN_START = dt.date(2026, 3, 2)


@attrs.frozen
class Scene:
    """A piece of a pack, the events of its log, how far to look, and what that must come to."""

    id: str
    reaches: tuple[tuple[str, ...], ...]
    pack: dict[str, Any]
    log: tuple[dict[str, Any], ...]
    until: str
    carries: str


@lru_cache
def scenes() -> tuple[Scene, ...]:
    """Return the scenes of the file beside this one."""
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        Scene(
            each["id"],
            tuple(tuple(name.split()) for name in each["reaches"]),
            each["pack"],
            tuple(each["log"]),
            each["until"],
            each.get("carries", "all"),
        )
        for each in read
    )


def alone(scene: Scene) -> Log:
    """Return the log of a scene and nothing else."""
    pack, text = loaded(ground.document([scene.pack]))
    drawing = Drawing(None, pack, {}, PLAIN_START, 1)
    act(drawing, scene)
    return ended(drawing, scene, text)


def among_others(random: Random, scene: Scene) -> Log:
    """Return the log of a scene with another piece of a pack and with events drawn at random."""
    piece = PIECES[random.choice(sorted(PIECES))](random)
    pack, text = loaded(ground.document([scene.pack, piece]))
    drawing = Drawing(random, pack, {}, dt.date.fromisoformat(random.choice(STARTS)), 1)
    act(drawing, scene)
    own = ended(drawing, scene, text)
    if random.choice((True, False)):
        return own
    noise = log_for(random, pack, text, 6, start=drawing.days[0])
    renamed = tuple(attrs.evolve(event, id=f"x{event.id}") for event in noise.events)
    return attrs.evolve(own, events=(*own.events, *renamed), until=max(own.until, *(each.time for each in renamed)))


def act(drawing: Drawing, scene: Scene) -> None:
    """Add the events of a scene."""
    for entry in scene.log:
        fields = {name: value for name, value in entry.items() if name not in ("at", "type", "id")}
        data = {name: placed(drawing.days[0], value) for name, value in fields.items()}
        drawing.add(entry["type"], instant(drawing.days[0], entry["at"]), entry.get("id"), **data)


def ended(drawing: Drawing, scene: Scene, text: str) -> Log:
    """Return the log that has been drawn, up to the end of its scene."""
    carries = "all" if scene.carries == "all" else {}
    return Log(drawing.pack, tuple(drawing.events), instant(drawing.days[0], scene.until), carries, text)


def placed(start: dt.date, value):
    """Return a field's value, with what counts from the first day put in its place."""
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    if " " not in value:
        return start + dt.timedelta(days=int(value[1:]))
    return moment(start, value).isoformat()


def moment(start: dt.date, text: str) -> dt.datetime:
    """Return the time that `@1 09:00:00` means."""
    day, clock = text.removeprefix("@").split()
    there = start + dt.timedelta(days=int(day))
    return dt.datetime.combine(there, dt.time.fromisoformat(clock), Drawing.zone)


def instant(start: dt.date, text: str) -> int:
    """Return the second that `@1 09:00:00` means."""
    return int(moment(start, text).timestamp())
