"""Applies declarative duty regulations to events: obligations, deadlines, sanctions, entitlements.

These are the public names. Each is imported when it is first asked for, so that `import dutyrules` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is loaded by whoever needs it
if TYPE_CHECKING:
    from typing import Final

    from dutyrules.deltas import Change, Delta
    from dutyrules.engine import Engine, SetAside, SnapshotMismatchError
    from dutyrules.events import Event, EventError, decode_event
    from dutyrules.explaining.why_not import NoSuchRule, WhyNot
    from dutyrules.explanations import Explanation, NoSuchOutcome, explain
    from dutyrules.matchers.protocol import MatcherError
    from dutyrules.outcomes import (
        Breach,
        Deadline,
        Entitlement,
        Notice,
        Obligation,
        Outcome,
        Referral,
        Sanction,
        encode,
    )
    from dutyrules.policies.diagnostics import Diagnostic
    from dutyrules.policies.load import PackError, check_pack, load_pack, load_packs
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay, open_logs

    __version__: str

_HOMES: Final = {
    name: module
    for module, names in {
        "dutyrules.deltas": ("Change", "Delta"),
        "dutyrules.engine": ("Engine", "SetAside", "SnapshotMismatchError"),
        "dutyrules.events": ("Event", "EventError", "decode_event"),
        "dutyrules.explaining.why_not": ("NoSuchRule", "WhyNot"),
        "dutyrules.explanations": ("Explanation", "NoSuchOutcome", "explain"),
        "dutyrules.matchers.protocol": ("MatcherError",),
        "dutyrules.outcomes": (
            *("Outcome", "Obligation", "Deadline", "Breach", "Sanction", "Entitlement", "Referral", "Notice"),
            "encode",
        ),
        "dutyrules.policies.diagnostics": ("Diagnostic",),
        "dutyrules.policies.load": ("PackError", "check_pack", "load_pack", "load_packs"),
        "dutyrules.policies.model": ("Pack",),
        "dutyrules.replay": ("Replay", "open_logs"),
    }.items()
    for name in names
}

__all__ = [
    "Breach",
    "Change",
    "Deadline",
    "Delta",
    "Diagnostic",
    "Engine",
    "Entitlement",
    "Event",
    "EventError",
    "Explanation",
    "MatcherError",
    "NoSuchOutcome",
    "NoSuchRule",
    "Notice",
    "Obligation",
    "Outcome",
    "Pack",
    "PackError",
    "Referral",
    "Replay",
    "Sanction",
    "SetAside",
    "SnapshotMismatchError",
    "WhyNot",
    "__version__",
    "check_pack",
    "decode_event",
    "encode",
    "explain",
    "load_pack",
    "load_packs",
    "open_logs",
]


def _public(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - only who asks for a name loads it

    if name == "__version__":
        found: object = import_module("importlib.metadata").version("dutyrules")
    elif name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module `dutyrules` has no attribute `{name}`", name=name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # to a type checker a module with `__getattr__` has every name, also one that is misspelt
    __getattr__ = _public
