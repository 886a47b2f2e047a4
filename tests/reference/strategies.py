"""Hypothesis strategies: generated packs with logs that fit them, and logs of a clinic's days of duty."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import attrs
import yaml
from hypothesis import strategies as st

from dutyrules.events import decode_event
from dutyrules.policies.load import check_text
from dutyrules.policies.syntax import FactKind, Pattern

from . import fragments
from .trees import parts

if TYPE_CHECKING:
    from random import Random

ZONE = dt.timezone(dt.timedelta(hours=8))
EDGES = (
    "00:00:00",
    "06:00:00",
    "08:00:00",
    "08:30:00",
    "09:00:00",
    "12:00:00",
    "13:00:00",
    "14:00:00",
    "17:00:00",
    "18:00:00",
)
LATE_EDGES = ("19:00:00", "20:00:00", "20:30:00", "21:00:00", "23:59:59")
STEPS = (0, 0, 1800, 3600, 7200, 86400, 93600)
STARTS = ("2026-01-30", "2026-02-26", "2026-02-27", "2025-12-30", "2026-05-30", "2026-03-14")
DICE = st.randoms(use_true_random=True)
"""Hypothesis draws where the dice start; an example is then thrown from there, so that each is new in all its parts."""
PEOPLE = ("ann", "bo", "c,y|z\\")


@attrs.frozen
class Log:
    """A pack (by its YAML text, where it was made up), the events of a log and the instant up to which to look."""

    pack: object
    events: tuple
    until: int
    carries: object
    text: str = ""

    def __repr__(self) -> str:
        """Show what is needed to run the example again."""
        lines = "\n".join(f"{event.id} {event.type} {iso(event.time)} {dict(event.data)}" for event in self.events)
        until = f"--- until {iso(self.until)}, carries {self.carries}"
        return f"\n--- pack\n{own_part(self.text) or self.pack.file}\n--- log\n{lines}\n{until}\n"

    def _repr_pretty_(self, printer, _cycle) -> None:
        """Show the same to hypothesis, which else would print the whole checked pack."""
        printer.text(repr(self))


def own_part(text: str) -> str:
    """Return what a generated pack says beyond the common ground of all of them."""
    if not text:
        return ""
    own = {key: value for key, value in yaml.safe_load(text).items() if key not in (*fragments.GROUND, "events")}
    return yaml.safe_dump(own, sort_keys=False, allow_unicode=True, width=200)


def iso(instant: int) -> str:
    """Return an instant as text."""
    return dt.datetime.fromtimestamp(instant, ZONE).isoformat()


class Drawing:
    """Draws the events of one log one after the other."""

    def __init__(self, random: Random, pack, pools: dict, start: dt.date, span: int) -> None:
        self.dice, self.pack, self.pools = random, pack, pools
        self.days = [start + dt.timedelta(days=number) for number in range(span)]
        self.events: list = []

    def one(self, values):
        """Draw one of some values."""
        return self.dice.choice(tuple(values))

    def chance(self, of: int) -> bool:
        """Draw true once in so many times."""
        return self.dice.randint(1, of) == 1

    def instant(self) -> int:
        """Draw an instant at, just before or just after a limit: of the day, or a step after an earlier event."""
        nudge = self.one((0, 0, 0, -1, 1))
        if self.events and not self.chance(2):
            return self.one([event.time for event in self.events]) + self.one(STEPS) + nudge
        day, clock = self.one(self.days), dt.time.fromisoformat(self.one((*EDGES, *LATE_EDGES)))
        return int(dt.datetime.combine(day, clock, ZONE).timestamp()) + nudge

    def at(self, day: dt.date, clock: str, nudge: int = 0) -> int:
        """Return the instant of a time of day."""
        return int(dt.datetime.combine(day, dt.time.fromisoformat(clock), ZONE).timestamp()) + nudge

    def value(self, spec):
        """Draw a value for a field."""
        if spec.name in self.pools:
            return self.one(self.pools[spec.name])
        if spec.values:
            return self.one(spec.values)
        kinds = {
            "bool": lambda: not self.one((0, 1)),
            "int": lambda: self.dice.randint(0, 3),
            "number": lambda: self.dice.randint(0, 3),
            "money": lambda: self.one((0, 5, 10, 20, 30, 50, 60)),
            "date": (self.one(self.days) + dt.timedelta(days=self.one((0, 0, 0, 1, 2)))).isoformat,
            "time": lambda: iso(self.instant()),
            "month": lambda: self.one(self.days).isoformat()[:7],
            "person": lambda: self.one(PEOPLE),
            "list": lambda: [self.one(PEOPLE)],
        }
        return kinds.get(str(spec.type), lambda: self.one(("x", "y")))()

    def add(self, name: str, time: int, /, **given) -> None:
        """Add an event with the fields given."""
        known = self.pack.events[name].fields
        data = {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in given.items()}
        document = {
            "specversion": "1.0",
            "source": "test",
            "id": f"e{len(self.events):02}" if not self.chance(6) else f"a{len(self.events):02}",
            "type": name,
            "time": iso(time),
            "data": {field: value for field, value in data.items() if field in known},
        }
        self.events.append(decode_event(document, self.pack.events, self.pack.timezone))

    def any_event(self, names, missing: int = 8) -> None:
        """Add an event with fields drawn at random, of which some are missing."""
        name = self.one(names)
        specs = self.pack.events[name].fields.values()
        data = {spec.name: self.value(spec) for spec in specs if not self.chance(missing)}
        self.pools["about"] = (*self.pools["about"][-12:], f"e{len(self.events):02}")
        self.add(name, self.instant(), **data)


def used_types(pack) -> list[str]:
    """Return the event types that a pack looks at."""
    found = {"finding", "ruling"}
    for section in (pack.records, pack.counts, pack.rules, pack.ladders):
        for part in section.values():
            for node in parts(part):
                if isinstance(node, Pattern) and node.kind is FactKind.EVENT:
                    found.update(node.names)
    return sorted(found & set(pack.events))


@st.composite
def generated(draw, most_pieces: int = 2, most_events: int = 18) -> Log:
    """Draw a pack of one or more pieces and a log of a few days for it."""
    random = draw(DICE)
    names = random.sample(sorted(fragments.PIECES), random.randint(1, most_pieces))
    document = fragments.document([fragments.PIECES[name](random) for name in names])
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=200)
    checked = check_text(text, file="generated.yaml")
    errors = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
    assert not errors, "\n".join([*errors, text])
    return log_for(random, checked.packs[0], text, most_events)


def log_for(random: Random, pack, text: str, most_events: int) -> Log:
    """Draw a log of a few days for a generated pack."""
    start = dt.date.fromisoformat(random.choice(STARTS))
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


# --- the clinic -------------------------------------------------------------------------------------------------------

STAFF = {
    "li": ("nursing", "nurse"),
    "wan": ("nursing", "nurse"),
    "zou": ("pharmacy", "pharmacist"),
    "he": ("nursing", "hospital_leader"),
}


@st.composite
def clinic(draw, pack, most_scenes: int = 5) -> Log:
    """Draw a few scenes of clinic duty around the end of a month or a season."""
    random = draw(DICE)
    start = dt.date.fromisoformat(random.choice(STARTS))
    pools = {
        "person": tuple(STAFF),
        "about": (*STAFF, "c1", "c2", "s1", "kettle"),
        "code": tuple(pack.rules) + tuple(f"clinic/{name}" for name in pack.rules),
        "norm": tuple(pack.rules),
        "dept": ("nursing", "pharmacy"),
        "period": ("noon", "night", "normal"),
        "request_id": ("r1", "r2"),
        "complaint_id": ("c1", "c2"),
        "call_id": ("s1", "s2"),
        "incident_id": ("i1", "i2"),
        "item": ("kettle", "lamp"),
        "role": ("nurse", "hospital_leader", "group_leader"),
        "reason": ("urgent", "none"),
        "leave_type": ("personal", "sick", "wedding", "official_trip"),
    }
    drawing = Drawing(random, pack, pools, start, 4)
    for person, (dept, role) in STAFF.items():
        if not drawing.chance(6):
            day = drawing.at(start - dt.timedelta(days=drawing.one((0, 1, 3))), "07:00:00")
            birth = drawing.one(("1990-05-05", "1966-03-01", "1971-01-31"))
            sex = drawing.one(("female", "male"))
            flags = {flag: drawing.chance(5) for flag in ("probation", "lactating", "retired")}
            drawing.add(
                "staff_record",
                day,
                person=person,
                dept=dept,
                role=role,
                takes_duty=not drawing.chance(4),
                sex=sex,
                birth_date=birth,
                licensed=not drawing.chance(4),
                **flags,
            )
    for _ in range(random.randint(1, most_scenes)):
        drawing.one(SCENES)(drawing)
    names = [name for name in used_types(pack) if name not in ("staff_record", "season_calendar")]
    for _ in range(random.randint(0, 4)):
        drawing.any_event(names)
    until = max(event.time for event in drawing.events) + drawing.one((0, 1, 43200, 86400, 4 * 86400, 12 * 86400))
    carries = drawing.one(("all", "all", {}, {"check_in": start + dt.timedelta(days=1)}))
    return Log(pack, tuple(drawing.events), until, carries)


def duty_scene(scene: Drawing) -> None:
    """Draw somebody's day of duty: roster, checks in and out, stretches away, service."""
    person, day = scene.one(STAFF), scene.one(scene.days)
    eve, morrow = day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    if not scene.chance(6):
        scene.add(
            "roster_assigned",
            scene.at(scene.one((eve, eve, day)), scene.one(("09:00:00", "17:30:00"))),
            person=person,
            duty_date=day,
            group="g1",
            post="ward",
        )
    named = {"duty_date": day} if scene.chance(2) else {}
    for clock, period in (("12:00:00", "noon"), ("17:00:00", "night")):
        if not scene.chance(4):
            with_period = {"period": period} if scene.chance(2) else {}
            scene.add(
                "check_in",
                scene.at(day, clock, scene.one((0, -1, 1, 600, -7200, -7201))),
                person=person,
                **named,
                **with_period,
            )
    away = scene.one(("post_left", "premises_left", "rest_started", None))
    if away:
        clock = scene.one(("13:00:00", "18:05:00", "20:30:00", "21:00:00", "23:00:00"))
        scene.add(
            away, scene.at(day, clock, scene.one((0, -1))), person=person, reason=scene.one(("urgent", "none")), **named
        )
        if not scene.chance(3):
            back = scene.one(("post_resumed", "check_in"))
            scene.add(
                back, scene.at(scene.one((day, morrow)), scene.one(("23:30:00", "02:00:00"))), person=person, **named
            )
    if not scene.chance(3):
        clock = scene.one(("08:30:00", "08:00:00", "07:00:00"))
        scene.add(
            "check_out", scene.at(morrow, clock, scene.one((0, -1, 1))), person=person, duty_date=day, period="night"
        )
    if not scene.chance(3):
        scene.add("duty_served", scene.at(morrow, scene.one(("08:30:00", "09:00:00"))), person=person, duty_date=day)


