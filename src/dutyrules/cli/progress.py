"""Progress of long work, on stderr and only on a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dutyrules.events import Event
    from dutyrules.replay import Replay

T = TypeVar("T")
EVERY_SECONDS: Final = 0.2


@contextmanager
def counting(replay: Replay, *, shown: bool) -> Iterator[None]:
    """Show how many events a replay has read and how far it has come, while it runs."""
    if not (shown and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        last = time.monotonic()

        def seen(event: Event) -> None:
            nonlocal last
            if time.monotonic() - last > EVERY_SECONDS:
                last = time.monotonic()
                status.update(f"{replay.events:,} events, {(event.time_text or '')[:10]}")

        replay.seen = seen
        yield
        replay.seen = None


def stepping(items: Sequence[T], what: str) -> Iterator[T]:
    """Give items one by one, and show how many are done."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as status:
        for number, item in enumerate(items, 1):
            status.update(f"{number} of {len(items)} {what}")
            yield item
