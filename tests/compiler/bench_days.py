"""Days of the benchmark's clinic: acts in time, at the very second, too late; several at one instant; strange keys."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from .line_forms import HOME, Happening

if TYPE_CHECKING:
    from random import Random

NUDGES = (-3601, -3600, -600, -1, 0, 0, 1, 600, 3599, 3600, 3601, 7199, 7200, 7201)
PLAIN = ("ann", "bo", "eve")
STRANGE = ("ann", "c,y", "d/e", "f%g", "王五", 'q"r', "s\\t", " x ")
STARTS = (dt.date(2026, 1, 30), dt.date(2025, 12, 30), dt.date(2026, 2, 27))


class Days:
    """Draws the events of one log."""

    def __init__(self, random: Random, *, strange: bool) -> None:
        self.gaps, self.crowded = random.random() < 0.2, random.random() < 0.3
        self.random = random
        self.people = STRANGE if strange else PLAIN
        self.strange = strange
        self.begin = int(dt.datetime.combine(random.choice(STARTS), dt.time(8), HOME).timestamp())
        self.events: list[Happening] = []

    def add(self, kind: str, time: int, person: str | None, **data) -> None:
        """Add an event; now and then a field is missing."""
        while not self.crowded and any(event.time == time for event in self.events):
            time += 1
        data = {"person": person, **data}
        for name in [*data]:
            if data[name] is None or (self.gaps and self.random.randint(1, 30) == 1):
                del data[name]
        number = len(self.events)
        name = self.random.choice(("e", "e", "e", "a")) + f"{number:03}"
        if self.strange:
            name += self.random.choice(("", "", "/", "%", ",", "号", '"', "\\"))
        self.events.append(Happening(name, kind, time, data))

    def person(self) -> str:
        """Draw somebody."""
        return self.random.choice(self.people)

    def nudge(self) -> int:
        """Draw a distance from a limit."""
        return self.random.choice(NUDGES)

    def key(self, name: str) -> str:
        """Return a key, now and then one that is strange."""
        if self.strange and self.random.random() < 0.3:
            name += self.random.choice((",", "/", "%", "班", '"'))
        return name

    def shift(self) -> None:
        """Add a shift with what happens in it."""
        person, key = self.person(), self.key(f"s{len(self.events)}")
        start = self.begin + 3600 * self.random.randint(2, 160) + self.random.randint(0, 59)
        given = start - self.random.choice((86400, 86400, 7200, 3600, 0, -60))
        if self.random.random() < 0.95:
            self.add("shift_assigned", given, person, shift=key, start=start, end=start + 28800, post="desk")
        if self.random.random() < 0.05:
            self.add("shift_assigned", given + 10, person, shift=key, start=start, end=start + 28800, post="desk")
        for _ in range(self.random.choice((0, 1, 1, 1, 2))):
            who = person if self.random.random() < 0.9 else self.person()
            self.add("check_in", start + self.nudge(), who, shift=key)
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.add("check_out", start + 28800 + self.nudge(), person, shift=key)
        if self.random.random() < 0.4:
            self.add("off_post_observed", start + 600, person, shift=key, by="boss")

    def complaint(self) -> None:
        """Add a complaint with its answers."""
        person, key = self.person(), self.key(f"c{len(self.events)}")
        time = self.begin + 1800 * self.random.randint(2, 160) + self.random.randint(0, 59)
        if self.random.random() < 0.95:
            self.add("complaint_received", time, person, case=key, channel="phone")
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.add("complaint_replied", time + self.random.choice((0, 60, 7199, 7200, 7201, 9000)), person, case=key)

    def swap(self) -> None:
        """Add a swap of shifts, asked for and approved or not."""
        person, key = self.person(), self.key(f"w{len(self.events)}")
        time = self.begin + self.random.randint(2, 200_000)
        if self.random.random() < 0.8:
            self.add("swap_requested", time, person, swap=key, shift="s0", **{"with": "bo"})
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.add("swap_approved", time + self.random.choice((0, 60, 600)), person, swap=key, by="boss")
        if self.random.random() < 0.7:
            who = person if self.random.random() < 0.9 else self.person()
            self.add("swap_taken", time + self.random.choice((0, 60, 600, 900)), who, swap=key, shift="s0")

    def other(self) -> None:
        """Add one of the small things."""
        time = self.begin + self.random.randint(2, 300_000)
        kind = self.random.choice(("phone_unanswered", "leave_taken", "nameplate_missed", "off_post_observed"))
        data = {
            "phone_unanswered": {"caller": "139"},
            "leave_taken": {"days": self.random.randint(0, 4), "reason": "ill"},
            "nameplate_missed": {"by": "boss"},
            "off_post_observed": {"by": "boss", "shift": "s1"},
        }
        self.add(kind, time, self.person(), **data[kind])

    def draw(self, number: int) -> list[Happening]:
        """Return the events of a log; some may stand in it twice."""
        for _ in range(number):
            self.random.choice((self.shift, self.shift, self.complaint, self.swap, self.other))()
        if self.random.random() < 0.1:
            self.events.append(self.random.choice(self.events))
        if self.random.random() < 0.05:
            again = self.random.choice(self.events)
            other = self.random.choice(self.events)
            self.events.append(Happening(again.id, other.type, again.time + self.random.choice((0, 60)), other.data))
        return self.events
