"""Progress of long work, on stderr and only on a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.events import Event
    from dutyrules.replay import Replay

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
