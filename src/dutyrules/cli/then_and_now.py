"""What stood as it was known at an instant, and what has become of it since: a table with both."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from dutyrules.cli.inputs import Language, office
from dutyrules.cli.output import print_table
from dutyrules.cli.wording import Words, clock
from dutyrules.outcomes import short_id

if TYPE_CHECKING:
    from dutyrules.events import EventError
    from dutyrules.outcomes import Outcome
    from dutyrules.replay import Replay

HEADS = {
    Language.EN: ("time", "person", "rule", "known then", "known now", "id"),
    Language.ZH: ("时间", "人员", "条款", "当时所知", "现在所知", "编号"),
}
SAME = {Language.EN: "the same", Language.ZH: "不变"}


def write_both(replay: Replay, stream: IO[bytes], language: Language) -> None:
    """Write what stands by what was known then beside what stands by all that is known now, as of the same moment."""
    from rich.table import Table

    from dutyrules.replay import Replay

    then = replay.run()
    now = Replay(replay.pack, replay.files, as_of=replay.as_of, carries=replay.carries, refuse=_pass_over).run()
    word = Words(language, replay.pack)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in HEADS[language]:
        table.add_column(name, overflow="fold", no_wrap=name in {HEADS[language][0], HEADS[language][-1]})
    for one in sorted({**then, **now}.values(), key=lambda each: (each.time, each.rule, each.id)):
        before, after = then.get(one.id), now.get(one.id)
        table.add_row(
            clock(one.time),
            office(one.person, replay.pack, language),
            getattr(one, "tier", None) or one.rule,
            _line(word, before),
            SAME[language] if before == after else _line(word, after),
            short_id(one.id),
        )
    print_table(table, stream)


def _line(word: Words, outcome: Outcome | None) -> str:
    return "—" if outcome is None else word.line(outcome)


def _pass_over(_error: EventError) -> None:
    """Say nothing: it was said when the log was read for what was known then."""
