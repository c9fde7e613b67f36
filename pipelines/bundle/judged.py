"""Under which policy a manifest was judged: the enclosed one is the one that its digest names."""

from pipelines import digest
from pipelines.bundle import contents
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved

FOLDER = "policy/"


def policy(evidence: Evidence) -> str:
    """The enclosed policy is the one that the manifest was judged under."""
    told = evidence.manifest.policy_digest
    listed = {
        name.removeprefix(FOLDER): digest.of(content)
        for name, content in contents.below(evidence.files, FOLDER)
    }
    if not told or not listed:
        raise NotProved("The policy that the manifest was judged under is not enclosed.")
    if digest.of_json(dict(sorted(listed.items()))) != told:
        raise NotProved("The enclosed policy is not the one that the manifest names.")
    return f"{len(listed)} files, sha256:{told}"
