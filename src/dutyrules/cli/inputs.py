"""What commands are given: packs, logs, moments and languages, read or refused with exit status 2 or 3."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dutyrules.audit.pseudonyms import Key, Pseudonyms
    from dutyrules.compiler.layouts import Layout
    from dutyrules.engine import SetAside
    from dutyrules.events import EventError
    from dutyrules.log_files import LogFile
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay

DAY = 86_400
BAD_INPUT = 2
UNREADABLE_LOG = 3
SHOWN_REFUSALS = 20
UNREADABLE = "DR611"


Logs = Annotated[list[Path], typer.Argument(metavar="LOG...", help="Files of events; `-` is standard input.")]
PackName = Annotated[str | None, typer.Option("--pack", help="A pack; by default `pack.yaml` beside the log.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="An instant, or a day to its end.")]
MapFile = Annotated[Path | None, typer.Option("--map", help="What the columns of CSV files mean.")]
Carries = Annotated[str | None, typer.Option("--carries", help="Event types whose silence speaks.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--pseudonymise", metavar="KEYFILE", help="Show pseudonyms made with this key in place of persons."),
]


class Language(StrEnum):
    """The language of words for people."""

    EN = "en"
    ZH = "zh"


Lang = Annotated[Language, typer.Option("--lang", help="Language of the words.")]


def fail(message: str, *, hint: str = "", status: int = BAD_INPUT) -> NoReturn:
    """Say what is wrong on stderr and end."""
    typer.echo(message, err=True)
    if hint:
        typer.echo(f"help: {hint}", err=True)
    raise typer.Exit(status)


def load_one_pack(name: str) -> Pack:
    """Load the one pack of a file or of a known name."""
    from dutyrules.policies.load import PackError, load_pack

    try:
        return load_pack(name)
    except PackError as error:
        fail(str(error).rstrip("\n"))


def load_every_pack(name: str) -> list[Pack]:
    """Load all packs of a file or of a known name."""
    from dutyrules.policies.load import PackError, load_packs

    try:
        return load_packs(name)
    except PackError as error:
        fail(str(error).rstrip("\n"))


def pack_beside(pack: str | None, logs: list[Path]) -> Pack:
    """Load the pack that was named, or else `pack.yaml` beside the first log."""
    if pack is not None:
        return load_one_pack(pack)
    beside = logs[0].parent / "pack.yaml"
    if not beside.is_file():
        fail("which pack is it?", hint="name it with `--pack`, or put `pack.yaml` beside the log")
    return load_one_pack(str(beside))


@contextmanager
def open_logs(
    paths: list[Path], pack: Pack, mapping: Path | None, key: Path | None = None, *others: Pack
) -> Iterator[list[LogFile]]:
    """Open log files; `-` is standard input.

    A log is read more than once, so what is no file on a disc (a pipe, standard input) is copied to one. With a key the
    events name nobody; `others` are further packs that judge them, whose offices keep their names as well.
    """
    from dutyrules.csv_mapping import load_mapping
    from dutyrules.policies.diagnostics import render_text
    from dutyrules.replay import NoMapping
    from dutyrules.replay import open_logs as open_files
    from dutyrules.table_columns import BadMapping

    with tempfile.TemporaryDirectory(prefix="dutyrules-") as folder:
        try:
            known = load_mapping(mapping) if mapping is not None else None
            given = {_spooled(path, Path(folder) / str(number)): str(path) for number, path in enumerate(paths)}
            yield_files = open_files(given, pack, known, shown=given)
        except BadMapping as error:
            fail(render_text(error.diagnostics, {str(mapping): error.source}).rstrip("\n"))
        except NoMapping as error:
            fail(str(error), hint="give one with `--map`")
        except OSError as error:
            status = BAD_INPUT if error.filename == str(mapping) else UNREADABLE_LOG
            fail(f"`{error.filename}` cannot be read: {(error.strerror or str(error)).lower()}", status=status)
        yield yield_files if key is None else _masked(yield_files, key, pack, *others)


def _masked(files: list[LogFile], path: Path, pack: Pack, *others: Pack) -> list[LogFile]:
    """Return the logs with pseudonyms in place of persons."""
    from dutyrules.audit.masked_logs import mask
    from dutyrules.audit.pseudonyms import SamePseudonym

    try:
        return [*mask(files, read_key_file(path), pack, *others)]
    except SamePseudonym as error:
        fail(str(error), hint="make another key")


def read_key_file(path: Path) -> Key:
    """Read the key of pseudonyms, with a warning where others can read it too."""
    from dutyrules.audit.key_files import is_open_to_others, read_key
    from dutyrules.audit.pseudonyms import WeakKey

    try:
        key = read_key(path)
    except WeakKey as error:
        fail(f"`{path}`: {error}", hint="make a key with `dutyrules pseudonymise --new-key FILE`")
    except OSError as error:
        fail(f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}")
    if is_open_to_others(path):
        typer.echo(f"`{path}` can be read by others on this machine", err=True)
        typer.echo(f"help: `chmod 600 {path}` keeps the key to yourself", err=True)
    return key


def pseudonyms_of(files: list[LogFile]) -> Pseudonyms | None:
    """Return what replaces the persons of these logs, None where they keep their names."""
    found: Pseudonyms | None = getattr(files[0], "pseudonyms", None)
    return found


def as_shown(files: list[LogFile], text: str) -> str:
    """Return a person or an outcome's id as the outcomes of these logs have it."""
    pseudonyms = pseudonyms_of(files)
    return text if pseudonyms is None else pseudonyms.text(text)


