"""Packs made of pieces, with logs that fit them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import yaml

from dutyrules.policies.load import check_text

from . import duty_pieces, ground, outcome_pieces
from .logs import PEOPLE, STARTS, Drawing, Log, used_types

if TYPE_CHECKING:
    from random import Random

PIECES = duty_pieces.PIECES | outcome_pieces.PIECES
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The same YAML, written in C where PyYAML was built with libyaml."""


def generated(random: Random, most_pieces: int = 2, most_events: int = 18) -> Log:
    """Draw a pack of one or more pieces and a log of a few days for it."""
    names = random.sample(sorted(PIECES), random.randint(1, most_pieces))
    pack, text = loaded(ground.document([PIECES[name](random) for name in names]))
    return log_for(random, pack, text, most_events)


def loaded(document: dict) -> tuple[object, str]:
    """Return the checked pack that a document is, with its text."""
    text = yaml.dump(document, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=200)
    checked = check_text(text, file="generated.yaml")
    errors = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
    assert not errors, "\n".join([*errors, text])
    return checked.packs[0], text


def log_for(random: Random, pack, text: str, most_events: int, start: dt.date | None = None) -> Log:
    """Draw a log of a few days for a generated pack."""
    start = start or dt.date.fromisoformat(random.choice(STARTS))
    pools = {
        "person": PEOPLE,
        "job": ("j1", "j2"),
        "dept": ("north", "south"),
        "level": (0, 1, 2, 3),
        "code": tuple(pack.rules) + tuple(f"generated/{name}" for name in pack.rules),
        "about": ("j1", "j2", *PEOPLE),
        "by": ("head", "office"),
        "norm": tuple(pack.rules),
        "duty_date": tuple((start + dt.timedelta(days=number)).isoformat() for number in range(5)),
        "period": ("early", "late", "early", "normal"),
        "step": ("warn", "stern", "out"),
    }
    drawing = Drawing(random, pack, pools, start, 5)
    for person in PEOPLE[: random.randint(0, 3)]:
        data = {"person": person, "dept": drawing.one(pools["dept"]), "level": drawing.one(pools["level"])}
        drawing.add("joined", drawing.at(start, "00:00:00"), **data)
    names = [name for name in used_types(pack) if name != "joined"]
    for _ in range(random.randint(2, most_events)):
        drawing.any_event(names)
    beyond = (
        (0, 1, 3600, 43200)
        if any(rule.gap for rule in pack.rules.values())
        else (0, 1, 3600, 86400, 4 * 86400, 40 * 86400)
    )
    until = max(event.time for event in drawing.events) + drawing.one(beyond)
    carries = drawing.one(("all", "all", "all", None, {"act_done": start + dt.timedelta(days=2)}))
    return Log(pack, tuple(drawing.events), until, {} if carries is None else carries, text)
