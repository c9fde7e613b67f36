"""The tree that is read in tiles proves what the tree over all leaves proves."""

import pytest

from kfm_review.audit.tree import WIDTH, Incomplete, Tree, rolled_up
from pipelines.proof import merkle

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(700)]


def tiled(size: int) -> Tree:
    def row(level: int, index: int) -> list[bytes]:
        first = index * WIDTH
        if level == 0:
            return LEAVES[first : min(first + WIDTH, size)]
        tiles = range(first, min(first + WIDTH, size // WIDTH))
        return [merkle.root(LEAVES[at * WIDTH : (at + 1) * WIDTH]) for at in tiles]

    return Tree(size=size, row=row)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 255, 256, 257, 511, 512, 700])
def test_roots_and_proofs_are_those_of_the_whole_tree(size: int) -> None:
    tree, leaves = tiled(size), LEAVES[:size]
    assert tree.root() == merkle.root(leaves)
    for index in {0, 1, size // 3, size // 2, size - 1} & set(range(size)):
        assert tree.inclusion(index, size) == merkle.inclusion(leaves, index=index)
    for old in {1, 2, size // 3, size // 2, 255, 256, size - 1, size} & set(range(1, size + 1)):
        assert tree.consistency(old, size) == merkle.consistency(leaves, first=old)


def test_nothing_has_the_hash_of_nothing() -> None:
    assert tiled(0).root() == merkle.EMPTY


def test_rows_that_are_missing_are_no_shorter_tree() -> None:
    with pytest.raises(Incomplete, match="rows are missing"):
        Tree(size=4, row=lambda *_: LEAVES[:3]).root()
    with pytest.raises(Incomplete):
        rolled_up([], count=1)
