"""Ladders in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.handbook.document import Item, Lines
from dutyrules.handbook.facts import Facts
from dutyrules.handbook.text import figure, rule_link
from dutyrules.policies.model import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Accumulation, Ladder, Overrule

STEP_NAME: Final = "step"


@attrs.frozen
class Ladders:
    """Words the ladders of one pack."""

    words: Words

    def lines(self, ladder: Ladder) -> Lines:
        """Return everything that a ladder says."""
        say = self.words
        found = [
            Item(say.sentence(say("ladder_per", per=say.name(ladder.per)))),
            Item(
                say.sentence(say("ladder_steps", steps=" → ".join(say.thing(step, STEP_NAME) for step in ladder.steps)))
            ),
        ]
        if ladder.repeat_same is not None:
            found.append(Item(say.sentence(self._repeat(ladder))))
        if ladder.at_cap is not None:
            found.append(Item(say.sentence(say("ladder_at_cap", asks=say.thing(ladder.at_cap)))))
        found += [Item(say.sentence(self._accumulation(one)), self._says(one.says)) for one in ladder.accumulate]
        found += [Item(say.sentence(self._overrule(one)), self._says(one.says)) for one in ladder.overruled_by]
        offences = self._offences(ladder)
        if offences:
            found.append(Item(say.sentence(say("ladder_offences", rules=say.all_of(map(rule_link, offences))))))
        return Lines(tuple(found))

    def _says(self, words: Mapping[str, str]) -> tuple[Item, ...]:
        says = self.words.in_language(words)
        return (Item(self.words("ladder_says", says=says)),) if says else ()

    def _repeat(self, ladder: Ladder) -> str:
        say = self.words
        parts = [say("ladder_repeat", same=say.name(ladder.repeat_same or ""), raise_=figure(ladder.repeat_raise))]
        if ladder.repeat_cap is not None:
            parts.append(say("ladder_cap", cap=say.thing(ladder.repeat_cap, STEP_NAME)))
        if ladder.repeat_within is not None:
            parts.append(say("ladder_within", duration=say.duration(ladder.repeat_within)))
        return say("list_comma").join(parts)

    def _accumulation(self, one: Accumulation) -> str:
        say = self.words
        keys = {(True, True): "ladder_gives_and_asks", (True, False): "ladder_gives", (False, True): "ladder_asks"}
        key = keys.get((one.gives is not None, one.asks is not None), "ladder_asks")
        text = say(
            key,
            id=rule_link(one.id),
            n=figure(one.reaches),
            step=say.thing(one.of, STEP_NAME),
            within="" if one.within is None else say("ladder_in", duration=say.duration(one.within)),
            gives=say.thing(one.gives or "", STEP_NAME),
            asks=say.thing(one.asks or ""),
        )
        used = say("ladder_used_up" if one.used_up else "ladder_not_used_up")
        return say("list_comma").join((text, used))

    def _overrule(self, one: Overrule) -> str:
        say, facts = self.words, Facts(self.words)
        condition = "" if one.if_ is None else say("ladder_if", condition=facts.condition(one.if_))
        return say("ladder_overruled", id=rule_link(one.id), facts=facts.any_of([one.when]), condition=condition)

    def _offences(self, ladder: Ladder) -> list[str]:
        return [
            rule.id
            for rule in self.words.pack.rules.values()
            for one in (rule.consequence, *(tier.consequence for tier in rule.tiers))
            if one is not None and one.act is Act.STEP and one.what in ladder.steps
        ]
