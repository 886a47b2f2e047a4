"""What is worked out about a pack once, however many engines run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.policies.once import once_a_pack
from dutyrules.policies.syntax import AnyRecord
from dutyrules.policies.walk import fields_of
from dutyrules.runtime.findings import Findings
from dutyrules.runtime.layers import Layers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Pack


@attrs.frozen
class Analysis:
    """The layers of a pack's rules, the places where it looks records up, and what codes of findings mean."""

    layers: Layers
    lookups: tuple[AnyRecord, ...]
    findings: Findings


@once_a_pack
def analysis_of(pack: Pack) -> Analysis:
    """Return what is known of a pack."""
    lookups = tuple(_lookups((pack.records, pack.counts, pack.values, pack.rules, pack.ladders)))
    return Analysis(Layers(pack), lookups, Findings(pack))


def _lookups(part: Any) -> Iterator[AnyRecord]:  # noqa: ANN401 - any tree of the pack
    if isinstance(part, AnyRecord):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _lookups(one)
    elif names := fields_of(type(part)):
        for name in names:
            yield from _lookups(getattr(part, name))
    elif isinstance(part, Mapping):
        yield from _lookups(tuple(part.values()))
