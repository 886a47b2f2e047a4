"""Merkle trees as RFC 6962 has them: one hash that stands for a list of records, and short proofs about it.

A leaf is SHA-256 of 0x00 and the record, a node SHA-256 of 0x01 and its two children; a tree of n leaves has the
largest power of two below n on its left. Certificate transparency logs are trees of this kind, so any tool for those
can check the roots and proofs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HASH_BYTES = 32


def leaf_hash(record: bytes) -> bytes:
    """Return the hash of a record."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two hashes side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Leaves(Sequence[bytes]):
    """The leaf hashes of a list of records, 32 bytes each and nothing more."""

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self._data = bytearray().join(hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Leaves:
        """Return the leaves that were written one after the other; raise `ValueError` if the last one is cut off."""
        if len(data) % HASH_BYTES:
            raise ValueError("a hash is cut off")
        leaves = cls()
        leaves._data = bytearray(data)
        return leaves

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more record."""
        self._data += leaf

    def __bytes__(self) -> bytes:
        return bytes(self._data)

    def __len__(self) -> int:
        return len(self._data) // HASH_BYTES

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, Leaves) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # leaves are added to

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Leaves: ...
    def __getitem__(self, index: int | slice) -> bytes | Leaves:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return Leaves(self[at] for at in range(start, stop, step))
            return Leaves.from_bytes(bytes(self._data[start * HASH_BYTES : max(start, stop) * HASH_BYTES]))
        at = range(len(self))[index] * HASH_BYTES
        return bytes(self._data[at : at + HASH_BYTES])

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._data), HASH_BYTES):
            yield bytes(self._data[at : at + HASH_BYTES])


def root_of(leaves: Sequence[bytes], start: int = 0, stop: int | None = None) -> bytes:
    """Return the root over the leaves from `start` up to `stop`; the root of no leaves is SHA-256 of nothing."""
    stack: list[tuple[int, bytes]] = []  # full trees, each with its number of leaves, from left to right
    for at in range(start, len(leaves) if stop is None else stop):
        size, found = 1, leaves[at]
        while stack and stack[-1][0] == size:
            found = node_hash(stack.pop()[1], found)
            size *= 2
        stack.append((size, found))
    if not stack:
        return hashlib.sha256(b"").digest()
    _, root = stack.pop()
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def _split(size: int) -> int:
    """Return how many of so many leaves stand on the left: the largest power of two that is less than all."""
    return 1 << ((size - 1).bit_length() - 1)


# --- proofs -----------------------------------------------------------------------------------------------------------


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of a leaf, from the bottom up."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"there is no leaf {index} among {len(leaves)}")
    path: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(root_of(leaves, middle, stop))
            stop = middle
        else:
            path.append(root_of(leaves, start, middle))
            start = middle
    return path[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a path leads from a leaf at its place to the root of a tree of `size` leaves."""
    if not 0 <= index < size:
        return False
    found, last = leaf, size - 1
    for sibling in path:
        if last == 0:
            return False
        if index % 2 or index == last:
            found = node_hash(sibling, found)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            found = node_hash(found, sibling)
        index, last = index // 2, last // 2
    return last == 0 and found == root


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Return the proof that the first `size` leaves have stayed as they were, from the bottom up."""
    if not 0 <= size <= len(leaves):
        raise IndexError(f"there are no {size} leaves among {len(leaves)}")
    if size in (0, len(leaves)):
        return []
    path: list[bytes] = []
    start, stop, is_old_tree = 0, len(leaves), True
    while size != stop:
        middle = start + _split(stop - start)
        if size <= middle:
            path.append(root_of(leaves, middle, stop))
            stop = middle
        else:
            path.append(root_of(leaves, start, middle))
            start, is_old_tree = middle, False
    if not is_old_tree:
        path.append(root_of(leaves, start, stop))
    return path[::-1]


def proves_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether a path proves that a tree grew from another by leaves being added at its end."""
    if old_size > new_size or old_size < 0:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    if old_size == 0:
        return not path and old_root == root_of(())
    hashes = list(path)
    old, new = old_size - 1, new_size - 1
    while old % 2:
        old, new = old // 2, new // 2
    if old:
        if not hashes:
            return False
        first = hashes.pop(0)
    else:
        first = old_root
    as_old = as_new = first
    for sibling in hashes:
        if new == 0:
            return False
        if old % 2 or old == new:
            as_old, as_new = node_hash(sibling, as_old), node_hash(sibling, as_new)
            while old % 2 == 0 and old:
                old, new = old // 2, new // 2
        else:
            as_new = node_hash(as_new, sibling)
        old, new = old // 2, new // 2
    return new == 0 and as_old == old_root and as_new == new_root
