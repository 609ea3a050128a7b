"""The Merkle tree: the standard's own definition, the examples of Certificate Transparency, proofs that do not lie."""

import time
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import Tree, inclusion_proof, leaf_hash, root, verify_inclusion

ENTRIES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
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
"""The tree heads of 0 to 8 of these entries, as all implementations of Certificate Transparency test them."""

NODES = {
    "0-1": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "0-3": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "0": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "1": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "2-3": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "4": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "4-7": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "6-7": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
}
"""Some inner nodes of that tree, by the entries under them."""

PROOFS = [
    (0, 8, ["1", "2-3", "4-7"]),
    (5, 8, ["4", "6-7", "0-3"]),
    (2, 3, ["0-1"]),
    (1, 5, ["0", "2-3", "4"]),
]
LISTS = st.lists(st.binary(max_size=8), max_size=40)


def split(count: int) -> int:
    """The largest power of two that is smaller than a count of 2 or more."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def naive_root(entries: list[bytes]) -> bytes:
    """MTH of the standard, word by word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_proof(index: int, entries: list[bytes]) -> tuple[bytes, ...]:
    """PATH of the standard, word by word."""
    if len(entries) == 1:
        return ()
    k = split(len(entries))
    if index < k:
        return (*naive_proof(index, entries[:k]), naive_root(entries[k:]))
    return (*naive_proof(index - k, entries[k:]), naive_root(entries[:k]))


def leaves(entries: list[bytes]) -> list[bytes]:
    return [leaf_hash(entry) for entry in entries]


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_certificate_transparency(count: int) -> None:
    assert root(leaves(ENTRIES[:count])).hex() == ROOTS[count]


@pytest.mark.parametrize(("index", "size", "proof"), PROOFS)
def test_proofs_are_those_of_certificate_transparency(index: int, size: int, proof: list[str]) -> None:
    made = inclusion_proof(leaves(ENTRIES[:size]), index)
    assert [each.hex() for each in made] == [NODES[name] for name in proof]
    assert verify_inclusion(ENTRIES[index], index, size, made, bytes.fromhex(ROOTS[size]))


@given(LISTS)
def test_roots_and_proofs_are_what_the_standard_defines(entries: list[bytes]) -> None:
    tree = Tree(leaves(entries))
    assert tree.size == len(entries)
    assert tree.root == root(leaves(entries)) == naive_root(entries)
    for index, entry in enumerate(entries):
        proof = tree.proof(index)
        assert proof == inclusion_proof(leaves(entries), index) == naive_proof(index, entries)
        assert verify_inclusion(entry, index, len(entries), proof, tree.root)


@given(LISTS.filter(bool), st.data())
def test_a_proof_of_anything_else_does_not_hold(entries: list[bytes], data: st.DataObject) -> None:
    tree, size = Tree(leaves(entries)), len(entries)
    index = data.draw(st.integers(0, size - 1))
    entry, proof = entries[index], tree.proof(index)
    assert not verify_inclusion(entry + b"?", index, size, proof, tree.root)
    assert not verify_inclusion(entry, index, size, (*proof, bytes(32)), tree.root)
    assert not verify_inclusion(entry, index, size, proof, bytes(32))
    other = data.draw(st.integers(-2, size + 2))
    if other < 0 or other >= size or entries[other] != entry:
        assert not verify_inclusion(entry, other, size, proof, tree.root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(entry, index, size, (*proof[:at], *proof[at + 1 :]), tree.root)
        for wrong in (bytes(32), proof[at][:-1], b""):
            assert not verify_inclusion(entry, index, size, (*proof[:at], wrong, *proof[at + 1 :]), tree.root)


def test_a_node_does_not_pass_for_an_entry() -> None:
    left, right = leaves([b"a", b"b"])
    assert root([left, right]) != leaf_hash(left + right)
    assert not verify_inclusion(left + right, 0, 1, (), root([left, right]))


def test_the_order_and_the_number_of_entries_count() -> None:
    a, b = leaves([b"a", b"b"])
    assert len({root([a, b]), root([b, a]), root([a, b, b]), root([a]), root([])}) == 5


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_proof(index: int) -> None:
    with pytest.raises(IndexError, match="a tree of 3 leaves"):
        Tree(leaves([b"a", b"b", b"c"])).proof(index)


@pytest.mark.parametrize("hashes", [[b""], [bytes(32), bytes(31)], [bytes(31), bytes(33)]])
def test_what_is_no_hash_is_no_leaf(hashes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Tree(hashes)


def test_ten_thousand_proofs_from_a_million_leaves_are_quick() -> None:
    entries = [b"%d" % number for number in range(1_000_000)]
    hashes = [leaf_hash(entry) for entry in entries]
    began = time.perf_counter()
    tree = Tree(hashes)
    proofs = [tree.proof(index) for index in range(0, 1_000_000, 100)]
    assert time.perf_counter() - began < 10  # one second where nothing else runs
    for index in (0, 77, 9_999):
        assert verify_inclusion(entries[index * 100], index * 100, 1_000_000, proofs[index], tree.root)
