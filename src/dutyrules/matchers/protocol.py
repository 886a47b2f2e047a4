"""What a matcher is: the part that decides whether the conditions of rules hold for an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from dutyrules.policies.diagnostics import Diagnostic
    from dutyrules.policies.syntax import Expression
    from dutyrules.runtime.context import Context

Reader = Callable[["Context"], Any]
"""True, false or what is lacking, for the view of one event."""


class Matcher(Protocol):
    """Decides conditions in place of the engine's own evaluation; whatever it does not take stays with the engine."""

    @property
    def name(self) -> str:
        """Return the word by which an engine asks for it."""

    @property
    def readers(self) -> Mapping[Expression, Reader]:
        """Return the conditions that it takes, each with what decides it."""

    @property
    def native_rules(self) -> tuple[Diagnostic, ...]:
        """Return a remark for each condition that it leaves to the engine, with the place and the reason."""


class MatcherError(ValueError):
    """A pack has conditions that the matcher cannot express; `diagnostics` has one for each of them."""

    def __init__(self, matcher: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        lines = [f"the matcher `{matcher}` cannot express {len(diagnostics)} of the pack's conditions"]
        for one in diagnostics:
            lines.append(f"{one.place.file}:{one.place.line}:{one.place.column} {one.code} {one.message}")
            lines += [f"  help: {one.help}"] if one.help else []
        super().__init__("\n".join(lines))
        self.diagnostics = diagnostics


class MatcherUnavailableError(ImportError):
    """The library that a matcher runs on is not installed."""


class MatcherDisagreementError(RuntimeError):
    """A matcher gave no answer to a condition that the engine can decide: nothing is guessed."""
