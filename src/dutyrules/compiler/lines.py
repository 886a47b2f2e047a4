"""Lines in the plain form, looked at by the module in C; where it is not built, none is found to have this form.

Whoever asks has a general way for all other lines, which comes to the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from dutyrules.compiler._lines import instants, reader, shares
except ImportError:

    def instants(_block: bytes, _last: str | None, _usual: tuple[int, int, int, str], /) -> list[int] | None:
        """Tell nothing."""
        return None

    def reader(_usual: tuple[int, int, int, str], /) -> Callable[[str], int | None]:
        """Return what tells nothing."""
        return lambda _text: None

    def shares(
        _block: bytes, _last: str, _persons: dict[str, str | None], _count: int, /
    ) -> tuple[list[bytes], str] | None:
        """Tell nothing."""
        return None

    IS_BUILT = False
else:
    IS_BUILT = True


__all__ = ["IS_BUILT", "instants", "reader", "shares"]
