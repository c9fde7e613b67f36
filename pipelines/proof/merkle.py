"""The Merkle tree of RFC 6962 (§2.1, as RFC 9162 words it): hashes of 32 bytes, proofs as lists of them."""

import hashlib
from collections.abc import Sequence

from pipelines.errors import NotProved

EMPTY = hashlib.sha256(b"").digest()
MOST = 64  # no tree is higher


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; that of no leaf is the hash of nothing."""
    edge: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        edge = appended(edge, leaf, size=size)
    return edge_root(edge)


def appended(edge: Sequence[bytes], leaf: bytes, *, size: int) -> tuple[bytes, ...]:
    """Return the right edge of a tree of `size` leaves after one more.

    The edge is the roots of its perfect subtrees, the largest first: one for each 1 in `size` as binary.
    """
    if len(edge) != size.bit_count():
        raise NotProved(f"A tree of {size} leaves has an edge of {size.bit_count()} hashes, not {len(edge)}.")
    kept, joined = list(edge), leaf
    while size & 1:
        joined = node_hash(kept.pop(), joined)
        size >>= 1
    return (*kept, joined)


def edge_root(edge: Sequence[bytes]) -> bytes:
    """Return the root of the tree that has this right edge."""
    if not edge:
        return EMPTY
    joined = edge[-1]
    for left in reversed(edge[:-1]):
        joined = node_hash(left, joined)
    return joined


def inclusion(leaves: Sequence[bytes], *, index: int) -> tuple[bytes, ...]:
    """Return the audit path of the leaf at `index` in the tree over all `leaves`."""
    if not 0 <= index < len(leaves):
        raise NotProved(f"There is no leaf {index} among {len(leaves)}.")
    if len(leaves) == 1:
        return ()
    cut = _cut(len(leaves))
    if index < cut:
        return (*inclusion(leaves[:cut], index=index), root(leaves[cut:]))
    return (*inclusion(leaves[cut:], index=index - cut), root(leaves[:cut]))


def consistency(leaves: Sequence[bytes], *, first: int) -> tuple[bytes, ...]:
    """Return the proof that the tree over the first `first` leaves is the beginning of that over all."""
    if not 0 <= first <= len(leaves):
        raise NotProved(f"There are no {first} leaves among {len(leaves)}.")
    if first in (0, len(leaves)):
        return ()
    return _subproof(leaves, first, whole=True)


def check_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Refuse a proof that does not lead from this leaf at `index` to this root over `size` leaves."""
    if not 0 <= index < size:
        raise NotProved(f"There is no leaf {index} in a tree of {size}.")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border or not _whole(leaf, root, *proof):
        raise NotProved(f"The proof has {len(proof)} hashes where {inner + border} of 32 bytes are needed.")
    found = leaf
    for level, other in enumerate(proof):
        left = level >= inner or (index >> level) & 1
        found = node_hash(other, found) if left else node_hash(found, other)
    if found != root:
        raise NotProved("The proof does not lead from this line to this root.")


def check_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse a proof that does not show the tree of `first` leaves as the beginning of that of `second`.

    That every tree continues the empty one says nothing: it is refused too.
    """
    if first == 0 and second > 0:
        raise NotProved("Every tree continues the empty one: that needs no proof and proves nothing.")
    if second == 0 and second_root != EMPTY:
        raise NotProved("The root of an empty tree is the hash of nothing.")
    check_subtree_consistency(
        start=0, end=first, size=second, subtree_root=first_root, root=second_root, proof=proof
    )


def check_subtree_inclusion(
    leaf: bytes, *, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Refuse a proof that does not lead from this leaf to the root over the leaves `start` up to `end`."""
    _check_subtree(start, end)
    if not start <= index < end:
        raise NotProved(f"Leaf {index} does not stand from {start} up to {end}.")
    check_inclusion(leaf, index=index - start, size=end - start, proof=proof, root=root)


def check_subtree_consistency(  # a subtree, a tree, and what joins them
    *, start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse a proof that does not show the leaves from `start` up to `end` as a part of a tree of `size`.

    The method is that of the IETF draft on Merkle tree certificates, "Subtree Consistency Proofs".
    """
    _check_subtree(start, end, empty=True)
    if end > size:
        raise NotProved("The sizes of the two trees are none that a proof can join.")
    if start == end or (start == 0 and end == size):
        wanted = EMPTY if start == end else root
        if proof or subtree_root != wanted:
            raise NotProved("Two trees of one size have different roots, or a proof that nothing needs.")
        return
    if not _whole(subtree_root, root, *proof):
        raise NotProved("A hash has 32 bytes.")
    if _climbed(start, end - 1, size - 1, subtree_root, proof) != (subtree_root, root):
        raise NotProved("The longer tree does not hold the shorter one there.")


def _climbed(first: int, last: int, top: int, known: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots that a proof comes to: of the leaves `first` to `last`, and of all up to `top`."""
    while first != last and (last == top or last & 1):
        first, last, top = first >> 1, last >> 1, top >> 1
    path = list(proof) if first != last else [known, *proof]
    if not path:
        raise NotProved("The proof is empty.")
    part = whole = path[0]
    for other in path[1:]:
        if top == 0:
            raise NotProved("The proof goes on after its end.")
        if last & 1 or last == top:
            part = node_hash(other, part) if first < last else part
            whole = node_hash(other, whole)
            while last and not last & 1:
                first, last, top = first >> 1, last >> 1, top >> 1
        else:
            whole = node_hash(whole, other)
        first, last, top = first >> 1, last >> 1, top >> 1
    if top:
        raise NotProved("The proof ends before the root.")
    return part, whole


def _check_subtree(start: int, end: int, *, empty: bool = False) -> None:
    """Refuse leaves that are no subtree: it begins at a multiple of the power of two that holds it."""
    count = end - start
    if not 0 <= start <= end < 2**63 or (count == 0 and not empty):
        raise NotProved(f"There are no leaves from {start} up to {end}.")
    if count and start % (1 << (count - 1).bit_length()):
        raise NotProved(f"The leaves from {start} up to {end} are no subtree.")


def _subproof(leaves: Sequence[bytes], first: int, *, whole: bool) -> tuple[bytes, ...]:
    if first == len(leaves):
        return () if whole else (root(leaves),)
    cut = _cut(len(leaves))
    if first <= cut:
        return (*_subproof(leaves[:cut], first, whole=whole), root(leaves[cut:]))
    return (*_subproof(leaves[cut:], first - cut, whole=False), root(leaves[:cut]))


def _cut(count: int) -> int:
    """Return the largest power of two that is less than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _whole(*hashes: bytes) -> bool:
    return len(hashes) <= 2 + 2 * MOST and all(len(one) == len(EMPTY) for one in hashes)
