"""Matchers: what decides whether the conditions of rules hold for an event."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from dutyrules.policies.diagnostics import did_you_mean

if TYPE_CHECKING:
    from dutyrules.matchers.protocol import Matcher
    from dutyrules.runtime.program import Program

NAMES: Final = ("native", "durable")


def matcher_for(name: str, program: Program) -> Matcher:
    """Return the matcher of that name over a program, made with every condition that it takes.

    Raises `MatcherError` with a diagnostic for each condition that it cannot express, `MatcherUnavailableError` where
    its library is not installed, `ValueError` for a name that is none.
    """
    if name == "native":
        from dutyrules.matchers.native import NativeMatcher  # noqa: PLC0415 - only the matcher in use is loaded

        return NativeMatcher()
    if name == "durable":
        made = import_module("dutyrules.matchers.durable").DurableMatcher(program)
        return cast("Matcher", made)
    near = did_you_mean(name, NAMES)
    raise ValueError(f"there is no matcher `{name}`: {near or 'there are `native` and `durable`'}")
