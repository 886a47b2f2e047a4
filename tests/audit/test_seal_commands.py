"""`dutyrules seal` and `dutyrules verify`: each verdict by itself, each kind of tampering named."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.audit.manifest import BadManifest, decode_manifest, encode_manifest
from dutyrules.audit.seal_words import CHANGES, QUESTIONS, REMARKS, REPLAYED
from dutyrules.audit.verification import other_inputs
from run_commands import run

INTEGRITY, COMPLETENESS, RECOMPUTABILITY, SIGNATURE, STRICT = 4, 8, 16, 32, 64


@pytest.fixture(scope="module")
def sealed(repository, tmp_path_factory):
    """Replay a small log and seal it."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copy(repository / "tests" / "desk" / "desk.yaml", folder / "pack.yaml")
    shutil.copy(repository / "tests" / "desk" / "log.jsonl", folder / "log.jsonl")
    files = SimpleNamespace(folder=folder, pack=folder / "pack.yaml", log=folder / "log.jsonl")
    files.outcomes, files.manifest = folder / "outcomes.jsonl", folder / "manifest.json"
    assert run("replay", files.log, "--as-of", "2026-01-31", "--out", files.outcomes, "-q")[0] == 0
    status, out, _ = run("seal", files.log, files.outcomes, "--as-of", "2026-01-31", "--out", files.manifest)
    assert status == 0
    files.heads = out.split()
    return files


def verify(sealed, *arguments, log=None, outcomes=None, manifest=None):
    """Verify and return the exit status, the verdicts with their remarks' names, and the differences."""
    files = (manifest or sealed.manifest, log or sealed.log, outcomes or sealed.outcomes)
    status, out, _ = run("verify", *files, "--format", "json", *arguments)
    document = json.loads(out)
    verdicts = {
        question: (one["status"], [remark["remark"] for remark in one["remarks"]])
        for question, one in document["verdicts"].items()
    }
    return status, verdicts, document["differences"]


def statuses(verdicts):
    """Return the verdicts without their remarks, in a fixed order."""
    return [verdicts[one][0] for one in ("signature", "integrity", "completeness", "recomputability")]


def heads(*texts):
    """Return options for heads."""
    return [part for text in texts for part in ("--head", text)]


def again(sealed, folder, log, *more):
    """Replay and seal a changed log, as somebody would who covers it up."""
    files = SimpleNamespace(folder=folder, log=log, outcomes=folder / "o2.jsonl", manifest=folder / "m2.json")
    assert run("replay", log, "--pack", sealed.pack, "--as-of", "2026-01-31", "--out", files.outcomes, "-q")[0] == 0
    run("seal", log, files.outcomes, "--pack", sealed.pack, "--as-of", "2026-01-31", "--out", files.manifest, *more)
    return files


# --- all is well ------------------------------------------------------------------------------------------------------


def test_what_was_sealed_is_verified(sealed):
    """with the pack and both heads everything holds but the signature, and the status is 0"""
    status, verdicts, differences = verify(sealed, "--pack", sealed.pack, *heads(*sealed.heads))
    assert statuses(verdicts) == ["open", "holds", "holds", "holds"]
    assert (status, differences) == (0, [])


def test_what_cannot_be_known_stays_open(sealed):
    """without pack and head, recomputability and completeness are open, and only --strict counts that"""
    status, verdicts, _ = verify(sealed)
    assert statuses(verdicts) == ["open", "holds", "open", "open"]
    assert verdicts["completeness"][1][-3:] == ["no_head", "no_head", "before_the_seal"]
    assert status == 0
    assert verify(sealed, "--strict")[0] == STRICT


def test_a_manifest_is_the_same_every_time(sealed, tmp_path):
    """sealing the same files twice gives the same bytes"""
    other = tmp_path / "manifest.json"
    run("seal", sealed.log, sealed.outcomes, "--as-of", "2026-01-31", "--out", other)
    assert other.read_bytes() == sealed.manifest.read_bytes()
    assert encode_manifest(decode_manifest(other.read_bytes())) == other.read_bytes()


def test_a_packed_file_is_the_same_file(sealed, tmp_path):
    """a log that was packed with gzip since it was sealed holds the same records"""
    packed = tmp_path / "log.jsonl.gz"
    packed.write_bytes(gzip.compress(sealed.log.read_bytes()))
    status, verdicts, _ = verify(sealed, "--pack", sealed.pack, log=packed)
    assert (status, verdicts["integrity"]) == (0, ("holds", ["same_bytes", "same_bytes"]))


