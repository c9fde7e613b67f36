"""The compiler of policies: demanded and fetched in CI, skipped with its reason where nobody has it."""

import os
import subprocess
from pathlib import Path

import pytest

from pipelines import compiling
from pipelines.errors import PolicyBroken

MODULE = "github.com/open-policy-agent/opa@v1.22.2"
GO = Path("/usr/local/go/bin/go")
WITHIN_S = 600


@pytest.fixture(scope="session")
def opa() -> Path:
    """Return the compiler; without one a newcomer's run goes on, and CI brings it or fails."""
    try:
        return compiling.opa()
    except PolicyBroken as missing:
        if os.environ.get("CI") != "true":
            pytest.skip(str(missing))
    go = str(GO) if GO.is_file() else "go"
    surroundings = {**os.environ, "GOFLAGS": "-mod=mod"}
    subprocess.run([go, "install", MODULE], env=surroundings, check=True, timeout=WITHIN_S)
    return compiling.opa()
