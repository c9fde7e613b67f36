"""The Merkle tree of RFC 6962 over hashes that are read as needed: nodes, roots, proofs."""

from collections.abc import Callable, Sequence

from pipelines.proof import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT

Row = Callable[[int, int], Sequence[bytes]]


class Tree:
    """A tree of `size` leaves, read in tiles: `row(level, index)` has the hashes that one tile has so far."""

    def __init__(self, *, size: int, row: Row) -> None:
        self.size = size
        self._row = row
        self._read: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self, size: int | None = None) -> bytes:
        """Return the hash that the first `size` leaves come to."""
        size = self.size if size is None else size
        return self._over(0, size) if size else merkle.EMPTY

    def inclusion(self, number: int, size: int) -> tuple[bytes, ...]:
        """Return the hashes that prove one leaf to be among the first `size`, from the leaf upwards."""
        low, high, path = 0, size, list[bytes]()
        while high - low > 1:
            middle = low + _split(high - low)
            if number < middle:
                path.append(self._over(middle, high))
                high = middle
            else:
                path.append(self._over(low, middle))
                low = middle
        return tuple(reversed(path))

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """Return the hashes that prove the first `size` leaves to continue the first `old`."""
        if old in (0, size):
            return ()
        low, high, path = 0, size, list[bytes]()
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                path.append(self._over(middle, high))
                high = middle
            else:
                path.append(self._over(low, middle))
                low = middle
        return tuple(reversed(path)) if low == 0 else (self._over(low, high), *reversed(path))

    def _over(self, low: int, high: int) -> bytes:
        """Return the hash over the leaves from `low` up to `high`, which begin where a subtree does."""
        count = high - low
        if count & (count - 1) == 0:
            return self._node(count.bit_length() - 1, low // count)
        middle = low + _split(count)
        return merkle.node_hash(self._over(low, middle), self._over(middle, high))

    def _node(self, height: int, index: int) -> bytes:
        """Return one whole subtree's hash, from the tile it stands in."""
        level, above = divmod(height, HEIGHT)
        first = index << above
        hashes = self._tile(level, first // WIDTH)
        start = first % WIDTH
        return rolled_up(hashes[start : start + (1 << above)], count=1 << above)

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        if (level, index) not in self._read:
            self._read[level, index] = self._row(level, index)
        return self._read[level, index]


class Incomplete(LookupError):
    """The tree lacks hashes that its size says it has."""


def rolled_up(hashes: Sequence[bytes], *, count: int) -> bytes:
    """Return what `count` neighbouring hashes, a power of two, come to."""
    if len(hashes) != count:
        raise Incomplete(f"The tree has {len(hashes)} hashes where {count} are needed: rows are missing.")
    while len(hashes) > 1:
        hashes = [merkle.node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