def test_other_line_ends_are_said_and_change_nothing(sealed, tmp_path):
    """line ends and empty lines are no part of a record, and the remark says that the file is written otherwise"""
    other = tmp_path / "log.jsonl"
    other.write_bytes(sealed.log.read_bytes().replace(b"\n", b"\r\n\r\n"))
    status, verdicts, _ = verify(sealed, "--pack", sealed.pack, log=other)
    assert (status, verdicts["integrity"]) == (0, ("holds", ["same_records", "same_bytes"]))


def test_logs_and_outcomes_in_csv_are_sealed_as_well(repository, tmp_path):
    """a CSV log with its mapping, and outcomes in CSV, are sealed and recomputed; another mapping is noticed"""
    example = repository / "examples" / "traffic_fines"
    log, mapping, pack = example / "made_up.csv", example / "mapping.yaml", example / "pack.yaml"
    options = ("--pack", pack, "--map", mapping)
    outcomes, manifest = tmp_path / "outcomes.csv", tmp_path / "manifest.json"
    assert run("replay", log, *options, "--format", "csv", "--out", outcomes, "-q")[0] == 0
    run("seal", log, outcomes, *options, "--out", manifest)
    sealed = SimpleNamespace(manifest=manifest, log=log, outcomes=outcomes)
    status, verdicts, _ = verify(sealed, *options)
    assert (status, statuses(verdicts)) == (0, ["open", "holds", "open", "holds"])
    other = tmp_path / "mapping.yaml"
    other.write_bytes(mapping.read_bytes() + b"\n")
    assert verify(sealed, "--pack", pack, "--map", other)[1]["recomputability"] == ("open", ["other_mapping"])


# --- tampering --------------------------------------------------------------------------------------------------------

KINDS = ["edited", "dropped", "inserted", "moved", "truncated", "appended"]


def tampered(lines, kind, data):
    """Tamper with lines and return them with what should be told: the number sealed and the number found, from 1."""
    size = len(lines)
    at = data.draw(st.integers(0, size - 2), label="at")
    if kind == "edited":
        byte = data.draw(st.integers(0, len(lines[at]) - 1), label="byte")
        changed = lines[at][:byte] + bytes([lines[at][byte] ^ 1]) + lines[at][byte + 1 :]
        return [*lines[:at], changed, *lines[at + 1 :]], (at + 1, at + 1)
    if kind == "dropped":
        return [*lines[:at], *lines[at + 1 :]], (at + 1, None)
    if kind == "inserted":
        return [*lines[:at], b'{"id":"new"}', *lines[at:]], (None, at + 1)
    if kind == "moved":
        to = data.draw(st.integers(0, size - 1).filter(lambda place: abs(place - at) > 1), label="to")
        rest = [*lines[:at], *lines[at + 1 :]]
        return [*rest[:to], lines[at], *rest[to:]], (at + 1, to + 1)
    if kind == "truncated":
        return lines[:-1], (size, None)
    return [*lines, b'{"id":"new"}'], (None, size + 1)


@pytest.mark.parametrize("which", ["log", "outcomes"])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(data=st.data())
def test_tampering_is_named(sealed, kind, which, data):
    """a byte changed, a record dropped, inserted, moved, cut off or added is named by kind, list and number"""
    path = getattr(sealed, which)
    lines, (was, now) = tampered(path.read_bytes().splitlines(), kind, data)
    other = sealed.folder / f"tampered-{which}"
    other.write_bytes(b"".join(line + b"\n" for line in lines))
    status, verdicts, differences = verify(sealed, **{which: other})
    [one] = differences
    assert one["records"] == ("events" if which == "log" else "outcomes")
    assert (one["change"], one.get("sealed"), one.get("found")) == (kind, was, now)
    if now is not None:
        assert (one["line"], one["text"]) == (now, lines[now - 1].decode("utf-8", "replace"))
    gone = kind in {"dropped", "truncated"}
    assert statuses(verdicts) == ["open", "fails", "fails" if gone else "open", "open"]
    assert status == INTEGRITY + (COMPLETENESS if gone else 0)


def test_an_edited_event_shows_in_what_follows_from_it(sealed, tmp_path):
    """a log that was edited no longer gives the outcomes, and the verdicts fail one by one"""
    other = tmp_path / "log.jsonl"
    lines = sealed.log.read_bytes().splitlines(keepends=True)
    other.write_bytes(b"".join([line for line in lines if b"T08:00:01" not in line]))
    status, verdicts, differences = verify(sealed, "--pack", sealed.pack, log=other)
    assert statuses(verdicts) == ["open", "fails", "fails", "fails"]
    assert status == INTEGRITY + COMPLETENESS + RECOMPUTABILITY
    assert {one["records"] for one in differences} == {"events", "replay"}


