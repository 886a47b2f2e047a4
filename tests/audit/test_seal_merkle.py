"""Merkle trees: known vectors, an independent implementation, and the definition in RFC 6962 written down again."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as proven_elsewhere

from dutyrules.audit.merkle import (
    Leaves,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)

# The eight leaves, their roots and the proofs that certificate transparency implementations test themselves with.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FROM_SIX_TO_EIGHT = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

records = st.lists(st.binary(max_size=12), max_size=70)
sizes = st.integers(0, 70)


def tree_of(entries):
    """Return the leaves of records."""
    return Leaves(map(leaf_hash, entries))


def hexes(hashes):
    """Return hashes in hexadecimal digits."""
    return [one.hex() for one in hashes]


def split(count):
    """Return the largest power of two that is less than a number, by trying."""
    return max(2**power for power in range(count.bit_length()) if 2**power < count)


def subproof(old, entries, *, whole):
    """Return the proof SUBPROOF(m, D[n], b) word for word as section 2.1.2 of the RFC defines it."""
    count = len(entries)
    if old == count:
        return [] if whole else [defined_root(entries)]
    k = split(count)
    if old <= k:
        return [*subproof(old, entries[:k], whole=whole), defined_root(entries[k:])]
    return [*subproof(old - k, entries[k:], whole=False), defined_root(entries[:k])]


def defined_root(entries):
    """Return MTH(D[n]) word for word as section 2.1 of the RFC defines it."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + defined_root(entries[:k]) + defined_root(entries[k:])).digest()


def test_known_vectors():
    """the roots and proofs of the eight well-known leaves are the published ones"""
    leaves = tree_of(map(bytes.fromhex, INPUTS))
    assert [root_of(leaves[:size]).hex() for size in range(9)] == ROOTS
    assert hexes(inclusion_proof(leaves, 0)) == PATH_OF_FIRST
    assert hexes(consistency_proof(leaves, 1)) == PATH_OF_FIRST
    assert hexes(consistency_proof(leaves, 6)) == FROM_SIX_TO_EIGHT


@given(entries=records)
def test_an_independent_implementation_has_the_same_roots_and_paths(entries):
    """roots and inclusion paths are those of another library, for every size and every leaf"""
    other = InmemoryTree(algorithm="sha256")
    other.append_entries(entries)
    leaves = tree_of(entries)
    assert [other.get_root(size) for size in range(len(entries) + 1)] == [
        root_of(leaves[:size]) for size in range(len(entries) + 1)
    ]
    for index in range(len(entries)):
        assert other.prove_inclusion(index + 1, len(entries)).path[1:] == inclusion_proof(leaves, index)


@given(entries=records, data=st.data())
def test_consistency_is_proven_as_the_standard_defines_it(entries, data):
    """a proof is the one that the RFC's definition gives, and leads between roots that another library vouches for"""
    old = data.draw(st.integers(1, max(1, len(entries))))
    entries = entries or [b"one"]
    leaves = tree_of(entries)
    proof = consistency_proof(leaves, old)
    assert proof == subproof(old, entries, whole=True)
    other = InmemoryTree(algorithm="sha256")
    other.append_entries(entries)
    roots = other.get_root(old), other.get_root(len(entries))
    proven_elsewhere(*roots, other.prove_consistency(old, len(entries)))
    assert proves_consistency(old, roots[0], len(entries), roots[1], proof)


@given(entries=st.lists(st.binary(max_size=12), min_size=1, max_size=70, unique=True), data=st.data())
def test_a_record_is_proven_in_its_place_only(entries, data):
    """a path proves its own leaf at its own index, no other leaf, index, size or root"""
    leaves = tree_of(entries)
    index = data.draw(st.integers(0, len(entries) - 1))
    path, root, size = inclusion_proof(leaves, index), root_of(leaves), len(leaves)
    assert proves_inclusion(leaves[index], index, size, path, root)
    other = data.draw(st.integers(0, size - 1))
    assert proves_inclusion(leaves[index], other, size, path, root) == (other == index)
    assert proves_inclusion(leaves[other], index, size, path, root) == (other == index)
    assert not proves_inclusion(leaf_hash(b"another record"), index, size, path, root)
    assert not proves_inclusion(leaves[index], index, size, [*path, root], root)
    assert not proves_inclusion(leaves[index], index, size, path[:-1], root) or size == 1
    assert not proves_inclusion(leaves[index], index, size, path, leaf_hash(root))


@given(entries=st.lists(st.binary(max_size=12), min_size=2, max_size=70, unique=True), data=st.data())
def test_a_rewritten_past_has_no_proof(entries, data):
    """no proof of the new tree leads from a root over records that were changed before they were sealed again"""
    old = data.draw(st.integers(1, len(entries)))
    at = data.draw(st.integers(0, old - 1))
    before = [*entries[:at], b"as it was, before", *entries[at + 1 : old]]
    leaves = tree_of(entries)
    root = root_of(tree_of(before))
    assert not proves_consistency(old, root, len(entries), root_of(leaves), consistency_proof(leaves, old))


@pytest.mark.parametrize("old", [-1, 4])
def test_proofs_of_what_is_not_there_are_refused(old):
    """a leaf or size outside the tree is an error when a proof is asked for, and proves nothing"""
    leaves = tree_of([b"a", b"b", b"c"])
    with pytest.raises(IndexError):
        inclusion_proof(leaves, old)
    with pytest.raises(IndexError):
        consistency_proof(leaves, old)
    assert not proves_inclusion(leaves[0], old, 3, [], root_of(leaves))
    assert not proves_consistency(old, root_of(leaves), 3, root_of(leaves), [])


def test_an_empty_tree_grows_into_any():
    """the tree of no records is the beginning of every tree, and no other root is"""
    leaves = tree_of([b"a"])
    assert proves_consistency(0, root_of(()), 1, root_of(leaves), [])
    assert not proves_consistency(0, root_of(leaves), 1, root_of(leaves), [])
    assert not proves_consistency(2, root_of(leaves), 3, root_of(leaves), [])


@given(entries=records)
def test_leaves_take_32_bytes_a_record(entries):
    """leaves are kept as so many bytes, and read back from them"""
    leaves = tree_of(entries)
    assert len(bytes(leaves)) == 32 * len(entries)
    assert Leaves.from_bytes(bytes(leaves)) == leaves
    assert list(leaves) == [leaf_hash(one) for one in entries]
    assert list(leaves[::-1]) == list(leaves)[::-1]


def test_leaves_that_are_cut_off_are_refused():
    """bytes that are no whole number of hashes are no leaves"""
    with pytest.raises(ValueError, match="cut off"):
        Leaves.from_bytes(b"\x00" * 33)


def test_a_leaf_is_no_node():
    """a record that looks like two hashes does not hash like the node above them"""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