def _spooled(path: Path, copy: Path) -> Path:
    """Return the file, or a copy of what can be read only once; the copy keeps the ending of the name."""
    if str(path) != "-" and (path.is_file() or path.is_dir() or not path.exists()):
        return path
    copy = copy.with_name(f"{copy.name}-{path.name}")
    with copy.open("wb") as stream:
        if str(path) == "-":
            shutil.copyfileobj(sys.stdin.buffer, stream)
        else:
            with path.open("rb") as source:
                shutil.copyfileobj(source, stream)
    return copy


def replay_of(
    pack: Pack,
    files: list[LogFile],
    as_of: str | None,
    carries: str | None,
    refuse: Callable[[EventError], None] | None = None,
) -> Replay:
    """Return a replay of open logs up to a moment and under a declaration as they were given."""
    from dutyrules.replay import Replay

    moment, carried = read_moment(as_of, pack), read_carries(carries, pack)
    return Replay(pack, files, as_of=moment, carries=carried, refuse=refuse)


def read_moment(text: str | None, pack: Pack) -> int | None:
    """Read an instant with its offset, or a day, which means the end of that day in the pack's zone."""
    from dutyrules.calendars import CalendarError, Zone

    if text is None:
        return None
    zone = Zone(pack.timezone)
    try:
        moment = zone.end_of(dt.date.fromisoformat(text)) if len(text) == len("2026-01-31") else zone.parse(text)
        zone.iso(moment - 2 * DAY)  # the first days that there are have nothing before them
    except CalendarError as error:
        fail(error.problems[0].message, hint=error.problems[0].hint)
    except (ValueError, OverflowError):
        fail(f"there is no day `{text}`")
    return moment


def read_carries(text: str | None, pack: Pack) -> Mapping[str, dt.date] | str | None:
    """Read `all`, `none`, or event types with commas between, each perhaps with `=` and the day since when."""
    from dutyrules.policies.diagnostics import did_you_mean, quoted

    if text is None or text == "all":
        return text
    carried: dict[str, dt.date] = {}
    for part in text.split(",") if text != "none" else ():
        name, _, since = part.strip().partition("=")
        if name not in pack.events:
            fail(f"{quoted(name)} is no event type", hint=did_you_mean(name, pack.events) or "")
        try:
            carried[name] = dt.date.fromisoformat(since) if since else dt.date.min
        except ValueError:
            fail(f"there is no day {quoted(since)}")
    return carried


def read_layout(path: Path | None) -> Layout | None:
    """Read the words and columns of outcomes, None where none were given."""
    if path is None:
        return None
    from dutyrules.compiler.layout_files import BadLayout, load_layout

    try:
        return load_layout(path)
    except BadLayout as error:
        fail(str(error), hint=error.hint)
    except OSError as error:
        fail(f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}")


class Refusals:
    """Tells on stderr of lines that hold no event: the first ones in full, then only how many."""

    def __init__(self, file: Path | None = None) -> None:
        self.count = 0
        self.broken = False
        self._stream = file.open("wb") if file is not None else None

    def __call__(self, error: EventError) -> None:
        """Take note of one line."""
        self.count += 1
        self.broken |= error.code == UNREADABLE
        self.keep({"place": error.place, "code": error.code, "reason": error.reason})
        if self.count <= SHOWN_REFUSALS:
            typer.echo(str(error), err=True)
        elif self.count == SHOWN_REFUSALS + 1:
            typer.echo("… and more", err=True)

    def keep(self, document: Mapping[str, str]) -> None:
        """Write one refusal to the file that was asked for."""
        import msgspec

        if self._stream is not None:
            self._stream.write(msgspec.json.encode(document) + b"\n")

    def events(self, found: list[SetAside]) -> None:
        """Take note of events that were read and not used."""
        self.count += len(found)
        for number, one in enumerate(found):
            self.keep({"event": one.event, "code": one.code, "reason": one.reason})
            if number < SHOWN_REFUSALS:
                typer.echo(f"event {one.event}: {one.code} {one.reason}", err=True)
        if len(found) > SHOWN_REFUSALS:
            typer.echo(f"… and {len(found) - SHOWN_REFUSALS} more events", err=True)

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()


def office(person: str | None, pack: Pack, language: Language) -> str:
    """Return a person's name, or of an office its name in the language."""
    if person is None:
        return "-"
    return pack.roles.get(person, {}).get(language.value, person)


def says(outcome: Outcome, pack: Pack, language: Language) -> str:
    """Return what the rule, the tier of it, or the part of a ladder says."""
    rule = pack.rules.get(outcome.rule)
    tiers = () if rule is None else rule.tiers
    tier = next((one for one in tiers if one.id == getattr(outcome, "tier", None)), None)
    for words in (tier.says if tier is not None else {}, pack.words_of(outcome.rule)):
        text = words.get(language.value) or next(iter(words.values()), "")
        if text:
            return " ".join(text.split())
    return ""
