"""What is hashed and how: canonical JSON, strict reading, and the names of `identity.md`."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import rfc8785

from pipelines.errors import CodeUnknown, NotADigest, NotStrict
from pipelines.model import CONTENT_ROLES, Artifact, Input, Json, Labels

_HEX = re.compile(r"[0-9a-f]{64}")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NO_BRACKET = bytes(byte for byte in range(256) if byte not in b"[]{}")
_PIPELINES = Path(__file__).parent
DEEPEST = 64
_BIG, _LARGE, _SMALL = 2**53, 1e15, 1e-4


def of(content: bytes) -> str:
    """Return the SHA-256 of `content` in lowercase hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check(name: str) -> str:
    """Return `name` if it is a digest, or refuse it."""
    if not _HEX.fullmatch(name):
        raise NotADigest(f"{name[:80]!r} is not a digest: give 64 lowercase hexadecimal digits.")
    return name


def canonical(value: Any) -> bytes:
    """Return `value` as RFC 8785 bytes, the only form in which JSON is hashed."""
    try:
        return _spelt(value).encode() if _usual(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as cause:
        raise NotStrict(f"This value has no canonical JSON: {cause}. Write big numbers as text.") from cause


# A fifth of rfc8785's time, for what Python's own writer spells as RFC 8785 does (a test compares them).
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_ZERO = re.compile(r"\.0(?=[,\]}]|\Z)")


def _spelt(value: Any) -> str:
    """Return the text of usual values; a whole number has no `.0`, unless it stands in a text."""
    text = _ENCODER.encode(value)
    if not _ZERO.search(text):
        return text
    if '\\"' in text:
        return rfc8785.dumps(value).decode()
    parts = text.split('"')
    parts[::2] = _ZERO.sub("", '"'.join(parts[::2])).split('"')
    return '"'.join(parts)


def _usual(value: Any) -> bool:
    """Say whether every part of `value` is of a kind that both writers spell alike."""
    parts = [value]
    for part in parts:  # it grows on the way
        kind = type(part)
        if kind is dict:
            if not _usual_names(part):
                return False
            parts.extend(part.values())
        elif kind is list or kind is tuple:
            parts.extend(part)
        elif not (kind in _SPELT_ALIKE or _usual_number(part) or isinstance(part, str)):
            return False
    return True


_SPELT_ALIKE = frozenset({str, bool, type(None)})


def _usual_names(part: Mapping[Any, Any]) -> bool:
    try:
        return "".join(part).isascii()
    except TypeError:  # not every name is a text
        return False


def _usual_number(part: Any) -> bool:
    if type(part) is float:
        return _SMALL <= abs(part) < _LARGE
    return type(part) is int and abs(part) < _BIG


def of_json(value: Any) -> str:
    """Return the digest of the canonical bytes of `value`."""
    return of(canonical(value))


def read_json(content: bytes) -> Any:
    """Read strict JSON: UTF-8, no NaN or Infinity, no name twice in an object, bounded depth."""
    _check_depth(content)
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as cause:  # a number of very many digits is refused as a value
        raise NotStrict(f"This is not JSON in UTF-8: {cause}.") from cause


def _check_depth(content: bytes) -> None:
    """Refuse brackets within brackets beyond `DEEPEST`, by taking away the innermost again and again."""
    outside = b"".join(_ESCAPED.sub(b"", content).split(b'"')[::2])  # of texts
    marks = outside.translate(None, _NO_BRACKET)
    for _ in range(DEEPEST):
        rest = marks.replace(b"[]", b"").replace(b"{}", b"")
        if rest == marks:  # none is left, or they do not match: the reader says where
            return
        marks = rest
    if marks:
        raise NotStrict(f"JSON is nested deeper than {DEEPEST} levels: flatten it.")


def _refuse(constant: str) -> Any:
    raise NotStrict(f"{constant} is not JSON: leave the value out or write null.")


def _once(pairs: Sequence[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotStrict(f"The name {twice!r} stands twice in one object: keep one.")
    return made


def of_files(root: Path, files: Iterable[Path]) -> str:
    """Return one digest for `files`: their paths below `root` and their contents, in a fixed order."""
    listed = {path.relative_to(root).as_posix(): of_file(path) for path in files}
    return of_json(dict(sorted(listed.items())))


def of_folder(root: Path, *, leave_out: Sequence[str]) -> str:
    """Return one digest for every file below `root` but compiled code and what `leave_out` names in it."""
    found = ((path, path.relative_to(root).parts) for path in root.rglob("*") if path.is_file())
    kept = (path for path, parts in found if parts[0] not in leave_out and "__pycache__" not in parts)
    return of_files(root, kept)


@lru_cache(maxsize=1)
def code() -> str:
    """Return `code_digest`: our Python, our schemas and the worker's lock; read once per process."""
    root = _PIPELINES.parent
    lock = root / "infra" / "locks" / "worker.txt"
    if not lock.is_file():
        raise CodeUnknown("infra/locks/worker.txt is missing: results could not say which code made them.")
    schemas = (path for path in (_PIPELINES / "schemas").rglob("*") if path.is_file())
    return of_files(root, (*_PIPELINES.rglob("*.py"), *schemas, lock))


def of_input(
    *,
    family: str,
    code: str,
    policy: str,
    parameters: Mapping[str, str | None],
    inputs: Sequence[Input],
    upstream: Mapping[str, str],
) -> str:
    """Return `input_hash`: what went in."""
    return of_json(
        {
            "family": family,
            "code": code,
            "policy": policy,
            "parameters": dict(parameters),
            "inputs": {pinned.name: pinned.sha256 for pinned in inputs},
            "upstream": dict(upstream),
        }
    )


def of_spec(*, input_hash: str, base: str) -> str:
    """Return `spec_hash`: what a run was asked to do."""
    return of_json({"input_hash": input_hash, "base": base})


def of_content(artifacts: Sequence[Artifact], *, labels: Labels) -> str:
    """Return `content_digest`: what came out, whatever it was compared with."""
    return of_json(
        {
            "artifacts": sorted(
                [artifact.role, artifact.media_type, artifact.size, artifact.sha256]
                for artifact in artifacts
                if artifact.role in CONTENT_ROLES
            ),
            "labels": asdict(labels),
        }
    )
