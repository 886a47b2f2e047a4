"""Logs whose events name nobody: they are read like any other log, with pseudonyms in place of persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.audit.person_fields import PackWords
from dutyrules.audit.pseudonyms import Pseudonyms
from dutyrules.calendars.zones import Zone
from dutyrules.events import EventDecoder, EventError
from dutyrules.log_files import LogFile, Row, decode_rows

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from dutyrules.audit.pseudonyms import Key
    from dutyrules.policies.model import EventType, Pack


@attrs.frozen
class MaskedLog:
    """A log file with its persons replaced; what holds no event keeps its reason and loses its words."""

    file: LogFile
    pseudonyms: Pseudonyms
    types: Mapping[str, EventType]
    zone: Zone

    @property
    def name(self) -> str:
        """Return the name that messages use."""
        return self.file.name

    def rows(self) -> Generator[Row, None, None]:
        """Read the file from its beginning."""
        decoder = EventDecoder(self.types, self.zone)
        for row in self.file.rows():
            try:
                if isinstance(row.source, EventError):
                    raise row.source
                event = decoder.decode(row.source)
            except EventError as error:
                reason, hint = (self.pseudonyms.reason(text, self.types) for text in (error.reason, error.hint))
                yield Row(row.number, EventError(error.code, reason, hint=hint))
            else:
                yield Row(row.number, self.pseudonyms.event(event, self.types).as_json())


def mask(files: Iterable[LogFile], key: Key, pack: Pack, *others: Pack) -> list[MaskedLog]:
    """Return the logs with their persons replaced; they are read through once to know who there is.

    `others` are further packs that the logs will be judged by: their words and offices stay as they are, too.
    """
    known = list(files)
    zone = Zone(pack.timezone)
    pseudonyms = Pseudonyms(key, PackWords.of(pack, *others))
    decoder = EventDecoder(pack.events, zone)
    for file in known:
        pseudonyms.learn(decode_rows(file, decoder, _pass_over), pack.events)
    return [MaskedLog(file, pseudonyms, pack.events, zone) for file in known]


def _pass_over(_: EventError) -> None:
    """Leave what holds no event to whoever reads the log afterwards."""
