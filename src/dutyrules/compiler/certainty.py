"""Conditions as Python that says whether they certainly hold: what is not known is neither so nor not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.views import NotStreamable
from dutyrules.policies import syntax as s

if TYPE_CHECKING:
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.syntax import Pattern


class Certainty:
    """Writes conditions in the logic of three values, each part that may be unknown with the question whether it is."""

    def __init__(self, state: State, say: Translator) -> None:
        self._state = state
        self._say = say

    def meets(self, pattern: Pattern, view: View, *, wanted: bool = True) -> str:
        """Return the code that is true where a fact certainly meets a pattern's condition, or as certainly fails it."""
        return str(wanted) if pattern.where is None else self.holds(pattern.where.tree, view, view, wanted=wanted)

    def holds(self, tree: s.Expression, view: View, this: View, *, wanted: bool = True) -> str:
        """Return the code that is true where a condition certainly is as wanted, and false anywhere else."""
        match tree:
            case s.Logic(operator, operands):
                joint = operator if wanted else {"and": "or", "or": "and"}[operator]
                return "(" + f" {joint} ".join(self.holds(one, view, this, wanted=wanted) for one in operands) + ")"
            case s.Not(operand):
                return self.holds(operand, view, this, wanted=not wanted)
            case s.ValueRef(name) if self._state.pack.values[name].chosen_by is None:
                return self.holds(self._state.pack.values[name].variants[""].tree, view, this, wanted=wanted)
            case s.Compare(operands) if len(operands) > 2 and not wanted:  # noqa: PLR2004 - more than one comparison
                raise NotStreamable("its condition denies several comparisons at once")
        code = self._say.write(tree, view, this)
        known = [f"{one} is not None" for one in code.maybe]
        return "(" + " and ".join([*known, code.text if wanted else f"not {code.text}"]) + ")"
