"""A pack as a program at the command line: whether a log may go through it, and what came out of it."""

from __future__ import annotations

import re
from collections import Counter
from typing import IO, TYPE_CHECKING, Final

import attrs

from dutyrules.cli import inputs
from dutyrules.cli.targets import seekable
from dutyrules.outcomes import GONE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

    from dutyrules.compiler.bulk import Passed
    from dutyrules.compiler.layouts import Layout
    from dutyrules.compiler.plain import PlainLines
    from dutyrules.engine import SetAside
    from dutyrules.events import EventError
    from dutyrules.log_files import LogFile
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Counted

BLOCK: Final = 1 << 20
SORT: Final = re.compile(
    rb'^\{"kind":"([^"]*)","status":"([^"]*)","id":("[^"]*").*?,"rule":"([^"]*)"(?:.*?(,"late":true\}?$))?',
    re.MULTILINE,
)
OPEN: Final = frozenset({b"open", b"set", b"moved", b"proposed", b"opened", b"postponed", b"breached", b"missed"})
"""Statuses of what has not come to its end: what was missed may be done late, or excused."""
UNDONE: Final = re.compile(
    rb'^\{"kind":"[^"]*","status":"(?:withdrawn|retracted|voided|postponed|taken|answered)","id":("[^"]*")',
    re.MULTILINE,
)
"""What changes an outcome that had come to its end."""


@attrs.frozen
class Wanted:
    """What is asked of a replay, as far as it decides who does it."""

    carries: Mapping[str, dt.date] | str | None
    as_of: int | None
    layout: Layout | None
    jobs: int


@attrs.frozen
class Done:
    """A log that went through a program."""

    passed: Passed
    refused: list[EventError]
    aside: list[SetAside]
    counts: Counter[Counted]
    how: str


def prepared(pack: Pack, wanted: Wanted, module: Path | None) -> ModuleType | str:
    """Return the pack as a program, or why the engine has to do it."""
    from dutyrules.compiler.program import carries_everything, compile_pack, compiles, load_program

    carries_all = carries_everything(pack, wanted.carries)
    if module is not None:
        program = read_program(module, pack, carries_all=carries_all, layout=wanted.layout)
        return _shared_out(program, wanted.jobs)
    if not compiles(pack, carries_all=carries_all):
        if wanted.jobs > 1:
            inputs.fail("`--jobs` needs a pack that compiles whole", hint=f"see `dutyrules compile {pack.name}`")
        return "not every rule compiles"
    program = load_program(compile_pack(pack, wanted.layout, carries_all=carries_all), pack.name)
    return _shared_out(program, wanted.jobs)


def _shared_out(program: ModuleType, jobs: int) -> ModuleType:
    """Return the program if its people can be shared out among processes as asked; end if not."""
    if jobs > 1 and not program.LOCAL:
        text = f"`--jobs` cannot share out the people of `{program.PACK}`: some record or count is not one person's own"
        inputs.fail(text, hint="begin the keys of records and counts with the person, or leave out `--jobs`")
    return program


def read_program(module: Path, pack: Pack, *, carries_all: bool, layout: Layout | None) -> ModuleType:
    """Read a program that was made ahead of time; end where it was made of another pack or for other options."""
    from dutyrules.compiler.program import laid_out, load_program

    try:
        program = load_program(module.read_text(encoding="utf-8"), module.stem)
        made_of, made_for = program.DIGEST, (program.CARRIES_ALL, program.LAYOUT)
    except OSError as error:
        inputs.fail(f"`{module}` cannot be read: {(error.strerror or str(error)).lower()}")
    except (SyntaxError, ValueError, AttributeError, ImportError, NameError) as error:
        inputs.fail(f"`{module}` is no program: {error}", hint="write one with `dutyrules compile PACK --out FILE`")
    if made_of != pack.digest:
        inputs.fail(
            f"`{module}` was made of another pack or another version of `{pack.name}`", hint="compile the pack again"
        )
    if made_for != (carries_all, laid_out(layout)):
        inputs.fail(
            f"`{module}` was made for other options", hint="give `--layout` and `--carries` as they were at `compile`"
        )
    return program


def pass_through(
    program: ModuleType, pack: Pack, file: LogFile, stream: IO[bytes], wanted: Wanted, *, counted: bool
) -> Done | str:
    """Send a log through a program and write what comes out; or return why the engine has to do it."""
    from dutyrules.compiler.plain import PlainLines
    from dutyrules.compiler.reading import Beyond

    path: Path = file.path  # type: ignore[attr-defined] # only plain files come here
    lines = PlainLines(pack, file.name)
    try:
        with seekable(stream) as out:
            start = out.tell()
            passed, how = _run(program, path, out, lines, wanted)
            found = counts(out, start) if counted else Counter()
            out.seek(0, 2)
    except Beyond as error:
        return str(error)
    return Done(passed, lines.refused, set_aside(pack, passed), found, how)


def set_aside(pack: Pack, passed: Passed) -> list[SetAside]:
    """Return the events that reached nothing, in the engine's order."""
    if not passed.aside and not passed.astray:
        return []
    from dutyrules.engine import SetAside

    found = [SetAside(*one) for one in passed.aside]
    if passed.astray:
        from dutyrules.runtime.findings import Findings

        faults = ((name, Findings(pack).fault(code)) for name, code in passed.astray)
        found += [SetAside(fault[0], name, fault[1]) for name, fault in faults if fault is not None]
    return sorted(found, key=lambda one: (one.event, one.code))


def _run(program: ModuleType, path: Path, out: IO[bytes], lines: PlainLines, wanted: Wanted) -> tuple[Passed, str]:
    """Send a log through, in as many processes as asked for if that can be, and say how it was done."""
    from dutyrules.compiler.bulk import replay_file

    how = "compiled"
    if wanted.jobs > 1:
        from dutyrules.compiler.jobs import Together, replay_apart

        start = out.tell()
        try:
            passed = replay_apart(program, path, out, slow=lines, jobs=wanted.jobs, as_of=wanted.as_of, drains=False)
        except Together as reason:
            how = f"compiled, in one process: {reason}"
            out.seek(start)
        else:
            return passed, f"compiled, in {wanted.jobs} processes"
    return replay_file(program, path, out, slow=lines, as_of=wanted.as_of, drains=False), how


def counts(out: IO[bytes], start: int) -> Counter[Counted]:
    """Count the outcomes that stand in the end by rule, kind and status, out of the lines that were written.

    Only what has not come to its end, and what changes after that, is remembered by its id: a log may be long.
    """
    found: Counter[Counted] = Counter()
    undone = {name for block in _whole_lines(out, start) for name in UNDONE.findall(block)}
    last: dict[bytes, Counted] = {}
    for block in _whole_lines(out, start):
        for kind, status, name, rule, late in SORT.findall(block):
            before = last.pop(name, None)
            if before is not None:
                found[before] -= 1
            sort = rule.decode(), kind.decode(), status.decode() + (" late" if late else "")
            if sort[2] in GONE:
                continue
            found[sort] += 1
            if status in OPEN or late or name in undone:
                last[name] = sort
    return +found


def _whole_lines(out: IO[bytes], start: int) -> Iterator[bytes]:
    out.seek(start)
    while block := out.read(BLOCK):
        yield block + out.readline()
