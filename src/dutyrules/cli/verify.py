"""`dutyrules verify`: whether a log and its outcomes are as they were sealed, all there, and follow from the pack."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language
from dutyrules.cli.seal import manifest_of, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dutyrules.audit.manifest import Manifest
    from dutyrules.audit.records import Records
    from dutyrules.audit.tampering import Change
    from dutyrules.audit.verification import Difference, Found, Head, Verdict

EXIT: Final = {"integrity": 4, "completeness": 8, "recomputability": 16, "signature": 32}
STRICT: Final = 64
MOST_SHOWN: Final = 20
LONGEST: Final = 100


class Format(StrEnum):
    """How verdicts are written."""

    TEXT = "text"
    JSON = "json"


def command(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="What `seal` wrote.")],
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The file of events.")],
    outcomes: Annotated[Path, typer.Argument(metavar="OUTCOMES", help="The file of outcomes.")],
    *,
    pack: Annotated[str | None, typer.Option("--pack", help="The pack, to replay the log with.")] = None,
    head: Annotated[
        list[str] | None, typer.Option("--head", metavar="HEAD", help="A line that `seal` printed, kept elsewhere.")
    ] = None,
    sign_key: Annotated[
        Path | None,
        typer.Option("--key", metavar="KEYFILE", help="Check the signature with this secret or public key."),
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="What the columns of a CSV log mean.")] = None,
    key: inputs.KeyFile = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let a verdict that stays open count as well.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How verdicts are written.")] = Format.TEXT,  # noqa: A002 - the option's name
    lang: inputs.Lang = Language.EN,
) -> None:
    """Check a log and its outcomes against a manifest: integrity, completeness and recomputability, each by itself."""
    from dutyrules.audit.verification import Found, Status, completeness, integrity, sealed_leaves

    sealed = _manifest(manifest)
    leaves, lost = sealed_leaves(sealed, _side(manifest))
    heads = [_head(text) for text in head or ()]
    lists = [
        Found("events", sealed.events, leaves["events"], read(log)),
        Found("outcomes", sealed.outcomes, leaves["outcomes"], read(outcomes)),
    ]
    replayed, changes = _recomputed(sealed, lists, log, pack, mapping, key)
    verdicts = [_signature(sealed, sign_key), integrity(lists, lost), completeness(lists, heads), replayed]
    differences = [
        one for found, path in zip(lists, (log, outcomes), strict=True) for one in _located(found, path)
    ] + changes
    if format is Format.JSON:
        typer.echo(_as_json(verdicts, differences))
    else:
        for line in _lines(verdicts, differences, lang):
            typer.echo(line)
    status = sum(EXIT[one.question] for one in verdicts if one.status is Status.FAILS)
    status += STRICT if strict and any(one.status is Status.OPEN for one in verdicts) else 0
    if status:
        raise typer.Exit(status)


def _manifest(path: Path) -> Manifest:
    from dutyrules.audit.manifest import BadManifest, decode_manifest

    try:
        return decode_manifest(path.read_bytes())
    except BadManifest as error:
        inputs.fail(f"`{path}`: {error}")


def _side(path: Path) -> bytes | None:
    from dutyrules.audit.manifest import ENDING

    side = path.with_name(path.name + ENDING)
    return side.read_bytes() if side.is_file() else None


def _head(text: str) -> Head:
    from dutyrules.audit.verification import Head

    try:
        return Head.parse(text)
    except ValueError:
        inputs.fail(f"`{text}` is no head", hint="give a line as `seal` printed it: `events:4:9f86…`")


def _signature(sealed: Manifest, path: Path | None) -> Verdict:
    from dutyrules.audit.signatures import UnfitKey, vouches
    from dutyrules.audit.verification import Remark, Status, Verdict

    signature = sealed.signature
    if signature is None:
        wanted = path is not None
        status = Status.FAILS if wanted else Status.OPEN
        return Verdict("signature", status, (Remark("not_signed" if wanted else "no_signature"),))
    values = {"key": signature.key, "method": signature.method}
    if path is None:
        return Verdict("signature", Status.OPEN, (Remark("no_key", values),))
    try:
        good = vouches(signature, sealed.signed_part(), path)
    except UnfitKey as error:
        inputs.fail(f"`{path}`: {error}")
    name, status = ("signed", Status.HOLDS) if good else ("signed_otherwise", Status.FAILS)
    return Verdict("signature", status, (Remark(name, values),))


# --- replaying --------------------------------------------------------------------------------------------------------


def _recomputed(
    sealed: Manifest, lists: Sequence[Found], log: Path, pack: str | None, mapping: Path | None, key: Path | None
) -> tuple[Verdict, list[Difference]]:
    """Replay the log with the sealed pack and compare; what cannot be tried says why."""
    from dutyrules.audit.manifest import ReplayOptions
    from dutyrules.audit.verification import Remark, Status, Verdict, other_inputs, recomputability

    if pack is None:
        return Verdict("recomputability", Status.OPEN, (Remark("no_pack"),)), []
    known = inputs.load_one_pack(pack)
    print_ = None if key is None else inputs.read_key_file(key).fingerprint
    options = ReplayOptions(
        format=sealed.replay.format, as_of=sealed.replay.as_of, carries=sealed.replay.carries, pseudonyms=print_
    )
    events, outcomes = (one.records for one in lists)
    now = manifest_of(known, (log.name, events), (log.name, outcomes), mapping, options)
    others = other_inputs(sealed, now)
    if others:
        return Verdict("recomputability", Status.OPEN, tuple(others)), []

    def run(wanted: set[int]) -> tuple[Records, Mapping[int, tuple[int, str]]]:
        from dutyrules.audit.records import RecordSink
        from dutyrules.cli import output

        sink = RecordSink(wanted)
        with inputs.open_logs([log], known, mapping, key) as files:
            replay = inputs.replay_of(known, files, options.as_of, options.carries)
            write = output.write_jsonl if options.format == "jsonl" else output.write_csv
            write(replay.changes(), sink)  # type: ignore[arg-type] # it takes bytes as a file does
        return sink.records(), sink.texts

    replayed, _ = run(set())
    newer = len(now.calendar.years) - len(sealed.calendar.years)
    verdict, changes = recomputability(outcomes, replayed, newer)
    if not changes:
        return verdict, []
    texts = run({one.now for one in changes[:MOST_SHOWN] if one.now is not None})[1]
    return verdict, [_difference("replay", one, texts) for one in changes]


# --- telling ----------------------------------------------------------------------------------------------------------


def _located(found: Found, path: Path) -> Iterator[Difference]:
    """Yield what was done to the records of a file, with the text of those that are shown."""
    from dutyrules.audit.records import read_records

    changes = found.changes()
    wanted = {one.now for one in changes[:MOST_SHOWN] if one.now is not None}
    texts = read_records(path, wanted).texts if wanted else {}
    yield from (_difference(found.name, one, texts) for one in changes)


def _difference(name: str, change: Change, texts: Mapping[int, tuple[int, str]]) -> Difference:
    from dutyrules.audit.verification import Difference

    line, text = texts.get(change.now, (None, None)) if change.now is not None else (None, None)
    sealed, now = (None if at is None else at + 1 for at in (change.was, change.now))
    return Difference(name, change.how, sealed, now, line, text)


def _lines(verdicts: Sequence[Verdict], differences: Sequence[Difference], lang: Language) -> Iterator[str]:
    from dutyrules.audit.seal_words import difference_text, remark_text, word
    from dutyrules.cli.output import clipped

    shown_with = {"integrity": ("events", "outcomes"), "recomputability": ("replay",)}
    for one in verdicts:
        yield f"{word(one.question, lang)}{'：' if lang is Language.ZH else ': '}{word(one.status, lang)}"
        yield from (f"  {remark_text(remark, lang)}" for remark in one.remarks)
        for name in shown_with.get(one.question, ()):
            mine = [each for each in differences if each.records == name]
            for each in mine[:MOST_SHOWN]:
                yield f"  {difference_text(each, lang)}"
                if each.text is not None:
                    yield f"    {each.line}: {clipped(each.text, LONGEST)}"
            if len(mine) > MOST_SHOWN:
                yield f"  … {len(mine) - MOST_SHOWN}"


def _as_json(verdicts: Sequence[Verdict], differences: Sequence[Difference]) -> str:
    import attrs
    import msgspec

    document = {
        "verdicts": {
            one.question: {
                "status": one.status,
                "remarks": [{"remark": each.name, **each.values} for each in one.remarks],
            }
            for one in verdicts
        },
        "differences": [
            {name: value for name, value in attrs.asdict(one).items() if value is not None} for one in differences
        ],
    }
    return msgspec.json.encode(document).decode()
