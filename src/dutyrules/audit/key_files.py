"""Key files: a secret in a file of its own, written so that nobody else can read it, and refused where it is weak.

Two forms are read: lines `key: HEX` and perhaps `word: WORD` below a remark, as `new_key` writes them; or any other
file of 32 bytes or more, all of which are the secret, such as `openssl rand -hex 32` makes.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, Final

from dutyrules.audit.pseudonyms import PERSON, SHORTEST_KEY, Key, WeakKey

if TYPE_CHECKING:
    from pathlib import Path

REMARK: Final = "# a key of dutyrules: whoever has it can tell who is who"
LARGEST: Final = 65_536
_LINE: Final = re.compile(r"(key|word): *(\S+)")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def new_key(path: Path, word: str = PERSON) -> Key:
    """Write a new key to a file that only its owner can read; raise `FileExistsError` rather than lose an old one."""
    key = Key(secrets.token_bytes(SHORTEST_KEY), word)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{REMARK}\nword: {word}\nkey: {key.secret.hex()}\n")
    return key


def read_key(path: Path) -> Key:
    """Read a key; raise `WeakKey` for one that is too short or too plain, `OSError` for a file that cannot be read."""
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise WeakKey(f"the file has more than {LARGEST} bytes and is no key")
    lines = _lines(data)
    if lines is None:
        return Key(data.strip())
    try:
        return Key(bytes.fromhex(lines["key"]), lines.get("word", PERSON))
    except ValueError as error:
        raise error if isinstance(error, WeakKey) else WeakKey("`key` is not written in hexadecimal digits") from None


def _lines(data: bytes) -> dict[str, str] | None:
    """Return the parts of a key that is written in lines, None for any other."""
    try:
        lines = [line.strip() for line in data.decode("utf-8").splitlines()]
    except UnicodeDecodeError:
        return None
    found = [_LINE.fullmatch(line) for line in lines if line and not line.startswith("#")]
    parts = {one[1]: one[2] for one in found if one is not None}
    return parts if None not in found and "key" in parts else None


def is_open_to_others(path: Path) -> bool:
    """Tell whether other users of the machine can read or change a file; never true where there are no such rights."""
    return os.name == "posix" and bool(path.stat().st_mode & _OTHERS)
