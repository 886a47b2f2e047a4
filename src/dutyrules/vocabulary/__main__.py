"""Compiles the vocabulary anew: `python -m dutyrules.vocabulary`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from dutyrules.vocabulary import SOURCE, read_source
from dutyrules.vocabulary.compiled import FILE, compiled


def main(folder: Path) -> None:
    """Write `events.json` beside the text that it is made from."""
    source = (folder / SOURCE).read_bytes()
    (folder / FILE).write_bytes(compiled(read_source(source), source))


if __name__ == "__main__":
    main(Path(str(files("dutyrules.vocabulary"))))
