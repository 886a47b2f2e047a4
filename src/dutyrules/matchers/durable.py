"""The conditions that look at one event alone, decided by durable-rules; the rest stays native.

Each condition is a ruleset of its own, since an event of durable-rules is used up by the first rule that it fires. One
set of rules fires where the condition holds and one where it fails; where neither does, something is lacking, and the
engine's own evaluation says what.
"""

from __future__ import annotations

import json
import weakref
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dutyrules.matchers.operands import UnfitValueError
from dutyrules.matchers.protocol import MatcherDisagreementError, MatcherError, MatcherUnavailableError
from dutyrules.matchers.survey import survey
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.matchers.operands import Operands
    from dutyrules.matchers.protocol import Reader
    from dutyrules.matchers.survey import Written
    from dutyrules.policies.diagnostics import Diagnostic
    from dutyrules.policies.syntax import Expression
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.program import Program

SID = "1"
"""The one state in which all messages meet; none of them stays."""
NOT_HANDLED = 1
"""What durable-rules returns for an event that fires no rule."""


class DurableMatcher:
    """Runs conditions on durable-rules; `decided` counts its answers, `unfit` the events that had to stay native."""

    name = "durable"

    def __init__(self, program: Program) -> None:
        found = survey(program.pack)
        if found.refused:
            raise MatcherError(self.name, found.refused)
        self.native_rules: tuple[Diagnostic, ...] = found.native
        self.decided = 0
        self.unfit = 0
        library = _library()
        self.readers: dict[Expression, Reader] = {
            tree: self._reader(program, tree, one, Ruleset(library, one.rules, f"{program.pack.name}-{number}"))
            for number, (tree, one) in enumerate(found.taken.items())
        }

    def _reader(self, program: Program, tree: Expression, written: Written, rules: Ruleset) -> Reader:
        natively = program.evaluator.tree(tree)
        fields = [program.evaluator.tree(field) for field in written.operands.fields]
        operands: Operands = written.operands

        def read(ctx: Context) -> bool | Unknown | Any:  # noqa: ANN401 - the native answer has any type
            try:
                message = operands.message([field(ctx) for field in fields])
            except UnfitValueError:
                self.unfit += 1
                return natively(ctx)
            self.decided += 1
            holds = rules.holds(message)
            if holds is not None:
                return holds
            lacks = natively(ctx)
            if not isinstance(lacks, Unknown):
                raise MatcherDisagreementError(f"durable-rules cannot tell what the engine can: {message}")
            return lacks

        return read


class Ruleset:
    """One condition's rules in durable-rules, given back when nobody holds them any more."""

    def __init__(self, library: Any, rules: str, name: str) -> None:  # noqa: ANN401 - the library has no types
        self._library = library
        self._handle: int = library.create_ruleset(name, rules)
        self._fired: set[int] = set()
        weakref.finalize(self, _give_back, library, self._handle, self._fired)

    def holds(self, message: str) -> bool | None:
        """Tell whether the condition holds for a message, None where no rule fires."""
        library, handle = self._library, self._handle
        code, state = library.assert_event(handle, message)
        if code == NOT_HANDLED:
            return None
        started = library.start_action_for_state(handle, state)
        if started is None:
            return None
        self._fired.add(handle)
        fired = started[1]
        again = fired
        while again is not None:  # an event that fires several rules is used up by the first of them
            again = library.complete_and_start_action(handle, state)
        return bool(next(iter(json.loads(fired))).startswith("h"))


def _give_back(library: Any, handle: int, fired: set[int]) -> None:  # noqa: ANN401 - the library has no types
    """Delete a ruleset, and its state where a rule has fired: before that, part of a state is memory nobody has set."""
    if fired:
        library.delete_state(handle, SID)
    library.delete_ruleset(handle)


def _library() -> Any:  # noqa: ANN401 - the library has no types
    try:
        return import_module("durable_rules_engine")
    except ImportError as error:
        text = (
            "the matcher `durable` needs the extra `durable`: pip install 'dutyrules[durable]', "
            "with Python below 3.13 and a C compiler"
        )
        raise MatcherUnavailableError(text) from error
