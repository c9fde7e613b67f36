"""Files that people deliver: kept by digest in the inbox, bounded, and only their own deliverer's to use."""

import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction

from kfm_review.accounts.models import User
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, Missing, NotPossible
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.runs import asking
from kfm_review.runs.models import Upload
from pipelines import spec
from pipelines.store import FileStore, place

UNTYPED = "application/octet-stream"  # what an upload says of its own type counts for nothing


class Delivered(Protocol):
    """A file as a form hands it over."""

    def chunks(self) -> Iterable[bytes]: ...


def most_bytes() -> int:
    """Return how many bytes the largest delivery of any family may have."""
    return max(sum(source.max_bytes for source in family.delivered) for family in spec.families())


def deliver_file(*, of: tuple[str, str], name: str, content: Delivered, actor: User, now: datetime) -> Upload:
    """Keep a file that a person delivers for an input: `of` is the family's name and the input's."""
    most = _bound(*of, actor=actor)
    try:
        sha256, size = _keep(name, content, most=most)
    except OSError as cause:
        raise NotPossible(
            "The file could not be kept.",
            cause=f"The store takes no more ({cause.strerror}).",
            next_step="Tell whoever runs this house, and deliver it again once there is room.",
        ) from cause
    with transaction.atomic():
        made = Upload.objects.create(
            sha256=sha256, size=size, name=_filename(name), media_type=UNTYPED, by=actor, at=now
        )
        record("upload.delivered", f"upload:{made.pk}", actor=actor, at=now, sha256=sha256, bytes=size)
    return made


def delivered(upload_ids: Mapping[str, int], *, by: User) -> dict[str, Upload]:
    """Return the uploads by input; only a person's own count."""
    found = Upload.objects.filter(by=by).in_bulk(list(upload_ids.values()))
    if len(found) != len(set(upload_ids.values())):
        raise Missing("A delivered file is not there.", next_step="Deliver it again.")
    return {name: found[pk] for name, pk in upload_ids.items()}


def _bound(family: str, source: str, *, actor: User) -> int:
    """Return how many bytes an input may have; refuse one that nobody may deliver, or not this person."""
    declared = asking.family(family)
    people.check_may(Deed.REQUEST, actor.roles(), declared.name)
    bounds = {one.name: one.max_bytes for one in declared.delivered}
    if source not in bounds:
        raise Invalid(
            f"{declared.title} takes no file for {source[:80]!r}.",
            cause=f"It takes one for {', '.join(bounds)}.",
            next_step="Deliver the file for that.",
        )
    return bounds[source]


def _keep(name: str, content: Delivered, *, most: int) -> tuple[str, int]:
    """Keep what is delivered; return its digest and its size."""
    with tempfile.NamedTemporaryFile(prefix="kfm-upload-") as landing:
        size = 0
        for chunk in content.chunks():
            size += len(chunk)
            if size > most:
                raise Invalid(
                    f"The file {name[:80]!r} is too large.",
                    cause=f"At most {most:,} bytes are read.",
                    next_step="Deliver a smaller file.",
                )
            landing.write(chunk)
        landing.flush()
        return FileStore(place(settings.STORE_URL, "inbox")).put_file(Path(landing.name)), size


def _filename(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable())[-300:] or "unnamed"
