"""`dutyrules seal`: a manifest by which a log and its outcomes can be checked later."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs

if TYPE_CHECKING:
    from dutyrules.audit.manifest import Manifest, ReplayOptions
    from dutyrules.audit.records import Records
    from dutyrules.policies.model import Pack


def command(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A file of events.")],
    outcomes: Annotated[Path, typer.Argument(metavar="OUTCOMES", help="What `replay` wrote of it.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Write the manifest to this file, its leaves beside it.")],
    pack: inputs.PackName = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As `replay` was told.")] = None,
    carries: Annotated[str | None, typer.Option("--carries", help="As `replay` was told.")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="What the columns of a CSV log mean.")] = None,
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="KEYFILE", help="Sign with this secret or private key.")
    ] = None,
    key: inputs.KeyFile = None,
) -> None:
    """Write down what a log, its outcomes and what they were made from are, and print the heads to keep elsewhere."""
    from dutyrules.audit.manifest import ENDING, ReplayOptions, encode_manifest
    from dutyrules.audit.verification import Head

    known = inputs.pack_beside(pack, [log])
    inputs.read_moment(as_of, known)
    inputs.read_carries(carries, known)
    options = ReplayOptions(
        format="csv" if is_csv(outcomes) else "jsonl",
        as_of=as_of,
        carries=carries,
        pseudonyms=None if key is None else inputs.read_key_file(key).fingerprint,
    )
    events, results = read(log), read(outcomes)
    manifest = manifest_of(known, (log.name, events), (outcomes.name, results), mapping, options)
    if sign is not None:
        manifest = _signed(manifest, sign)
    out.write_bytes(encode_manifest(manifest))
    side = out.with_name(out.name + ENDING)
    side.write_bytes(bytes(events.leaves) + bytes(results.leaves))
    for name, sealed in (("events", manifest.events), ("outcomes", manifest.outcomes)):
        typer.echo(Head(name, sealed.size, sealed.root))
    typer.echo(f"{out} and {side}: keep the lines above in another place, where nobody can change both", err=True)


def is_csv(path: Path) -> bool:
    """Tell whether a file of outcomes is a CSV table."""
    return path.name.lower().removesuffix(".gz").endswith(".csv")


def read(path: Path) -> Records:
    """Read the records of a file, or end with the status for files that cannot be read."""
    from dutyrules.audit.records import read_records
    from dutyrules.log_files import BROKEN

    try:
        return read_records(path).records()
    except BROKEN as error:
        told = getattr(error, "strerror", None) or str(error)
        inputs.fail(f"`{path}` cannot be read: {told.lower()}", status=inputs.UNREADABLE_LOG)


def manifest_of(
    pack: Pack,
    events: tuple[str, Records],
    outcomes: tuple[str, Records],
    mapping: Path | None,
    options: ReplayOptions,
) -> Manifest:
    """Return the manifest of what is at hand now."""
    from dutyrules.audit.manifest import (
        Manifest,
        Sealed,
        SealedCalendar,
        SealedEngine,
        SealedMapping,
        SealedPack,
    )

    return Manifest(
        events=Sealed.of(events[1], events[0]),
        outcomes=Sealed.of(outcomes[1], outcomes[0]),
        pack=SealedPack.of(pack),
        mapping=None if mapping is None else SealedMapping.of(mapping),
        calendar=SealedCalendar.of(pack.calendar),
        engine=SealedEngine.of_this(),
        replay=options,
    )


def _signed(manifest: Manifest, path: Path) -> Manifest:
    import msgspec

    from dutyrules.audit.signatures import UnfitKey, sign

    try:
        signature = sign(manifest.signed_part(), path)
    except UnfitKey as error:
        inputs.fail(f"`{path}`: {error}")
    return msgspec.structs.replace(manifest, signature=signature)