def swap_scene(scene: Drawing) -> None:
    """Draw a swap, written and approved or not."""
    day, request = scene.one(scene.days), scene.one(("r1", "r2", "r3"))
    start = scene.at(scene.days[0], "09:00:00")
    kind = {"kind": scene.one(("duty", "comp_rest"))} if scene.chance(2) else {}
    scene.add(
        "swap_requested",
        start,
        request_id=request,
        requester=scene.one(STAFF),
        counterpart=scene.one(STAFF),
        duty_date=day,
        written=scene.one((True, False)),
        **kind,
    )
    if scene.chance(2):
        scene.add(
            "swap_approved",
            start + scene.one((0, 60, 86400)),
            request_id=request,
            role=scene.one(("hospital_leader", "nurse")),
            by="he",
        )
    scene.add("swap_effected", scene.at(day, "12:00:00", scene.one((0, -3600))), request_id=request)


def complaint_scene(scene: Drawing) -> None:
    """Draw a complaint about somebody's absence and what is found of it."""
    about, number, day = scene.one(STAFF), scene.one(("c1", "c2")), scene.one(scene.days)
    received = scene.at(day, scene.one(("02:00:00", "09:00:00", "23:00:00")))
    scene.add("complaint_received", received, complaint_id=number, about=about, kind=scene.one(("absent", "shirk")))
    for _ in range(scene.dice.randint(0, 2)):
        scene.add(
            "complaint_ruled",
            received + scene.one((3600, 86400, 172800)),
            complaint_id=number,
            about=about,
            upheld=scene.one((True, False)),
            by="office",
        )