def test_outcomes_that_were_changed_before_the_seal_do_not_recompute(sealed, tmp_path):
    """a fine that was made smaller and then sealed is intact and complete, and is not what the pack demands"""
    changed = tmp_path / "o.jsonl"
    changed.write_bytes(sealed.outcomes.read_bytes().replace(b'"amount":"50"', b'"amount":"5"', 1))
    manifest = tmp_path / "m.json"
    options = ("--pack", sealed.pack, "--as-of", "2026-01-31")
    printed = run("seal", sealed.log, changed, *options, "--out", manifest)[1].split()
    status, verdicts, [one] = verify(
        sealed, "--pack", sealed.pack, *heads(*printed), outcomes=changed, manifest=manifest
    )
    assert statuses(verdicts) == ["open", "holds", "holds", "fails"]
    assert status == RECOMPUTABILITY
    assert (one["records"], one["change"]) == ("replay", "edited")
    assert '"amount":"50"' in one["text"]


def test_a_log_that_was_cut_and_sealed_again_needs_a_head_kept_elsewhere(sealed, tmp_path):
    """cut log and new manifest agree with each other; only the head from before shows that the end is gone"""
    cut = tmp_path / "log.jsonl"
    cut.write_bytes(b"".join(sealed.log.read_bytes().splitlines(keepends=True)[:-2]))
    files = again(sealed, tmp_path, cut)
    files.pack = sealed.pack
    status, verdicts, _ = verify(files, "--pack", sealed.pack)
    assert (status, statuses(verdicts)) == (0, ["open", "holds", "open", "holds"])
    assert "no_head" in verdicts["completeness"][1]
    status, verdicts, _ = verify(files, *heads(sealed.heads[0]))
    assert (status, verdicts["completeness"][0]) == (COMPLETENESS, "fails")
    assert "head_cut_off" in verdicts["completeness"][1]


def test_a_log_that_was_rewritten_and_sealed_again_is_no_continuation(sealed, tmp_path):
    """an earlier record changed and the whole sealed again, with more records: the head from before shows it"""
    changed = tmp_path / "log.jsonl"
    more = b'{"id":"z1","type":"check_in","time":"2026-01-30T08:00:00+08:00","subject":"zhao"}\n'
    changed.write_bytes(sealed.log.read_bytes().replace(b"08:00:01", b"07:59:59", 1) + more)
    files = again(sealed, tmp_path, changed)
    status, verdicts, _ = verify(files, *heads(sealed.heads[0]))
    assert (status, verdicts["completeness"][0]) == (COMPLETENESS, "fails")
    assert "head_differs" in verdicts["completeness"][1]


def test_a_log_that_grew_is_a_continuation_of_an_earlier_head(sealed, tmp_path):
    """records added after the head leave the records of the head proven, and say nothing of what came between"""
    grown = tmp_path / "log.jsonl"
    more = b'{"id":"z1","type":"check_in","time":"2026-01-30T08:00:00+08:00","subject":"zhao"}\n'
    grown.write_bytes(sealed.log.read_bytes() + more)
    files = again(sealed, tmp_path, grown)
    status, verdicts, _ = verify(files, *heads(sealed.heads[0]))
    assert (status, verdicts["completeness"][0]) == (0, "open")
    assert "head_earlier" in verdicts["completeness"][1]


@pytest.mark.parametrize("damage", [None, b"", b"\x00" * 32, b"\x00" * 33])
def test_without_its_leaves_a_manifest_still_finds_and_no_longer_names(sealed, tmp_path, damage):
    """where the file of leaves is missing or another one, tampering is found, and a remark says why it is not named"""
    manifest = tmp_path / "manifest.json"
    shutil.copy(sealed.manifest, manifest)
    if damage is not None:
        (tmp_path / "manifest.json.leaves").write_bytes(damage)
    other = tmp_path / "log.jsonl"
    other.write_bytes(b"".join(sealed.log.read_bytes().splitlines(keepends=True)[1:]))
    status, verdicts, differences = verify(sealed, log=other, manifest=manifest)
    assert (status, differences) == (INTEGRITY + COMPLETENESS, [])
    assert verdicts["integrity"][1][-1] == ("no_leaves" if damage is None else "leaves_differ")
    assert verify(sealed, manifest=manifest)[0] == 0
    size, root = 2, sealed.heads[0].split(":")[2]
    told = verify(sealed, *heads(f"events:{size}:{root}"), log=other, manifest=manifest)[1]["completeness"][1]
    assert "head_unproven" in told


