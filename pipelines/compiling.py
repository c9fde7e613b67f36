"""Compile the policies by `opa` into the bundle that is committed: equal sources, equal bytes."""

import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from pipelines import digest, documents
from pipelines.errors import PolicyBroken
from pipelines.model import Json
from pipelines.rego import BUNDLE, DATA, MANIFEST, SCHEMA, WASM

POLICIES = Path(__file__).parent / "policies"
PACKAGES = ("materialisation", "promotion", "infra")
NUMBERS = "data"
WITHIN_S = 120
PLACES = (Path.home() / "go" / "bin" / "opa", Path("/usr/local/go/bin/opa"))
META = ("id", "code", "group", "path", "message", "remedy")


def opa() -> Path:
    """Return where the compiler is; say how to get it where it is not."""
    found = shutil.which("opa")
    for place in (*([Path(found)] if found else []), *PLACES):
        if place.is_file():
            return place
    raise PolicyBroken(
        "opa is not here: `GOFLAGS=-mod=mod go install github.com/open-policy-agent/opa@v1.22.2` brings it."
    )


def build(policies: Path = POLICIES, *, to: Path = BUNDLE) -> str:
    """Write the bundle of the policies in a folder; return its digest.

    Raises:
        PolicyBroken: `opa` is not there, or refuses a policy.
    """
    content = digest.canonical(_data(policies))
    wasm = _compiled(policies)
    told = {
        "schema": SCHEMA,
        "opa": _version(),
        "entrypoints": {name: number for number, name in enumerate(PACKAGES)},
        "required": json.loads(content)["required"],
        "rules": _rules(policies),
        "sources": _sources(policies),
        "parts": {WASM: digest.of(wasm), DATA: digest.of(content)},
    }
    to.mkdir(parents=True, exist_ok=True)
    manifest = digest.canonical(told)
    for name, part in ((WASM, wasm), (DATA, content), (MANIFEST, manifest)):
        (to / name).write_bytes(part)
    return digest.of(manifest)


def _data(policies: Path) -> Json:
    """Return every number that rules read: one name for each file, and the lists of required rules."""
    numbers = {
        file.stem: documents.read_yaml(file.read_bytes())
        for file in sorted((policies / NUMBERS).glob("*.yaml"))
    }
    return {"required": numbers.pop("required"), "numbers": numbers}


def _compiled(policies: Path) -> bytes:
    entries = [word for name in PACKAGES for word in ("-e", f"kfm/{name}/result")]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "bundle.tar.gz"
        run("build", "-t", "wasm", *entries, *PACKAGES, "-o", str(target), cwd=policies)
        with tarfile.open(fileobj=io.BytesIO(target.read_bytes())) as archive:
            member = archive.extractfile(f"/{WASM}")
            if member is None:
                raise PolicyBroken("opa made no module.")
            return member.read()


def _rules(policies: Path) -> Json:
    """Return each rule's METADATA by its id; a rule without it is refused."""
    found: Json = {}
    for name in PACKAGES:
        for one in json.loads(run("inspect", "-a", "-f", "json", name, cwd=policies))["annotations"]:
            said = one["annotations"]
            custom = said.get("custom", {})
            if custom.get("id"):
                found[custom["id"]] = {
                    "title": said["title"],
                    "description": said["description"],
                    **{field: custom[field] for field in META},
                }
    return found


def _sources(policies: Path) -> Json:
    files = [*policies.glob("*/*.rego"), *(policies / NUMBERS).glob("*.yaml")]
    return {str(file.relative_to(policies)): digest.of_file(file) for file in sorted(files)}


def _version() -> str:
    return run("version", cwd=POLICIES).splitlines()[0].removeprefix("Version: ")


def run(*arguments: str, cwd: Path) -> str:
    """Run `opa` and return what it said; refuse what it refuses."""
    command = [str(opa()), *arguments]
    ran = subprocess.run(  # noqa: S603  # opa, with our own words
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )
    if ran.returncode:
        raise PolicyBroken(
            f"opa {arguments[0]} refuses the policies: {(ran.stderr or ran.stdout).strip()[:2000]}"
        )
    return ran.stdout
