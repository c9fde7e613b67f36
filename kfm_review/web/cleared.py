"""Who may have which file of the restricted catalog: by the releases it tells of, or the bytes it is."""

from django.db.models import QuerySet

from kfm_review.errors import Missing
from kfm_review.people.clearance import Marked
from kfm_review.people.queries import Viewer
from kfm_review.releases.models import Release
from kfm_review.runs import queries, withheld

RESTRICTED = Marked(label="restricted", authorities=frozenset())
OBJECTS = "objects"


def may_have(relative: str, *, viewer: Viewer) -> bool:
    """Answer whether a person may have a file: cleared for all it tells of, its bytes revealed to him."""
    first, _, rest = relative.partition("/")
    if not viewer.sees(RESTRICTED):
        return False
    if first == OBJECTS:
        return _may_have_bytes(rest.rpartition("/")[2], viewer=viewer)
    told = Release.objects.filter(channel=RESTRICTED.label)
    return _sees_all(told.filter(asset__family=first) if rest else told, viewer=viewer)


def _sees_all(releases: QuerySet[Release], *, viewer: Viewer) -> bool:
    seen = withheld.whether(withheld.seen(viewer, at="manifest__"))
    return not releases.alias(is_seen=seen).filter(is_seen=False).exists()


def _may_have_bytes(name: str, *, viewer: Viewer) -> bool:
    try:
        return queries.download(name, viewer=viewer).sha256 == name
    except Missing:
        return False
