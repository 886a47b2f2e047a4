"""Replay a log of the benchmark through the bench pack as a compiled program.

`run_compiled.py IN OUT --program FILE [--jobs N]`: the program is compiled once, if FILE is not there yet, and then
imported like any module. Nothing else is loaded, neither `argparse`, `getopt` nor `pathlib`, which take as long as some
thousand events.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.machinery import SourceFileLoader

from dutyrules.cli import THRESHOLDS

TYPE_CHECKING = False  # nor `typing`
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType
    from typing import Any, Final

KEYS: Final = {
    "kind": "kind",
    "rule": "rule",
    "person": "person",
    "time": "time",
    "amount": "figure|0",
    "ref": "key",
    "id": "id",
    "clause": "clause",
    "because": "because",
}


def compile_to(program: Path) -> None:
    """Write the bench pack as a program whose outcomes have the benchmark's names."""
    from projection import load_table  # noqa: PLC0415 - only who compiles loads what that needs
    from run_bench_pack import PACK  # noqa: PLC0415

    from dutyrules import load_pack  # noqa: PLC0415
    from dutyrules.compiler.layouts import Projection  # noqa: PLC0415
    from dutyrules.compiler.program import compile_pack  # noqa: PLC0415

    text = compile_pack(load_pack(PACK), Projection(load_table(), KEYS), carries_all=True)
    program.write_text(text, encoding="utf-8")


def load(program: str | Path) -> ModuleType:
    """Import a program from its file."""
    name, _suffix = os.path.splitext(os.path.basename(program))  # noqa: PTH119, PTH122 - no `pathlib` here
    module = type(sys)(name)
    SourceFileLoader(name, os.fspath(program)).exec_module(module)
    return module


class Closer:
    """Reads a line that does not have the plain form with the engine's decoder, loaded when it is first wanted."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._read: Callable[[bytes, int], dict[str, Any] | None] | None = None

    def __call__(self, line: bytes, number: int) -> dict[str, Any] | None:
        """Return the event of a line in the plain form; stop at a line that holds none."""
        if self._read is None:
            from run_bench_pack import PACK  # noqa: PLC0415 - a log of the benchmark needs none of it

            from dutyrules import load_pack  # noqa: PLC0415
            from dutyrules.compiler.plain import PlainLines  # noqa: PLC0415

            self._read = PlainLines(load_pack(PACK), self._log)
        found = self._read(line, number)
        if found is None:
            raise SystemExit(f"line {number} is no event: {line[:200]!r}")
        return found


def main() -> None:
    """Replay a log."""
    gc.set_threshold(*THRESHOLDS)
    log, out, *rest = sys.argv[1:]
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    program = _program(options["--program"])
    closer = Closer(os.path.basename(log))  # noqa: PTH119 - no `pathlib` here
    jobs = int(options.get("--jobs", "1"))
    with open(out, "w+b") as stream:  # noqa: PTH123 - as above
        if jobs > 1:
            from dutyrules.compiler.jobs import replay_apart  # noqa: PLC0415 - one process does without

            replay_apart(program, log, stream, slow=closer, jobs=jobs)
        else:
            from dutyrules.compiler.bulk import replay_file  # noqa: PLC0415 - once the collector has its pace

            replay_file(program, log, stream, slow=closer)


def _program(path: str) -> ModuleType:
    if not os.path.exists(path):  # noqa: PTH110 - as above
        from pathlib import Path  # noqa: PLC0415 - only who compiles loads it

        compile_to(Path(path))
    return load(path)


if __name__ == "__main__":
    main()
