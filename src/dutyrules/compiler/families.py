"""Rules that are written alike: what each such family needs in a program, and what waits for its instant there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dutyrules.compiler.kept import Kept
    from dutyrules.compiler.pruning import Slots
    from dutyrules.compiler.sections import Part
    from dutyrules.policies.model import Rule

    RestsOn = Callable[[Rule], bool]
    """Tells whether other rules or counts read what a rule makes."""


@attrs.frozen
class Waiting:
    """What waits for its instant: its class, and the function that is called with it then."""

    rule: Rule
    class_name: str
    part: Part


class Family:
    """Rules that are written alike. A family says what it needs, and nothing where it needs nothing."""

    kept_whole: ClassVar[bool] = False
    """Whether what runs beside a program reads all slots of what is kept."""
    is_last: ClassVar[bool] = False
    """Whether nothing follows from what the family breaks."""

    def take(self, rule: Rule) -> None:
        """Note a rule, if it is of the family; refuse one that a single pass over a log cannot apply."""

    def keeps(self) -> list[Kept]:
        """Return what is kept of facts."""
        return []

    def imports(self) -> Iterable[str]:
        """Return the lines that import what is needed."""
        return ()

    def tables(self) -> Iterable[str]:
        """Return the lines that make what holds all that is remembered."""
        return ()

    def slots(self) -> Slots:
        """Return the attributes of what is kept, by its class."""
        return {one.class_name: one.slots for one in self.keeps()}

    def sections(self) -> Iterable[Part]:
        """Return functions that are called at other times than those of events and of what waits."""
        return ()

    def waiting(self) -> Iterator[Waiting]:
        """Yield what waits for its instant."""
        yield from ()

    def miss(self, part: Part, rule: Rule) -> None:
        """Write what is done at that instant."""

    def again(self, part: Part, rule: Rule) -> None:
        """Write what begins then, once all has followed from what was missed."""
