"""Lines in the plain form, read by the module in C; where it is not built, none is found to have this form.

Whoever asks has a general way for all other lines, which comes to the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

try:
    from dutyrules.compiler._lines import events, reader, slotted
except ImportError:

    def events(
        _usual: tuple[int, int, int, str],
        _kinds: tuple[tuple[str, Any, tuple[Any, ...]], ...],
        _share: int,
        _of: int,
        /,
    ) -> Callable[[bytes, str | None], tuple[list[Any], list[int], str | list[str]] | None]:
        """Return what reads nothing."""
        return lambda _block, _last: None

    def reader(_usual: tuple[int, int, int, str], /) -> Callable[[str], int | None]:
        """Return what tells nothing."""
        return lambda _text: None

    def slotted(name: str, slots: tuple[str, ...], /) -> type:
        """Return a class whose objects hold these slots and nothing else."""
        return type(name, (), {"__slots__": slots})

    IS_BUILT = False
else:
    IS_BUILT = True


__all__ = ["IS_BUILT", "events", "reader", "slotted"]
