"""What is worked out about a pack once, and let go of with the pack."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.policies.model import Pack

Found = TypeVar("Found")


def once_a_pack(work: Callable[[Pack], Found]) -> Callable[[Pack], Found]:
    """Let a function work a pack out once; what it returns must not hold the pack, which would then never go."""
    known: dict[int, tuple[weakref.ref[Pack], Found]] = {}  # by identity: packs are compared by all that they say

    def forget(key: int, gone: weakref.ref[Pack]) -> None:
        if key in known and known[key][0] is gone:
            del known[key]

    @functools.wraps(work)
    def found_once(pack: Pack) -> Found:
        key = id(pack)
        entry = known.get(key)
        if entry is None or entry[0]() is not pack:
            entry = known[key] = weakref.ref(pack, functools.partial(forget, key)), work(pack)
        return entry[1]

    return found_once