# --- what outcomes are made from --------------------------------------------------------------------------------------


def test_another_pack_is_not_the_sealed_one(sealed, tmp_path):
    """with a pack that differs in a remark alone nothing is recomputed, and the verdict stays open"""
    other = tmp_path / "pack.yaml"
    other.write_bytes(sealed.pack.read_bytes() + b"# a remark\n")
    status, verdicts, _ = verify(sealed, "--pack", other)
    assert (status, verdicts["recomputability"]) == (0, ("open", ["other_pack"]))


def test_other_inputs_are_told_apart(sealed):
    """each thing that outcomes are made from is told where it is another; years that a calendar gained do not count"""
    now = decode_manifest(sealed.manifest.read_bytes())
    replace = msgspec.structs.replace
    more = replace(now.calendar, years=now.calendar.years | {"2099": "0"})
    fewer = replace(now.calendar, years={year: one for year, one in now.calendar.years.items() if year != "2026"})
    others = {
        "other_pack": replace(now, pack=replace(now.pack, parts=["visits"])),
        "other_calendar": replace(now, calendar=fewer),
        "other_engine": replace(now, engine=replace(now.engine, behaviour=now.engine.behaviour + 1)),
        "other_key": replace(now, replay=replace(now.replay, pseudonyms="0" * 16)),
    }
    for name, other in others.items():
        assert [one.name for one in other_inputs(now, other)] == [name]
    assert other_inputs(now, replace(now, calendar=more)) == []
    assert other_inputs(now, replace(now, engine=replace(now.engine, version="9.9"))) == []


def test_outcomes_with_pseudonyms_need_their_key(sealed, tmp_path):
    """outcomes that name nobody are recomputed with the key that they were made with, and with no other"""
    for name in ("key", "other"):
        run("pseudonymise", "--new-key", tmp_path / name)
    hidden, manifest = tmp_path / "o.jsonl", tmp_path / "m.json"
    options = ("--pack", sealed.pack, "--as-of", "2026-01-31", "--pseudonymise", tmp_path / "key")
    run("replay", sealed.log, *options, "--out", hidden, "-q")
    run("seal", sealed.log, hidden, *options, "--out", manifest)
    files = SimpleNamespace(log=sealed.log, outcomes=hidden, manifest=manifest)
    assert verify(files, "--pack", sealed.pack, "--pseudonymise", tmp_path / "key")[1]["recomputability"][0] == "holds"
    for key in ((), ("--pseudonymise", tmp_path / "other")):
        assert verify(files, "--pack", sealed.pack, *key)[1]["recomputability"] == ("open", ["other_key"])


# --- signatures -------------------------------------------------------------------------------------------------------


def key_pair(folder):
    """Write a key pair of Ed25519 as PEM files."""
    private = Ed25519PrivateKey.generate()
    plain = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    (folder / "private.pem").write_bytes(plain)
    (folder / "public.pem").write_bytes(public)
    return folder / "private.pem", folder / "public.pem"


def secret(folder):
    """Write a shared secret."""
    run("pseudonymise", "--new-key", folder / "secret")
    return folder / "secret", folder / "secret"


@pytest.mark.parametrize("make", [key_pair, secret])
def test_a_signature_vouches_for_all_of_a_manifest(sealed, tmp_path, make):
    """a signed manifest is verified with its key; with one figure of it changed, or another key, it fails"""
    private, public = make(tmp_path)
    files = again(sealed, tmp_path, sealed.log, "--sign", private)
    assert verify(files, "--key", public)[1]["signature"] == ("holds", ["signed"])
    assert verify(files)[1]["signature"] == ("open", ["no_key"])
    text = files.manifest.read_bytes()
    files.manifest.write_bytes(text.replace(b'"as_of": "2026-01-31"', b'"as_of": "2026-01-30"'))
    assert verify(files, "--key", public)[:2][1]["signature"] == ("fails", ["signed_otherwise"])
    assert verify(files, "--key", public)[0] == SIGNATURE
    files.manifest.write_bytes(text)
    (tmp_path / "elsewhere").mkdir()
    assert verify(files, "--key", make(tmp_path / "elsewhere")[1])[0] == SIGNATURE


