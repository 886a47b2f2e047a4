"""Logs of a clinic's days of duty, scene by scene."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from .logs import STARTS, Drawing, Log, used_types

if TYPE_CHECKING:
    from random import Random

STAFF = {
    "li": ("nursing", "nurse"),
    "wan": ("nursing", "nurse"),
    "zou": ("pharmacy", "pharmacist"),
    "he": ("nursing", "hospital_leader"),
}


def clinic(random: Random, pack, most_scenes: int = 5) -> Log:
    """Draw a few scenes of clinic duty around the end of a month or a season."""
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
