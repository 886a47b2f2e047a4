"""Manifests: what a seal writes down about a log, its outcomes, and everything that the outcomes were made from."""

from __future__ import annotations

import hashlib
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from dutyrules.calendars.holidays import COUNTRIES
from dutyrules.engine import BEHAVIOUR

if TYPE_CHECKING:
    from dutyrules.audit.records import Records
    from dutyrules.policies.model import Pack

FORM: Final = 1
TREE: Final = "RFC 6962 with SHA-256; a record is a line without its end, empty lines are left out"
ENDING: Final = ".leaves"


class BadManifest(ValueError):
    """A file is no manifest, or one of a form that this version does not know."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of records: how many, the Merkle root over them, and the digest of the file's bytes."""

    file: str
    size: int
    root: str
    sha256: str

    @classmethod
    def of(cls, records: Records, name: str) -> Sealed:
        """Seal the records of a file."""
        return cls(file=name, size=records.size, root=records.root, sha256=records.sha256)


class SealedPack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pack: `digest` covers its text and all that it extends, `file_sha256` the one file that was named."""

    name: str
    section: str | None
    parts: list[str]
    digest: str
    file: str
    file_sha256: str | None

    @classmethod
    def of(cls, pack: Pack) -> SealedPack:
        """Seal a pack."""
        path = Path(pack.file)
        return cls(
            name=pack.name,
            section=pack.section,
            parts=sorted(pack.parts),
            digest=pack.digest,
            file=path.name,
            file_sha256=hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None,
        )


class SealedMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the columns of a CSV log mean."""

    file: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> SealedMapping:
        """Seal a mapping."""
        return cls(file=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


class SealedCalendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The calendar that a pack names, and the digest of the data of each year; one without data has no years."""

    name: str
    years: dict[str, str]

    @classmethod
    def of(cls, name: str) -> SealedCalendar:
        """Seal a calendar."""
        if name not in COUNTRIES:
            return cls(name=name, years={})
        files = (resources.files("dutyrules.calendars") / "data" / name).iterdir()
        found = {each.name.removesuffix(".yaml"): each.read_bytes() for each in files if each.name.endswith(".yaml")}
        return cls(name=name, years={year: hashlib.sha256(found[year]).hexdigest() for year in sorted(found)})


class SealedEngine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The engine: its release, the number of what it does, and the digest of the event types that ship with it."""

    version: str
    behaviour: int
    vocabulary: str

    @classmethod
    def of_this(cls) -> SealedEngine:
        """Seal the engine that runs."""
        words = resources.files("dutyrules.vocabulary") / "events.yaml"
        return cls(
            version=metadata.version("dutyrules"),
            behaviour=BEHAVIOUR,
            vocabulary=hashlib.sha256(words.read_bytes()).hexdigest(),
        )


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With what options `replay` gave the outcomes; `pseudonyms` is the fingerprint of the key that hid the persons."""

    format: str
    as_of: str | None = None
    carries: str | None = None
    pseudonyms: str | None = None


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who vouches for a manifest: `hmac-sha256` or `ed25519`, the fingerprint of the key, the signature itself."""

    method: str
    key: str
    value: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a seal writes down."""

    seal: int = FORM
    tree: str = TREE
    events: Sealed
    outcomes: Sealed
    pack: SealedPack
    mapping: SealedMapping | None
    calendar: SealedCalendar
    engine: SealedEngine
    replay: ReplayOptions
    signature: Signature | None = None

    def signed_part(self) -> bytes:
        """Return the bytes that a signature vouches for: everything but the signature."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=None), order="deterministic")


def encode_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as JSON for people and programs, always in the same order."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2) + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest; raise `BadManifest`."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadManifest(f"this is no manifest of a seal: {error}".lower()) from None
    if manifest.seal != FORM or manifest.tree != TREE:
        raise BadManifest(f"the manifest is of form {manifest.seal}, and this version reads form {FORM}")
    return manifest
