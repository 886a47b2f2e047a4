"""Whose the lines of a log are: just enough of each event is read to know to which process its line goes."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from dutyrules.compiler import lines
from dutyrules.compiler.bulk import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from dutyrules.compiler.bulk import Ids, Slow


class Together(Exception):
    """People whose lines cannot be told apart here: one process has to take them all; the text says why."""


class Owners(dict[str | None, int]):
    """By which process a person is looked at; nobody is looked at like everybody else."""

    def __init__(self, jobs: int) -> None:
        super().__init__()
        self._jobs = jobs

    def __missing__(self, person: str | None) -> int:
        number = self[person] = crc32((person or "").encode()) % self._jobs
        return number


class Sharing:
    """Shares lines out among processes and looks at the ids of all of them."""

    def __init__(self, program: ModuleType, slow: Slow, ids: Ids, jobs: int) -> None:
        self._slow = slow
        self._ids = ids
        self._jobs = jobs
        self._owners = Owners(jobs)
        self._persons = {kind: _person_field(made, program.PERSONS[kind]) for kind, made in program.types().items()}
        decoder = msgspec.json.Decoder(_heads(program.types(), self._persons))
        self._decode_lines = decoder.decode_lines
        self._decode: Callable[[bytes], Any] = decoder.decode

    def parts(self, block: bytes, first: Callable[[], int]) -> list[bytes]:
        """Return the lines of each process out of a block of whole lines; `first` gives the number of its first line.

        Raises what `Ids` raise, and `Together` where a line holds no event.
        """
        shares = self._quickly(block)
        if shares is not None:
            return shares
        try:
            heads: list[Any] = self._decode_lines(block)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            heads = []
        alone = lines_of(block, heads)
        if not alone:
            return self._one_by_one(block, first())
        self._ids.see([head.id for head in heads])
        owners = self._owners
        found: list[list[bytes]] = [[] for _ in range(self._jobs)]
        for head, line in zip(heads, alone, strict=True):
            found[owners[head.data.person or head.subject]].append(line)
        return [b"".join(share) for share in found]

    def _quickly(self, block: bytes) -> list[bytes] | None:
        """Return the lines of each process, None where it takes the general way to tell."""
        last = self._ids.last
        told = None if last is None else lines.shares(block, last, self._persons, self._jobs)
        if told is None:
            return None
        shares, last = told
        self._ids.see([last])
        return shares

    def _one_by_one(self, block: bytes, first: int) -> list[bytes]:
        shares: list[list[bytes]] = [[] for _ in range(self._jobs)]
        ids = []
        for number, line in enumerate(block.split(b"\n"), first):
            if line.strip():
                one, owner = self._told(line, number)
                ids.append(one)
                shares[owner].append(line)
        self._ids.see(ids)
        return [b"".join(line + b"\n" for line in share) for share in shares]

    def _told(self, line: bytes, number: int) -> tuple[str, int]:
        """Return the id of a line's event and the process to which it goes."""
        try:
            head = self._decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            document = self._slow(line.rstrip(b"\r"), number)
            if document is None:
                raise Together("a line holds no event") from None
            return document["id"], self._owner(document)
        return head.id, self._owners[head.data.person or head.subject]

    def _owner(self, document: dict[str, Any]) -> int:
        field = self._persons.get(document["type"])
        return self._owners[(field and document["data"].get(field)) or document.get("subject")]

    def sure(self, number: int) -> Slow:
        """Return how a process reads a line of its share that does not have the plain form: it has to be its own."""

        def look(line: bytes, _number: int) -> dict[str, Any] | None:
            document = self._slow(line, 0)
            if document is None:
                raise Together("a line holds no event")
            told, _owner = self._told(line, 0)
            if document["id"] != told or (document["type"] in self._persons and self._owner(document) != number):
                raise Together("it is not clear whose a line is")
            return document

        return look


def _heads(types: dict[str, type], persons: dict[str, str | None]) -> Any:  # noqa: ANN401 - classes of any pack
    """Return the class of that part of an event which tells whose it is; one for each type where they differ."""
    names = {*persons.values()}
    if len(names) == 1:
        return _head("Head", names.pop())
    made = (_head(kind, persons[kind], types[kind].__struct_config__) for kind in types)  # type: ignore[attr-defined] # a class of events
    return functools.reduce(operator.or_, made)


def _head(name: str, person: str | None, config: Any = None) -> Any:  # noqa: ANN401 - as above
    fields: list[tuple[str, Any, Any]] = [("person", str | None, None)] if person else []
    data = msgspec.defstruct(
        f"{name}_data",
        fields,
        rename={"person": person} if person else None,
        frozen=True,
        gc=False,
        namespace={} if person else {"person": None},
    )
    tag = {} if config is None else {"tag_field": config.tag_field, "tag": config.tag}
    return msgspec.defstruct(
        f"{name}_head", [("id", str), ("subject", str | None, None), ("data", data, data())], gc=False, **tag
    )


def _person_field(event: Any, attribute: str | None) -> str | None:  # noqa: ANN401 - a class of any pack
    """Return the name that the person of an event has in its data, None if its subject is the person."""
    data = next(field.type for field in msgspec.structs.fields(event) if field.name == "data")
    return next((field.encode_name for field in msgspec.structs.fields(data) if field.name == attribute), None)
