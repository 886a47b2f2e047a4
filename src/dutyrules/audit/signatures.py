"""Signatures of manifests: HMAC-SHA-256 with a shared secret, or Ed25519 with a key pair (extra `sign`).

Whoever can check an HMAC can also make one; it serves where one party keeps the secret and checks for itself. With
Ed25519 anybody may check, and only the holder of the private key can sign.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from dutyrules.audit.key_files import read_key
from dutyrules.audit.manifest import Signature
from dutyrules.audit.pseudonyms import WeakKey

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HMAC: Final = "hmac-sha256"
ED25519: Final = "ed25519"
_PURPOSE: Final = b"dutyrules manifest\x00"
_PRINT: Final = 16


class UnfitKey(ValueError):
    """A key cannot be used for signatures."""


def sign(payload: bytes, path: Path) -> Signature:
    """Sign with the key of a file: a private key of Ed25519 as PEM, or a secret; raise `UnfitKey` for any other."""
    data = path.read_bytes()
    if not _is_pem(data):
        secret = _secret(path)
        return Signature(method=HMAC, key=_print_of(secret), value=_mac(secret, payload))
    crypto = _serialization()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - an extra

    try:
        key = crypto.load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise UnfitKey(f"the private key cannot be read: {error}".lower()) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UnfitKey("the private key is not one of Ed25519")
    public = key.public_key().public_bytes_raw()
    return Signature(method=ED25519, key=_print_of(public), value=key.sign(_PURPOSE + payload).hex())


def vouches(signature: Signature, payload: bytes, path: Path) -> bool:
    """Tell whether a signature was made with the key of a file over these bytes; raise `UnfitKey`."""
    data = path.read_bytes()
    if signature.method == HMAC:
        if _is_pem(data):
            raise UnfitKey("the manifest is signed with a shared secret, and this is a key pair's")
        return hmac.compare_digest(_mac(_secret(path), payload), signature.value)
    if signature.method != ED25519:
        raise UnfitKey(f"`{signature.method}` is no method of signing that this version knows")
    public = _public_key(data)
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra

    try:
        public.verify(bytes.fromhex(signature.value), _PURPOSE + payload)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_key(data: bytes) -> Ed25519PublicKey:
    """Read a public key, or the public half of a private one."""
    if not _is_pem(data):
        raise UnfitKey("the manifest is signed with Ed25519, and this is no PEM file with such a key")
    crypto = _serialization()
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

    try:
        if b"PRIVATE KEY" in data:
            private = crypto.load_pem_private_key(data, None)
            key = private.public_key()
        else:
            key = crypto.load_pem_public_key(data)
    except (ValueError, TypeError) as error:
        raise UnfitKey(f"the key cannot be read: {error}".lower()) from None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UnfitKey("the key is not one of Ed25519")
    return key


def _serialization() -> ModuleType:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra
    except ImportError:
        raise UnfitKey("Ed25519 needs the extra `sign`: pip install 'dutyrules[sign]'") from None
    return serialization


def _is_pem(data: bytes) -> bool:
    return data.lstrip().startswith(b"-----BEGIN ")


def _secret(path: Path) -> bytes:
    try:
        return read_key(path).secret
    except WeakKey as error:
        raise UnfitKey(str(error)) from None


def _mac(secret: bytes, payload: bytes) -> str:
    return hmac.new(secret, _PURPOSE + payload, hashlib.sha256).hexdigest()


def _print_of(key: bytes) -> str:
    """Return a fingerprint, by which people tell keys apart."""
    return hashlib.sha256(_PURPOSE + key).hexdigest()[:_PRINT]