def call_scene(scene: Drawing) -> None:
    """Draw a call to somebody at home, a callback and rulings on it."""
    number, day = scene.one(("s1", "s2")), scene.one(scene.days)
    called = scene.at(day, scene.one(("21:00:00", "03:00:00")))
    scene.add(
        "standby_call",
        called,
        call_id=number,
        callee=scene.one(STAFF),
        result=scene.one(("off", "no_answer", "answered")),
    )
    if scene.chance(2):
        scene.add("callback", called + scene.one((0, 600)), call_id=number, handled=scene.one((True, False)))
    for _ in range(scene.dice.randint(0, 2)):
        norm = {"norm": "6.2-fine-10-50"} if scene.chance(3) else {}
        amount = scene.one((9, 10, 30, 50, 51, 0))
        scene.add(
            "ruling",
            called + scene.one((0, 3600, 86400)),
            about=scene.one((number, number, "s9")),
            by="leader",
            amount_cny=amount,
            **norm,
        )


def absence_scene(scene: Drawing) -> None:
    """Draw leave, a day of rest, attendance."""
    person, first = scene.one(STAFF), scene.one(scene.days)
    last = first + dt.timedelta(days=scene.one((0, 1, 4, 7)))
    asked = scene.at(first, scene.one(("00:00:00", "08:00:00")))
    scene.add(
        "leave_taken",
        asked,
        **{"person": person, "from": first, "to": last, "leave_type": scene.one(("personal", "wedding", "sick"))},
    )
    if scene.chance(2):
        scene.add(
            "comp_rest_taken",
            asked + 7200,
            person=scene.one(STAFF),
            date=scene.one(scene.days),
            for_duty_date=scene.one(scene.days),
        )
    for _ in range(scene.dice.randint(0, 3)):
        scene.add(
            "attendance_day", asked + 60, person=person, date=scene.one(scene.days), counted=scene.one((True, False))
        )


