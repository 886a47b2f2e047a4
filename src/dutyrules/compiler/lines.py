"""Lines in the plain form, looked at by the module in C; where it is not built, none is found to have this form.

Whoever asks has a general way for all other lines, which comes to the same.
"""

from __future__ import annotations

try:
    from dutyrules.compiler._lines import instants, shares
except ImportError:

    def instants(_block: bytes, _last: str | None, _usual: tuple[int, int, int, str], /) -> list[int] | None:
        """Tell nothing."""
        return None

    def shares(
        _block: bytes, _last: str, _persons: dict[str, str | None], _count: int, /
    ) -> tuple[list[bytes], str] | None:
        """Tell nothing."""
        return None


__all__ = ["instants", "shares"]
