"""Ladders: a walk over a person's entries and the rulings on them, in order of time."""

from __future__ import annotations

import attrs

from dutyrules.policies.model import Act

from . import cases, days, guards, patterns
from .outcomes import Made, undecidable


@attrs.define(eq=False)
class Entry:
    """One entry of a ladder: `level` is the step it stands on now, None once a ruling set it aside."""

    made: Made
    day: object
    time: int
    kind: str | None
    level: int | None
    used: bool = False


def climb(world, made: list[Made]) -> list[Made]:
    """Return the outcomes with every step sanction on the step to which its ladder takes it."""
    for ladder in world.pack.ladders.values():
        made = climb_one(world, ladder, made)
    return made


def climb_one(world, ladder, made: list[Made]) -> list[Made]:
    """Walk through the entries of one ladder, person by person."""
    entries = [each for each in made if is_entry(world.pack, ladder, each)]
    people = {key_of(each) for each in entries}
    changed: dict[str, Made] = {}
    extra: list[Made] = []
    for person in sorted(people):
        mine = [each for each in entries if key_of(each) == person]
        Walk(world, ladder, changed, extra).go(mine)
    return [changed.get(each.id, each) if is_entry(world.pack, ladder, each) else each for each in made] + extra


def is_entry(pack, ladder, made: Made) -> bool:
    """Tell whether an outcome is a standing entry of a ladder, the first of the pack that has its step."""
    given = made.consequence
    return (
        given is not None
        and given.act is Act.STEP
        and next((one for one in pack.ladders.values() if given.what in one.steps), None) is ladder
        and made.fields["kind"] == "sanction"
        and made.fields["status"] == "imposed"
    )


def key_of(made: Made) -> str:
    """Return whose ladder an entry stands on."""
    return str(made.fields["person"])


class Walk:
    """The walk over one person's entries."""

    def __init__(self, world, ladder, changed: dict, extra: list) -> None:
        self.world, self.ladder = world, ladder
        self.changed, self.extra = changed, extra
        self.entries: list[Entry] = []

    def go(self, mine: list[Made]) -> None:
        """Take entries and rulings in order; each reads only what came before."""
        items = [((each.case.first.time, 0, each.rule.id, each.id), each, None) for each in mine]
        for overrule in self.ladder.overruled_by:
            found = patterns.certain(self.world, overrule.when)
            items += [((fact.time, 1, overrule.id, fact.id), fact, overrule) for fact in found]
        for _, item, overrule in sorted(items, key=lambda item: item[0]):
            if overrule is None:
                self.enter(item)
            else:
                self.overrule(overrule, item)

    # --- entries ----------------------------------------------------------------------------------------------------

    def enter(self, made: Made) -> None:
        """Put one entry on the ladder, a step higher for a repeat."""
        given, ladder = made.consequence, self.ladder
        level = base = ladder.steps.index(given.what)
        kind = made.id if given.class_ == "none" else given.class_ or made.rule.id
        entry = Entry(made, made.case.matter.date, made.case.first.time, kind, level)
        cap = ladder.steps.index(ladder.repeat_cap) if ladder.repeat_cap else len(ladder.steps) - 1
        before = self.last_of(entry, given.look_back)
        asks = False
        if ladder.repeat_same is not None and before is not None and base <= cap:
            level = max(base, before.level) + ladder.repeat_raise
            asks, level = level > cap, min(level, cap)
        entry.level = level
        self.entries.append(entry)
        self.changed[made.id] = made.with_(step=ladder.steps[level])
        if asks and ladder.at_cap:
            self.ask(made, made.rule.id, ladder.at_cap, (made.id,))
        self.accumulate(entry)

    def last_of(self, entry: Entry, look_back: str | None) -> Entry | None:
        """Return the last entry of the same class that still counts."""
        for other in reversed(self.entries):
            if other.kind is None or other.kind != entry.kind or other.level is None:
                continue
            if look_back and days.dates_of(look_back, other.day)[0] != days.dates_of(look_back, entry.day)[0]:
                continue
            if self.ladder.repeat_within is not None and not self.within(other, entry, self.ladder.repeat_within):
                continue
            return other
        return None

    def within(self, other: Entry, entry: Entry, duration) -> bool:
        """Tell whether two entries lie within a duration of one another; the corresponding day itself does."""
        first, last = sorted((other.day, entry.day))
        return days.shifted(first, duration, self.world.pack) >= last

    def accumulate(self, entry: Entry) -> None:
        """Let entries of one step that have become many enough give a further entry or a question."""
        for rule in self.ladder.accumulate:
            level = self.ladder.steps.index(rule.of)
            if entry.level != level:
                continue
            found = [
                other
                for other in self.entries
                if other.level == level
                and not (rule.used_up and other.used)
                and (rule.within is None or self.within(other, entry, rule.within))
            ]
            if len(found) < rule.reaches:
                continue
            causes = tuple(sorted(other.made.id for other in found))
            if rule.used_up:
                for other in found:
                    other.used = True
            if rule.asks:
                self.ask(entry.made, rule.id, rule.asks, causes, entry.time)
            if rule.gives:
                self.give(entry, rule, causes)

    def give(self, entry: Entry, rule, causes: tuple[str, ...]) -> None:
        """Add the entry that an accumulation gives."""
        level = self.ladder.steps.index(rule.gives)
        fields = {
            **entry.made.fields,
            "id": self.named(rule.id, "sanction", entry.made),
            "rule": rule.id,
            "clause": rule.id,
            "step": rule.gives,
            "because": causes,
            "nature": None,
            "time": days.iso(entry.time, self.world.zone),
            "status": "imposed",
            "by": None,
        }
        made = Made(fields, entry.made.rule, entry.made.case, entry.made.consequence)
        further = Entry(made, entry.day, entry.time, None, level)
        self.entries.append(further)
        self.extra.append(made)
        self.accumulate(further)

    def ask(self, made: Made, rule: str, what: str, causes: tuple[str, ...], time: int | None = None) -> None:
        """Ask for a review."""
        question = undecidable(self.world, made.case, (), time)
        fields = {
            **question.fields,
            "id": self.named(rule, "referral", made),
            "rule": rule,
            "clause": rule,
            "question": "review",
            "asks": (what,),
            "because": causes,
        }
        self.extra.append(Made(fields, made.rule, made.case))

    def named(self, rule: str, kind: str, made: Made) -> str:
        """Return the id of an outcome that a ladder adds."""
        return cases.spelled(self.world, rule, kind, made.fields["matter"], made.fields["person"])

    # --- rulings ----------------------------------------------------------------------------------------------------

    def overrule(self, overrule, fact) -> None:
        """Set an entry aside, or put it on the step that a ruling names."""
        for entry in [entry for entry in self.entries if entry.kind is not None]:
            made = self.changed.get(entry.made.id, entry.made)
            case = made.case
            if fact.data.get("about") not in {made.id, case.matter.id, *case.causes, *cases.roots_of(case)}:
                continue
            if guards.condition(self.world, overrule.if_, patterns.spot_at(self.world, fact, case.spot)) is not True:
                continue
            step = fact.data.get("step")
            because = tuple(sorted({*made.fields["because"], fact.id}))
            time, by = days.iso(fact.time, self.world.zone), fact.data.get("by")
            entry.time = fact.time
            if step in self.ladder.steps:
                entry.level = self.ladder.steps.index(step)
                self.changed[made.id] = made.with_(step=step, because=because, time=time, by=by)
            else:
                entry.level = None
                self.changed[made.id] = made.with_(status="voided", because=because, time=time, by=by)
            self.accumulate(entry)
