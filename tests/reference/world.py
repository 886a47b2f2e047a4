"""One look at the whole log as of one instant: everything else is computed from here, and from nothing kept before."""

from __future__ import annotations

from . import cases, clocks, consequences, days, log, patterns, records
from .facts import Fact, Matter, escaped


class World:
    """The facts known at `as_of`; what has been computed once in this look is looked up, never carried over."""

    def __init__(
        self, pack, events: list[Fact], as_of: int, carries, *, first=None, answers=None, all_events=()
    ) -> None:
        self.pack = pack
        self.events = events
        self.as_of = as_of
        self.carries = carries
        self.zone = pack.timezone
        self.first = first
        self.all_events = all_events
        self.answers = answers or {}
        self.refused: dict[str, str] = {}
        self.interesting: set[int] = set()
        self.marks: set[tuple] = set()
        self._known: dict = {}
        self._running: set = set()

    def once(self, key, compute):
        """Return what `compute` gives, asked once; a question that depends on itself is an error."""
        if key not in self._known:
            if key in self._running:
                raise RecursionError(key)
            self._running.add(key)
            self._known[key] = compute()
            self._running.discard(key)
        return self._known[key]

    # --- matters --------------------------------------------------------------------------------------------------

    def record_matter(self, instance, day=None, suffix: str = "") -> Matter:
        """Return the matter that a record is, or a part of it (a rise, a gap) told apart by a suffix.

        Its date is that of the record, where its kind is dated; otherwise the day of what set the rule off.
        """
        dated = records.dated_on(self, instance) is not None
        return Matter(
            id=instance.id + suffix,
            kind=instance.kind,
            date=records.date_of(self, instance) if dated or day is None else day,
            keys=dict(instance.key),
            instance=instance,
        )

    def event_matter(self, fact: Fact) -> Matter:
        """Return the matter that an event is by itself."""
        return Matter(id=f"event:{fact.id}", kind="event", date=self.day_of(fact), keys={}, fact=fact)

    def period_matter(self, span, instance=None, *, about: bool = False) -> Matter:
        """Return the matter that a period is, perhaps for one record that the rule is about or is tried for."""
        keys = {span.kind: span.label}
        text = f"{span.kind}:{span.label}"
        if instance is not None:
            keys |= instance.key
            text += "/" + (instance.id if about else ",".join(escaped(value, ",") for value in instance.key.values()))
            if span.kind == "period":
                text = f"{instance.id}/{span.label}"
        return Matter(id=text, kind=span.kind, date=span.first, keys=keys, instance=instance, period=span)

    def day_of(self, fact: Fact):
        """Return the date of a fact."""
        return patterns.day_of(self, fact)

    def in_force(self, rule, day) -> bool:
        """Tell whether a rule and its pack apply to a matter of a day."""
        return all(
            (force.since is None or force.since <= day) and (force.until is None or day <= force.until)
            for force in (rule.in_force, self.pack.in_force)
        )

    # --- facts that rules make ------------------------------------------------------------------------------------

    def cases(self, name: str):
        """Return the cases of a rule, decided or not."""
        return self.once(("cases", name), lambda: cases.of_rule(self, self.pack.rules[name]))

    def findings(self, name: str):
        """Return the cases that findings make of a rule."""
        return self.once(("findings", name), lambda: cases.of_findings(self, self.pack.rules[name]))

    def obligations(self, name: str):
        """Return the obligations of a rule with how each stands."""
        return self.once(("obligations", name), lambda: clocks.of_rule(self, self.pack.rules[name]))

    def breaches(self, name: str) -> list[Fact]:
        """Return the standing breaches of a rule."""
        return self.once(("breaches", name), lambda: cases.breach_facts(self, self.pack.rules[name]))

    def fulfilments(self, name: str) -> list[Fact]:
        """Return the fulfilments of an obligation."""
        return [clocks.fulfilment_fact(self, owed) for owed in self.obligations(name) if owed.status == "fulfilled"]

    def excuses(self, name: str) -> list[Fact]:
        """Return what was excused of a rule."""
        return self.once(("excuses", name), lambda: cases.excuse_facts(self, self.pack.rules[name]))

    def sanctions(self, name: str) -> list[Fact]:
        """Return the sanctions of a rule that stand imposed."""
        return self.once(("sanctions", name), lambda: consequences.sanction_facts(self, name))

    def perhaps(self, names: tuple[str, ...]) -> list[Fact]:
        """Return the facts of some types of which it cannot be told whether a definition makes them."""
        return self.once(("perhaps", names), lambda: log.perhaps_deemed(self, names))

    # --- carrying -------------------------------------------------------------------------------------------------

    def silent(self, types, day) -> tuple[str, ...]:
        """Return those event types whose absence is no evidence on a day."""
        if self.carries == "all":
            return ()
        carried = self.carries or {}
        if "*" in carried and carried["*"] <= day:
            return ()
        return tuple(sorted(name for name in set(types) if name not in carried or carried[name] > day))

    def first_day(self):
        """Return the date of the log's first event, or of the pack's coming into force if that is later."""
        if self.first is None:
            return None
        first = days.date_of(self.first, self.zone)
        since = self.pack.in_force.since
        return first if since is None or since < first else since
