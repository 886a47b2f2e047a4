"""One function of a generated program under way: its lines, its look-ups, what has happened in it so far."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.state import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.views import Code, View

INDENT = "    "


@attrs.define
class Writer:
    """Lines of Python at the right depth.

    `kept` are the places of those that do no more than keep records, `deemed` of those that are about deemed facts.
    """

    lines: list[str] = attrs.field(factory=list)
    depth: int = 0
    kept: set[int] = attrs.field(factory=set)
    deemed: set[int] = attrs.field(factory=set)
    _known: dict[str, int] = attrs.field(factory=dict)

    def __call__(self, line: str) -> None:
        """Add a line."""
        self.lines.append(INDENT * self.depth + line if line else "")
        self._known = {name: depth for name, depth in self._known.items() if depth <= self.depth}

    def all(self, text: str) -> None:
        """Add all lines of a text."""
        for line in text.splitlines():
            self(line)

    def knows(self, before: Writer) -> None:
        """Take over what is sure after lines that were written before."""
        self._known |= before._known

    @contextmanager
    def under(self, line: str) -> Iterator[None]:
        """Add a line and write what follows one step further in."""
        self(line)
        self.depth += 1
        yield
        self.fill()
        self.depth -= 1

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Note the lines that follow as those that keep records."""
        first = len(self.lines)
        yield
        self.kept.update(range(first, len(self.lines)))

    def others(self) -> list[str]:
        """Return the lines that do more than keep records."""
        return [line for place, line in enumerate(self.lines) if place not in self.kept]

    def about_deemed(self) -> list[str]:
        """Return the lines that are about deemed facts."""
        return [self.lines[place] for place in sorted(self.deemed)]

    def fill(self) -> None:
        """Write that nothing is done, where a block has stayed empty."""
        if self.lines[-1].endswith(":"):
            self("pass")

    @contextmanager
    def spaced(self, line: str) -> Iterator[None]:
        """Do the same after two empty lines."""
        self("")
        self("")
        with self.under(line):
            yield

    def sure(self, maybe: tuple[str, ...], rule: str) -> None:
        """Leave the stream where one of these values is not known."""
        maybe = self.unsure_of(maybe)
        if maybe:
            with self.under("if " + " or ".join(f"{one} is None" for one in maybe) + ":"):
                self(f"raise Unsure({rule!r}, c)")
            self._known |= {one: self.depth for one in maybe if not one.startswith("o.")}

    def unsure_of(self, maybe: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some values that may still be unknown."""
        return tuple(one for one in maybe if self._known.get(one, self.depth + 1) > self.depth)

    def other(self, known: tuple[str, ...]) -> None:
        """Begin the other branch of a question, in which these values are known; the caller leaves it."""
        self("else:")
        self.depth += 1
        self._known |= {one: self.depth for one in known if not one.startswith("o.")}

    def waits(self, due: str = "o.due") -> None:
        """Write that what is in `o` waits for its instant."""
        with self.under(f"if (far := {due} >> 11) > span:"):
            self("wheel[far].append(o)")
        with self.under("else:"):
            self("soon(o)")

    @contextmanager
    def each(self, table: str, place: str, *before: str) -> Iterator[None]:
        """Write what is done with each `o` at a place of a table; what does not wait any more then leaves it."""
        with self.under(f"if (mine := {table}.get({place})) is not None:"):
            for line in before:
                self(line)
            with self.under("for o in mine:"):
                yield
            self(f"left({table}, {place}, mine)")

    @contextmanager
    def when(self, test: Code | None) -> Iterator[None]:
        """Write what follows under a condition, if there is one."""
        if test is None or test.text == "True":
            yield
        else:
            with self.under(f"if {bare(test.text)}:"):
                yield


def bare(text: str) -> str:
    """Return an expression without brackets around the whole of it."""
    return bare(text[1:-1]) if _is_wrapped(text) else text


def _is_wrapped(text: str) -> bool:
    """Tell whether one pair of brackets holds the whole text."""
    if not text.startswith("("):
        return False
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return position == len(text) - 1
    return False


@attrs.define
class Happened:
    """A breach that a section may have come to: the flag that says so, and how it looks to other rules."""

    flag: str
    view: View


@attrs.define
class Part:
    """A section with its lines: `facts` come first, then the look-ups, then `rules`.

    What an event counts as is a part with a `flag`, which shares all else with the event's own.
    """

    name: str
    view: View
    section: Section = attrs.field(factory=Section)
    facts: Writer = attrs.field(factory=lambda: Writer(depth=2))
    rules: Writer = attrs.field(factory=lambda: Writer(depth=2))
    breaches: dict[str, Happened] = attrs.field(factory=dict)
    opened: dict[str, View] = attrs.field(factory=dict)
    fulfilled: dict[str, None] = attrs.field(factory=dict)
    caused: dict[str, None] = attrs.field(factory=dict)
    flag: str | None = None

    @property
    def body(self) -> str:
        """Return all lines and look-ups as one text."""
        return "\n".join([*self.facts.lines, *self.rules.lines, *self.section.lookups])

    @property
    def is_idle(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.facts.lines and not self.rules.lines

    def bearer(self) -> str:
        """Return a new name for a bearer."""
        self.section.bearers += 1
        return f"who{self.section.bearers}"

    @contextmanager
    def under_flag(self, out: Writer) -> Iterator[None]:
        """Write what follows under the flag of a deemed fact, if this part is one; nothing where nothing follows."""
        if self.flag is None:
            yield
            return
        place = len(out.lines)
        out(f"if {self.flag}:")
        out.depth += 1
        yield
        out.depth -= 1
        if len(out.lines) == place + 1:
            out.lines.pop()
        out.deemed.update(range(place, len(out.lines)))