def test_a_manifest_without_the_signature_that_is_asked_for_fails(sealed, tmp_path):
    """taking a signature away does not help: whoever gives a key wants one"""
    status, verdicts, _ = verify(sealed, "--key", secret(tmp_path)[0])
    assert (status, verdicts["signature"]) == (SIGNATURE, ("fails", ["not_signed"]))


def test_keys_of_the_wrong_kind_are_refused(sealed, tmp_path):
    """a key pair does not check a secret's signature nor the other way round, and a short secret signs nothing"""
    private, public = key_pair(tmp_path)
    shared, _ = secret(tmp_path)
    by_pair, by_secret = tmp_path / "pair", tmp_path / "shared"
    by_pair.mkdir()
    by_secret.mkdir()
    pair = again(sealed, by_pair, sealed.log, "--sign", private)
    both = again(sealed, by_secret, sealed.log, "--sign", shared)
    for files, key in ((pair, shared), (both, public)):
        status, _, err = run("verify", files.manifest, files.log, files.outcomes, "--key", key)
        assert (status, "signed with" in err) == (2, True)
    (tmp_path / "short").write_bytes(b"secret")
    for key, why in ((tmp_path / "short", "fewer than 32"), (public, "cannot be read")):
        status, _, err = run("seal", sealed.log, sealed.outcomes, "--out", tmp_path / "m", "--sign", key)
        assert (status, why in err) == (2, True)


def test_sealing_loads_no_cryptography_unless_a_key_pair_signs():
    """the extra is imported by nobody who does not sign with a key pair"""
    code = "import sys, dutyrules.cli.seal, dutyrules.audit.signatures; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"seal": 1}', "\xff"])
def test_what_is_no_manifest_is_refused(sealed, tmp_path, text):
    """a file that is no manifest ends with status 2 and a word about it"""
    path = tmp_path / "manifest.json"
    path.write_bytes(text.encode("latin-1"))
    status, _, err = run("verify", path, sealed.log, sealed.outcomes)
    assert (status, "no manifest" in err) == (2, True)


def test_a_manifest_of_another_form_is_refused(sealed):
    """a manifest of a later form is not read as if it were of this one"""
    data = sealed.manifest.read_bytes()
    with pytest.raises(BadManifest, match="form 2"):
        decode_manifest(data.replace(b'"seal": 1', b'"seal": 2'))


@pytest.mark.parametrize("text", ["events:1", "all:1:00", "events:x:00", "events:1:00", "events:1:zz"])
def test_what_is_no_head_is_refused(sealed, text):
    """a head that is no list, size and root is refused with an example"""
    status, _, err = run("verify", sealed.manifest, sealed.log, sealed.outcomes, "--head", text)
    assert (status, "is no head" in err, "help:" in err) == (2, True, True)


def test_a_file_that_breaks_off_is_refused(sealed, tmp_path):
    """a packed file that is not whole, or one that is not there, ends with the status for logs that cannot be read"""
    broken = tmp_path / "log.jsonl.gz"
    broken.write_bytes(gzip.compress(sealed.log.read_bytes())[:-20])
    assert run("verify", sealed.manifest, broken, sealed.outcomes)[0] == 3
    status, _, err = run("verify", sealed.manifest, tmp_path / "None.jsonl", sealed.outcomes)
    assert (status, err) == (3, f"`{tmp_path / 'None.jsonl'}` cannot be read: no such file or directory\n")


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_word_is_said_in_both_languages():
    """each remark, change and question has an English and a Chinese text with the same values in it"""
    for texts in (REMARKS, CHANGES, REPLAYED, QUESTIONS):
        for english, chinese in texts.values():
            assert sorted(set(re.findall(r"\{(\w+)\}", english))) == sorted(set(re.findall(r"\{(\w+)\}", chinese)))
            assert re.search("[\u4e00-\u9fff]", chinese)
            assert not re.search("[\u4e00-\u9fff]", english)


def test_verdicts_are_told_in_both_languages(sealed, tmp_path):
    """the text names each verdict and the record that differs, in English and in Chinese"""
    other = tmp_path / "log.jsonl"
    other.write_bytes(sealed.log.read_bytes().replace(b"08:00:01", b"08:00:09", 1))
    arguments = ("verify", sealed.manifest, other, sealed.outcomes, "--pack", sealed.pack)
    english, chinese = run(*arguments)[1], run(*arguments, "--lang", "zh")[1]
    assert "integrity: FAILS" in english
    assert re.search(r"events: record \d+ was edited\n +\d+: \{", english)
    assert "完好：不成立" in chinese
    assert re.search(r"事件：第 \d+ 条被改动", chinese)
