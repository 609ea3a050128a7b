"""The Merkle tree of Certificate Transparency (RFC 9162, section 2.1): one hash stands for a whole list in its order.

An entry is bytes. Its leaf hash is SHA-256(0x00 ‖ entry); an inner node is SHA-256(0x01 ‖ left ‖ right), so no leaf
passes for a node. A level with an odd number of nodes hands its last one up as it is, which gives the same tree as the
standard's split at the largest power of two. Hashes are 32 bytes each.
"""

from collections.abc import Sequence
from hashlib import sha256

SIZE = 32
EMPTY = sha256(b"").digest()
"""The root of no entries at all."""


def leaf_hash(entry: bytes) -> bytes:
    """What an entry is in the tree."""
    return sha256(b"\x00" + entry).digest()


class Tree:
    """All levels of a tree, so that each of many proofs costs only its own length.

    hashes: leaf hashes, in order. root: 32 bytes. Takes 64 bytes a leaf: 64 MB for a million.
    Raises ValueError when a hash is not 32 bytes.
    """

    __slots__ = ("_levels", "root", "size")

    def __init__(self, hashes: Sequence[bytes]) -> None:
        if any(len(each) != SIZE for each in hashes):
            raise ValueError("a leaf hash has 32 bytes")
        self.size = len(hashes)
        level = b"".join(hashes)
        self._levels = [level]
        while len(level) > SIZE:
            level = _above(level)
            self._levels.append(level)
        self.root = level or EMPTY

    def proof(self, index: int) -> tuple[bytes, ...]:
        """The inclusion proof of one leaf: the hashes beside its way up, lowest first.

        index: counted from 0. Raises IndexError when there is no such leaf.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"a tree of {self.size} leaves has no leaf {index}")
        proof = []
        for level in self._levels[:-1]:
            beside = (index ^ 1) * SIZE
            if beside < len(level):  # the last of an odd level goes up alone
                proof.append(level[beside : beside + SIZE])
            index >>= 1
        return tuple(proof)


def root(hashes: Sequence[bytes]) -> bytes:
    """The root of leaf hashes in their order. Raises ValueError when one is not 32 bytes."""
    return Tree(hashes).root


def inclusion_proof(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The inclusion proof of one leaf; for many of one tree, keep a Tree. Raises ValueError, IndexError."""
    return Tree(hashes).proof(index)


def verify_inclusion(entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the entry is the leaf at an index of the tree with this size and root (RFC 9162, section 2.1.3.2).

    index: counted from 0. Anything that does not fit, of whatever length or sign, is False, never an error.
    """
    if not 0 <= index < size:
        return False
    node, here, last = leaf_hash(entry), index, size - 1
    for beside in proof:
        if last == 0 or len(beside) != SIZE:
            return False
        if here & 1 or here == last:
            node = sha256(b"\x01" + beside + node).digest()
            while here and not here & 1:  # it went up alone: no hash was beside it on these levels
                here >>= 1
                last >>= 1
        else:
            node = sha256(b"\x01" + node + beside).digest()
        here >>= 1
        last >>= 1
    return last == 0 and node == root


def _above(level: bytes) -> bytes:
    """The level above one, both as hashes one after the other."""
    pairs = len(level) // (2 * SIZE) * (2 * SIZE)
    nodes = [sha256(b"\x01" + level[at : at + 2 * SIZE]).digest() for at in range(0, pairs, 2 * SIZE)]
    return b"".join(nodes) + level[pairs:]
