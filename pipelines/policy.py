"""The numbers and allow-lists that policy rests on, and their digest."""

from functools import lru_cache
from pathlib import Path

from pipelines import digest, documents, rego
from pipelines.errors import PolicyMissing
from pipelines.model import Json

DATA = Path(__file__).parent / "policies" / "data"


@lru_cache(maxsize=1)
def bundle() -> str:
    """Return the digest of the policy bundle, which names every rule and number; read once per process."""
    if not any(DATA.glob("*.yaml")):
        raise PolicyMissing("pipelines/policies/data/ holds no numbers: without policy nothing may pass.")
    named = rego.engine().sources
    for file in sorted(DATA.glob("*.yaml")):
        if named.get(f"data/{file.name}") != digest.of_file(file):
            raise PolicyMissing(
                f"pipelines/policies/data/{file.name} is not the one the bundle was compiled from: "
                "run `manage.py policy build`."
            )
    return rego.engine().digest


@lru_cache(maxsize=16)
def numbers(topic: str) -> Json:
    """Return what `policies/data/<topic>.yaml` says."""
    file = DATA / f"{topic}.yaml"
    if not file.is_file():
        raise PolicyMissing(
            f"pipelines/policies/data/{topic}.yaml is missing: without policy nothing may pass."
        )
    read = documents.read_yaml(file.read_bytes())
    if not isinstance(read, dict) or not read:
        raise PolicyMissing(
            f"pipelines/policies/data/{topic}.yaml is empty: without policy nothing may pass."
        )
    return read