def incident_scene(scene: Drawing) -> None:
    """Draw an incident that is handled or not."""
    number, day = scene.one(("i1", "i2")), scene.one(scene.days)
    came = scene.at(day, scene.one(("20:10:00", "20:30:00", "14:00:00")))
    scene.add("incident", came, incident_id=number, kind="patient_arrived", by=scene.one(STAFF))
    if scene.chance(2):
        scene.add("incident_handled", came + scene.one((0, 1200, 7200)), incident_id=number, by=scene.one(STAFF))


def cover_scene(scene: Drawing) -> None:
    """Draw a substitute for an urgent absence."""
    person, day = scene.one(STAFF), scene.one(scene.days)
    left = scene.at(day, "18:05:00")
    scene.add(
        "roster_assigned", scene.at(day - dt.timedelta(days=1), "09:00:00"), person=person, duty_date=day, group="g1"
    )
    scene.add(
        "cover_assigned",
        left - scene.one((300, 0, -60)),
        **{"for": person, "substitute": scene.one(STAFF), "experienced": scene.one((True, False)), "duty_date": day},
    )
    scene.add("post_left", left, person=person, reason="urgent")


SCENES = (
    duty_scene,
    duty_scene,
    duty_scene,
    swap_scene,
    complaint_scene,
    call_scene,
    absence_scene,
    incident_scene,
    cover_scene,
)

# --- input that is no event -------------------------------------------------------------------------------------------

BAD_LINES = {
    "DR601": "{not json",
    "DR602": "[1, 2]",
    "DR603": json.dumps(
        {"id": "big", "type": "finding", "time": "2026-01-01T00:00:00+08:00", "data": {"note": "x" * 1_000_001}}
    ),
    "DR604": '{"id": "twice", "id": "twice", "type": "finding", "time": "2026-01-01T00:00:00+08:00"}',
    "DR605": json.dumps({"type": "finding", "time": "2026-01-01T00:00:00+08:00"}),
    "DR606": json.dumps({"id": 7, "type": "finding", "time": "2026-01-01T00:00:00+08:00"}),
    "DR607": json.dumps({"id": "t", "type": "finding", "time": "2026-01-01T00:00:00"}),
    "DR608": json.dumps({"id": "u", "type": "no_such_type", "time": "2026-01-01T00:00:00+08:00"}),
    "DR609": json.dumps(
        {"id": "w", "type": "roster_assigned", "time": "2026-01-01T00:00:00+08:00", "data": {"duty_date": "soon"}}
    ),
    "DR610": json.dumps(
        {"id": "v", "type": "act_done", "time": "2026-01-01T00:00:00+08:00", "data": {"sort": "green"}}
    ),
}
