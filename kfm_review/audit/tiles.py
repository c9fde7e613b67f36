"""The tree as the database keeps it: finished tiles, and at its right edge the leaves themselves."""

from collections.abc import Sequence

from kfm_review.audit.models import Leaf, Tile
from kfm_review.audit.tree import WIDTH, Tree, rolled_up

HASH = 32


def kept(size: int) -> Tree:
    """Return the tree over the first `size` leaves that are kept."""
    return Tree(size=size, row=_row)


def finish(size: int) -> None:
    """Write every tile that `size` leaves fill."""
    level, count = 0, size
    while count >= WIDTH:
        for index in range(_finished(level), count // WIDTH):
            hashes = _row(level, index)
            Tile.objects.create(
                level=level, index=index, hashes=b"".join(hashes), root=rolled_up(hashes, count=WIDTH)
            )
        level, count = level + 1, count // WIDTH


def split(hashes: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a tile one by one."""
    return tuple(hashes[at : at + HASH] for at in range(0, len(hashes), HASH))


def _finished(level: int) -> int:
    newest = Tile.objects.filter(level=level).order_by("-index").first()
    return newest.index + 1 if newest else 0


def _row(level: int, index: int) -> Sequence[bytes]:
    """Return the hashes of one tile, finished or not."""
    tile = Tile.objects.filter(level=level, index=index).first()
    if tile:
        return split(bytes(tile.hashes))
    first = index * WIDTH
    if level == 0:
        leaves = Leaf.objects.filter(number__gte=first, number__lt=first + WIDTH).order_by("number")
        return [bytes(each) for each in leaves.values_list("hash", flat=True)]
    below = Tile.objects.filter(level=level - 1, index__gte=first, index__lt=first + WIDTH).order_by("index")
    return [bytes(each) for each in below.values_list("root", flat=True)]
