"""Runs packs and logs on both matchers and prints how many events and conditions agreed; fails at a difference.

A program of its own, since the core of durable-rules is C and may take the process with it:
`python tests/matchers/both.py PART SEED EVENTS`, PART one of `conditions`, `shipped`, `pieces`, `fields`.
"""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random

from dutyrules import Engine, load_packs
from dutyrules.cli import THRESHOLDS
from dutyrules.events import EventDecoder, EventError
from dutyrules.matchers.durable import DurableMatcher
from dutyrules.matchers.survey import survey
from dutyrules.runtime.context import Context
from dutyrules.runtime.program import Program
from dutyrules.runtime.store import Fact, Store
from dutyrules.runtime.values import Unknown

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from conditions import Draws  # noqa: E402 - found beside this file

from reference.generated import generated  # noqa: E402 - as above
from reference.pack_logs import Vocabulary, pack_log  # noqa: E402 - as above

POLICIES = HERE.parents[1] / "policies"
RULES = 2
LOG = 2500


class DifferenceError(AssertionError):
    """The two matchers do not say the same."""


def agree(what: str, native: object, durable: object, log: object) -> None:
    """Raise where two results differ."""
    if native != durable:
        raise DifferenceError(f"{what} differ\nnative:  {native}\ndurable: {durable}\n{log!r}")


def decoded(pack, documents) -> list:
    """Return the events that a log holds, without those that no engine takes."""
    decoder, events = EventDecoder(pack.events, Engine(pack).inside.program.zone), []
    for document in documents:
        try:
            events.append(decoder.decode(document))
        except EventError:
            continue
    return events


def compare(pack, events, carries, until: int, log: object, tally: Counter) -> None:
    """Feed a log to both, in one batch, and compare what each hands out, what stands and what is set aside."""
    native, durable = Engine(pack, carries=carries), Engine(pack, carries=carries, matcher="durable")
    changes = [engine.feed_all(events) + engine.advance(until) for engine in (native, durable)]
    agree("changes", *changes, log)
    agree("outcomes", native.outcomes(), durable.outcomes(), log)
    agree("events set aside", native.set_aside, durable.set_aside, log)
    tally["events"] += len(events)
    tally["conditions"] += durable.matcher.decided
    tally["unfit"] += durable.matcher.unfit
    tally["changes"] += len(changes[0])
    tally.update(f"{each.kind} {each.status}" for each in changes[0])


def compare_late(pack, events, carries, random: Random, log: object) -> None:
    """Feed a log one by one in another order, with a snapshot that the other matcher goes on from."""
    mixed = random.sample(events, len(events))
    cut = random.randint(0, len(mixed))
    native, durable = Engine(pack, carries=carries), Engine(pack, carries=carries, matcher="durable")
    for event in mixed[:cut]:
        agree("changes", native.feed(event), durable.feed(event), log)
    native, durable = (
        Engine.restore(pack, durable.snapshot()),
        Engine.restore(pack, native.snapshot(), matcher="durable"),
    )
    for event in mixed[cut:]:
        agree("changes", native.feed(event), durable.feed(event), log)
    agree("outcomes", native.outcomes(), durable.outcomes(), log)


def conditions(random: Random, events: int, tally: Counter) -> None:
    """Packs of drawn conditions under long logs."""
    while tally["events"] < events:
        draws = Draws(random)
        pack = drawn_pack(draws, RULES, tally)
        log = decoded(pack, draws.events(LOG))
        compare(pack, log, "all", log[-1].time, "conditions", tally)
        compare_late(pack, log[:30], "all", random, "conditions")
        tally["packs"] += 1


def drawn_pack(draws: Draws, rules: int, tally: Counter):
    """Draw a pack of which durable-rules takes every condition."""
    while True:
        pack, _made = draws.pack(rules)
        if not survey(pack).refused:
            return pack
        tally["packs refused"] += 1


def shipped(random: Random, events: int, tally: Counter) -> None:
    """The packs that are shipped, under logs of their own vocabulary."""
    words = [Vocabulary(pack) for path in sorted(POLICIES.glob("*.yaml")) for pack in load_packs(path)]
    while tally["events"] < events:
        for each in words:
            log = pack_log(random, each, most_rules=8)
            compare(log.pack, log.events, log.carries, log.until, log, tally)
            tally[f"pack {log.pack.prefix}"] += 1


def pieces(random: Random, events: int, tally: Counter) -> None:
    """Packs of every construct, as the reference interpreter is held against."""
    while tally["events"] < events:
        log = generated(random, most_pieces=3)
        if survey(log.pack).refused:
            tally["packs refused"] += 1
            continue
        compare(log.pack, log.events, log.carries, log.until, log, tally)
        compare_late(log.pack, list(log.events), log.carries, random, log)
        tally["packs"] += 1


def fields(random: Random, events: int, tally: Counter) -> None:
    """Conditions alone, a dozen an event: true, false or what is lacking."""
    while tally["events"] < events:
        draws = Draws(random)
        pack = drawn_pack(draws, 12, tally)
        native, matcher = Program(pack, Store(), None), DurableMatcher(Program(pack, Store(), None))
        for event in decoded(pack, draws.events(100)):
            fact = Fact(("event", event.type), event.time, event.id, event.data, person=event.data.get("person"))
            view = Context(fact, None, at=fact.time)
            for tree, read in matcher.readers.items():
                found = native.evaluator.tree(tree)(view)
                tally["lacking" if isinstance(found, Unknown) else str(bool(found)).lower()] += 1
                expected = found if isinstance(found, Unknown) else bool(found)
                agree("answers", expected, read(view), (tree, event))
            tally["events"] += 1
        tally["conditions"] += matcher.decided
        tally["unfit"] += matcher.unfit


def main(part: str, seed: str, events: str) -> None:
    """Run one part and print the tally."""
    gc.set_threshold(*THRESHOLDS)  # as in a command's process
    tally: Counter = Counter()
    parts = {"conditions": conditions, "shipped": shipped, "pieces": pieces, "fields": fields}
    parts[part](Random(int(seed)), int(events), tally)  # noqa: S311 - the same packs and logs in every run
    sys.stdout.write(json.dumps(tally, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
