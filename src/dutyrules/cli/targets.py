"""Where output goes: to a file that is whole or not there at all, or to standard output."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_MEMORY: Final = 32_000_000
MODE: Final = 0o666


@contextmanager
def written(out: Path | None) -> Iterator[IO[bytes]]:
    """Give a stream whose bytes stand in the file once all is well; until then they stand in another beside it."""
    if out is None:
        yield sys.stdout.buffer
    elif out.exists() and not out.is_file():  # a device or a pipe takes what comes
        with out.open("wb") as stream:
            yield stream
    else:
        with _beside(out.resolve(), out) as stream:
            yield stream


@contextmanager
def seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a stream in which one can begin anew; what stands in it in the end goes to the one that was given."""
    if isinstance(stream, tempfile._TemporaryFileWrapper):  # noqa: SLF001 - what `_beside` gives
        yield stream
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+b") as spool:
        yield spool
        spool.seek(0)
        shutil.copyfileobj(spool, stream)
        stream.flush()


@contextmanager
def _beside(place: Path, named: Path) -> Iterator[IO[bytes]]:
    try:
        file = tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False)  # noqa: SIM115 - closed below
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(named)) from None
    try:
        with file as stream:
            yield stream
        Path(file.name).chmod(place.stat().st_mode & 0o777 if place.exists() else MODE & ~_umask())
        Path(file.name).replace(place)
    except BaseException:
        with suppress(OSError):
            Path(file.name).unlink()
        raise


def _umask() -> int:
    """Return which rights new files do not get."""
    now = os.umask(0)
    os.umask(now)
    return now
