"""The lines that make outcomes: as JSON text of a layout."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.sections import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.layouts import Layout
    from dutyrules.policies.model import Pack, Rule

GONE: Final = "withdrawn"
"""The status of what no longer holds."""


def constant(name: str, value: object) -> Piece:
    """Return a field whose value is known now."""
    if isinstance(value, str):
        return Piece(name, value, constant=True)
    return Piece(name, json.dumps(value, ensure_ascii=False, separators=(",", ":")), constant=True, quoted=False)


def vague(rule: Rule) -> list[Piece]:
    """Return the word of the source that stands in the place of a limit."""
    word = rule.promptly or rule.vague
    return [constant("vague", word)] if word else []


class Outcomes:
    """Writes the making of outcomes; `careful`: texts may hold what JSON or an id must escape."""

    def __init__(self, pack: Pack, layout: Layout, *, careful: bool) -> None:
        self._pack = pack
        self._layout = layout
        self._careful = careful
        self._out: Writer = Writer()
        self._count = 0
        self._undone: str | None = None
        self._held = False

    @contextmanager
    def taken_back(self, place: str) -> Iterator[None]:
        """Write with each outcome the line that takes it back, without the time, into the list at a place."""
        self._undone = place
        yield
        self._undone = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Write what is told of a miss only once it is known that the act does not come in the next second."""
        self._held = True
        yield
        self._held = False

    def identity(self, rule: str, kind: str, matter: str, person: str) -> str:
        """Return the body of an f-string that gives an outcome's id; `matter` is one, `person` an expression."""
        pack = self._pack
        parts = [pack.name, *([pack.section] if pack.section else []), rule, kind]
        fixed = braced("/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts))
        if not self._careful:
            return f"{fixed}/{matter.replace('/', '%2F')}/{{{person}}}"
        return f"{fixed}/{{{self._kept(f'P({quoted(matter)})')}}}/{{P({person})}}"

    def write(  # noqa: PLR0913 - what every outcome has
        self,
        out: Writer,
        rule: Rule,
        kind: str,
        status: str,
        *,
        clock: str,
        matter: str,
        person: str | None,
        because: tuple[str, ...],
        fields: list[Piece],
    ) -> None:
        """Write the lines that make one outcome.

        `matter` is the body of an f-string; `clock`, `person` and `because` are expressions, or bodies after an `@`.
        `person` is None where it concerns nobody.
        """
        self._out = out
        word = f"{status} late" if any(one.name == "late" for one in fields) else status
        known = {
            piece.name: piece
            for piece in (
                constant("kind", kind),
                constant("status", status),
                Piece("id", "@"),
                Piece("time", clock),
                constant("pack", self._pack.name),
                constant("rule", rule.id),
                constant("clause", rule.clause),
                Piece("person", person or ""),
                Piece("matter", "@" + matter),
                Piece("because", "because", quoted=False),
                *fields,
            )
        }
        for name, value in (("because", because), ("person", person)):
            if not value:
                del known[name]  # a field that holds nothing is left out
        line = self._line(rule, kind, word, known, because)
        if self._held and line is not None:
            with self._out.under("if o.due == near:"):
                self._out(f"held.append((o, f{line}))")
            with self._out.under("else:"):
                self._out(f"out(f{line})")
        else:
            self._out("pass" if line is None else f"out(f{line})")
        if self._undone is not None:
            gone = {**known, "status": constant("status", GONE), "time": Piece("time", "HOLE", quoted=False)}
            line = self._line(rule, kind, GONE, gone, because)
            self._out("pass" if line is None else f"{self._undone}.append(f{line})")

    def _line(self, rule: Rule, kind: str, word: str, known: dict[str, Piece], because: tuple[str, ...]) -> str | None:
        """Return the f-string of an outcome with some fields, None where the layout leaves this sort out."""
        matter = known["matter"].code.removeprefix("@")
        person = known["person"].code if "person" in known else "NOBODY"
        extra = {"key": Piece("key", _last(matter)), **_figure(known)}
        chosen = self._layout.pieces(rule.id, kind, word, _Known(known, extra))
        if chosen is None:
            return None
        written = []
        for key, piece in chosen:
            if piece.name == "id":
                value = self._value(Piece("id", "@" + self.identity(rule.id, kind, matter, person)))
            elif piece.name == "because":
                value = self._causes(because)
            else:
                value = self._value(piece)
            written.append(f'"{key}":{value}')
        return quoted("{{" + ",".join(written) + "}}")

    def _value(self, piece: Piece) -> str:
        if piece.constant:
            return braced(json.dumps(piece.code, ensure_ascii=False) if piece.quoted else piece.code)
        if not piece.quoted:
            return f"{{{piece.code}}}"
        return f'"{self._text(piece.code)}"'

    def _causes(self, because: tuple[str, ...]) -> str:
        if len(because) == 1 and not because[0].startswith("*"):
            return f'["{self._text(because[0])}"]'
        parts = [self._kept(f"f{quoted(one[1:])}") if one.startswith("@") else one for one in because]
        if self._careful:
            return f"{{listed({', '.join(parts)})}}"
        if len(parts) == 2:  # noqa: PLR2004 - most rest on two events, and a comparison sorts them
            first, second = parts
            return f'["{{{first} + Q + {second} if {first} < {second} else {second} + Q + {first}}}"]'
        return f"{{several({', '.join(parts)})}}"

    def _text(self, code: str) -> str:
        """Return the part of an f-string that gives a text within quotation marks."""
        body = code[1:] if code.startswith("@") else None
        if not self._careful:
            return f"{{{code}}}" if body is None else body
        if body is None:
            return f"{{J({code})}}"
        return f"{{J({self._kept('f' + quoted(body))})}}" if "{" in body else body

    def _kept(self, code: str) -> str:
        """Put a value into a variable first and return its name."""
        self._count += 1
        name = f"v{self._count}"
        self._out(f"{name} = {code.replace('P(', 'P(f', 1) if code.startswith('P(') else code}")
        return name


class _Known(dict[str, Piece]):
    """The fields of an outcome; others that a layout may ask for are found, but not listed."""

    def __init__(self, listed: dict[str, Piece], extra: dict[str, Piece]) -> None:
        super().__init__(listed)
        self._extra = extra

    def __missing__(self, name: str) -> Piece:
        return self._extra[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._extra


def _figure(known: dict[str, Piece]) -> dict[str, Piece]:
    amount = known.get("amount")
    return {} if amount is None else {"figure": Piece("figure", amount.code, amount.constant, quoted=False)}


def _last(matter: str) -> str:
    """Return the code of the last part of a matter."""
    return "@" + matter.rsplit(":", 1)[-1].replace(".name}", ".tail}")


def braced(text: str) -> str:
    """Return a text as part of an f-string."""
    return text.replace("{", "{{").replace("}", "}}")


def quoted(body: str) -> str:
    """Return an f-string's body between single quotation marks."""
    return "'" + body.replace("\\", "\\\\").replace("\n", "\\n").replace("'", "\\'") + "'"
