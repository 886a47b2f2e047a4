"""Which keys may stand in a rule of which kind, which go together, and which exclude one another."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from dutyrules.policies.resolve_consequences import ACTS, acts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.bench import Bench
    from dutyrules.policies.schema_rules import RuleDoc

_WORDS: Final = ("kind", "says", "clause", "in_force", "vague")
TRIGGERS: Final = ("when", "whenever", "every", "gap")
_SET_OFF: Final = (*TRIGGERS, "about", "for_each", "during")
_LOOK_BACK: Final = ("if", "needs", "needs_any", "in_order", "unless")
_CLOCK: Final = (
    "from",
    "by",
    "within",
    "until",
    "until_all",
    "at_least",
    "distinct",
    "one_act",
    "moved_by",
    "waived_by",
)
_ALLOWS: Final = ("when", "about", *_LOOK_BACK, "who", "from", "by", "relies_on")
_SANCTIONS: Final = tuple(act for act in ACTS if act != "grant")
_ADDED: Final = ("class", "look_back", "for", "nature")

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "obligation": (
        *_SET_OFF,
        *_LOOK_BACK,
        "who",
        *_CLOCK,
        *("promptly", "paused_by", "excused_by", "soft", "relies_on", "observed"),
    ),
    "prohibition": (*_SET_OFF, *_LOOK_BACK, "who", "asked_by", "excused_by", "soft", "relies_on", "voids", "observed"),
    "permission": _ALLOWS,
    "approval": _ALLOWS,
    "eligibility": _ALLOWS,
    "entitlement": (
        *(*_SET_OFF, *_LOOK_BACK, "who", *_CLOCK, "excused_by", "relies_on", "grant", "once_per"),
        *("postponed_while", "postponed_as"),
    ),
    "sanction": (
        *(*_SET_OFF, *_LOOK_BACK, "who", "waived_by", "excused_by", "relies_on", *_SANCTIONS, *_ADDED),
        *("by_number", "tiers", "marginal", "once_per", "same", "observed"),
    ),
    "choice": ("of", "same", "keep"),
    "definition": (*_SET_OFF, *_LOOK_BACK, "who", "relies_on", "counts_as", "with", "voids"),
    "referral": (
        *(*_SET_OFF, *_LOOK_BACK, "who", "by", "within", "excused_by", "relies_on", "asks", "refer", "once_per"),
        "observed",
    ),
    "procedure": (),
    "value": (),
    "schedule": (),
    "advice": (),
}
_EXCLUDE: Final = (
    TRIGGERS,
    ("about", "for_each"),
    ("by", "within"),
    ("until", "until_all"),
    ("needs", "needs_any"),
)
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "for_each": ("every",),
    "during": ("whenever",),
    "whenever": ("about",),
    "in_order": ("needs",),
    "asked_by": ("when",),
    "at_least": ("until",),
    "distinct": ("until",),
    "one_act": ("until", "until_all"),
    "moved_by": ("by", "within"),
    "paused_by": ("by", "within"),
    "by_number": ("tiers",),
    "tiers": ("by_number",),
    "marginal": ("tiers",),
    "postponed_while": ("by",),
    "postponed_as": ("postponed_while",),
    "with": ("counts_as",),
    "counts_as": ("when", "whenever", "every"),
    "voids": ("when",),
    "forfeit": ("same",),
    "observed": TRIGGERS,
}
_MUST: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "choice": (("of",), ("same",)),
    "referral": (("asks", "refer"),),
}


def keys_of(doc: RuleDoc) -> tuple[str, ...]:
    """Return the keys that a rule has, as they are written."""
    written = _written(type(doc))
    return tuple(written[name] for name, value in vars(doc).items() if value is not None)


@cache
def _written(shape: type[RuleDoc]) -> Mapping[str, str]:
    """Return each field of a rule's shape with the key that it is written as."""
    return {name: field.alias or name for name, field in shape.model_fields.items()}


def check_keys(bench: Bench, name: str, doc: RuleDoc) -> None:
    """Tell of keys that do not belong into a rule of this kind, or not beside one another."""
    path = ("rules", name)
    keys = keys_of(doc)
    allowed = (*_WORDS, *_KEYS[doc.kind])
    article = "an" if doc.kind[0] in "aeio" else "a"
    for key in keys:
        if key not in allowed:
            help_ = _elsewhere(key)
            bench.tell_key((*path, key), "DR219", f"`{key}` has no place in {article} {doc.kind}", help_)
    for group in _EXCLUDE:
        found = [key for key in group if key in keys]
        for key in found[1:]:
            bench.tell_key((*path, key), "DR217", f"`{key}` cannot stand beside `{found[0]}`")
    for key in keys:
        wanted = _NEEDS.get(key)
        if key in allowed and wanted is not None and not set(wanted) & set(keys):
            bench.tell_key((*path, key), "DR218", f"`{key}` needs {_listed(wanted)}")
    for wanted in _MUST.get(doc.kind, ()):
        if not set(wanted) & set(keys):
            bench.tell_key(path, "DR202", f"{article} {doc.kind} needs {_listed(wanted)}")
    _check_consequence(bench, name, doc, keys)


def _elsewhere(key: str) -> str | None:
    kinds = [kind for kind, keys in _KEYS.items() if key in keys]
    return f"it belongs to the kinds {', '.join(f'`{each}`' for each in kinds)}" if kinds else None


def _listed(keys: tuple[str, ...]) -> str:
    return " or ".join(f"`{key}`" for key in keys)


def _check_consequence(bench: Bench, name: str, doc: RuleDoc, keys: tuple[str, ...]) -> None:
    """Tell of a sanction or right that has no consequence or several, in the rule or in a tier."""
    acts = [act for act in acts_of(doc) if act in _KEYS[doc.kind]]
    if doc.tiers is not None:
        acts.append("tiers")
        for tier_name, tier in doc.tiers.items():
            _check_one(bench, ("rules", name, "tiers", tier_name), acts_of(tier), "this tier")
    if doc.kind == "sanction":
        _check_one(bench, ("rules", name), acts, "this sanction")
    elif doc.kind == "entitlement" and "grant" not in keys:
        bench.tell_key(("rules", name), "DR504", "this entitlement grants nothing", "add `grant: …`")


def _check_one(bench: Bench, path: tuple[str | int, ...], acts: list[str], words: str) -> None:
    if not acts:
        bench.tell_key(path, "DR504", f"{words} has no consequence", f"add one of {_listed(_SANCTIONS)}")
    for act in acts[1:]:
        bench.tell_key(
            (*path, act), "DR504", f"{words} has two consequences: `{acts[0]}` and `{act}`", "make a rule of each"
        )
