"""The Merkle tree, held against the published vectors of RFC 6962 and against itself."""

import base64
import json
from pathlib import Path

import pytest

from pipelines.errors import NotProved
from pipelines.proof import merkle

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "merkle-rfc6962" / "testdata"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="the published vectors are not beside us")
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(20)]


def unpacked(word: str | None) -> bytes:
    return base64.b64decode(word or "")


def judged(kind: str, told: dict[str, object]) -> bool:
    """Answer whether we take a vector's proof."""
    said = {
        name: unpacked(str(told[name] or ""))
        for name in ("root", "root1", "root2", "leafHash")
        if name in told
    }
    proof = [unpacked(one) for one in (told["proof"] or ())]  # type: ignore[attr-defined]  # a list of texts
    numbers = {
        name: int(str(told[name])) for name in told if isinstance(told[name], int) and name != "wantErr"
    }
    try:
        if kind == "inclusion":
            merkle.check_inclusion(
                said["leafHash"],
                index=numbers["leafIdx"],
                size=numbers["treeSize"],
                proof=proof,
                root=said["root"],
            )
        elif kind == "subtreeinclusion":
            merkle.check_subtree_inclusion(
                said["leafHash"],
                index=numbers["leafIdx"],
                start=numbers["start"],
                end=numbers["end"],
                proof=proof,
                root=said["root"],
            )
        elif kind == "consistency":
            merkle.check_consistency(
                first=numbers["size1"],
                second=numbers["size2"],
                first_root=said["root1"],
                second_root=said["root2"],
                proof=proof,
            )
        else:
            merkle.check_subtree_consistency(
                start=numbers["start"],
                end=numbers["end"],
                size=numbers["size"],
                subtree_root=said["root1"],
                root=said["root2"],
                proof=proof,
            )
    except NotProved:
        return False
    return True


@needs_vectors
@pytest.mark.parametrize(
    ("kind", "count"),
    [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)],
)
def test_every_published_vector_is_judged_rightly(kind: str, count: int) -> None:
    files = sorted((VECTORS / kind).rglob("*.json"))
    wrong = [
        str(file.relative_to(VECTORS))
        for file in files
        if judged(kind, told := json.loads(file.read_text())) is bool(told["wantErr"])
    ]
    assert wrong == []
    assert len(files) == count
