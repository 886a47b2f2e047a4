"""The module in C in Python: it finds no line to have the plain form, and the rest comes to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Output:
    """Lines of outcomes, kept until they are taken."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.append = self._lines.append

    def form(self, parts: tuple[str | int, ...], /) -> Callable[..., None]:
        """Return what writes a line of these parts: texts, and numbers of the values that it is given."""
        append = self._lines.append

        def form(*values: object) -> None:
            append("".join([one if isinstance(one, str) else str(values[one]) for one in parts]))

        return form

    def take(self) -> bytes:
        """Return what has been written since the last time, each line with its end."""
        if not self._lines:
            return b""
        self._lines.append("")
        text = "\n".join(self._lines).encode()
        self._lines.clear()
        return text


def events(
    _usual: tuple[int, int, int, str], _kinds: tuple[tuple[str, Any, tuple[Any, ...]], ...], _share: int, _of: int, /
) -> Callable[[bytes, str | None], tuple[list[Any], list[int], str | list[str], int] | None]:
    """Return what reads nothing."""
    return lambda _block, _last: None


def reader(_usual: tuple[int, int, int, str], /) -> Callable[[str], int | None]:
    """Return what tells nothing."""
    return lambda _text: None


def slotted(name: str, slots: tuple[str, ...], /) -> type:
    """Return a class whose objects hold these slots and nothing else."""
    return type(name, (), {"__slots__": slots})
