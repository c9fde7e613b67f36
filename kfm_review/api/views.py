"""What is read at the API's addresses: lists by cursor, single things, and the bytes of artifacts."""

from collections.abc import Collection
from functools import cached_property, lru_cache
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from kfm_review import downloads
from kfm_review.api import reads, serializers
from kfm_review.api.errors import ReasonSerializer
from kfm_review.api.pages import Filter, NewestFirst, narrowed
from kfm_review.errors import NotAllowed
from kfm_review.people.queries import Viewer, viewer
from kfm_review.releases.models import Release
from kfm_review.reviews.models import Review
from kfm_review.reviews.states import Status as Standing
from kfm_review.runs import queries
from kfm_review.runs.models import Run
from kfm_review.runs.states import Status
from pipelines.store import FileStore, place

M = TypeVar("M", bound=Model)
ASSET = Filter(name="asset", field="asset__name")
FAMILY = Filter(name="family", field="asset__family")
EDITION = Filter(name="edition", field="edition")
OUTCOME = Filter(name="outcome", field="outcome", choices=("PASS", "REVIEW", "FAIL", "ERROR"))
OF_RUNS = (ASSET, FAMILY, EDITION, Filter(name="status", field="status", choices=list(Status)), OUTCOME)
OF_REVIEWS = (ASSET, FAMILY, EDITION, Filter(name="status", field="status", choices=list(Standing)), OUTCOME)
OF_RELEASES = (ASSET, FAMILY, Filter(name="channel", field="channel", choices=["public", "restricted"]))
REASON = OpenApiResponse(ReasonSerializer, description="refused: message, cause, next step")
IN_LISTS = {403: REASON, 422: REASON}
IN_THINGS = {403: REASON, 404: REASON}
OF_BYTES: dict[Any, Any] = {
    (200, "application/octet-stream"): OpenApiTypes.BINARY,
    (206, "application/octet-stream"): OpenApiTypes.BINARY,
    304: OpenApiResponse(description="you have these bytes already"),
    416: OpenApiResponse(description="there is no such range"),
    **IN_THINGS,
}
RANGES = [
    OpenApiParameter("sha256", str, OpenApiParameter.PATH, pattern="^[0-9a-f]{64}$"),
    OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="one range: bytes=0-499"),
    OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="the ETag the range belongs to"),
]


class HoldsARole(BasePermission):
    """Let in who is signed in and holds any role."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Answer whether the person may read at all; say what is missing to who is signed in."""
        if not request.user.is_authenticated:
            return False
        if isinstance(view, Reading) and view.viewer.roles:
            return True
        raise NotAllowed(
            "You may not read this yet.",
            cause="Your account holds no role.",
            next_step="Ask an administrator for the role you need.",
        )


class Reading(APIView):
    """Whatever is read here is read by somebody, within his clearances."""

    permission_classes = (HoldsARole,)

    @cached_property
    def viewer(self) -> Viewer:
        now = timezone.now()
        return viewer(self.request.user, today=now.date(), now=now)


class Listing(Reading, ListAPIView[M]):
    """A list that is narrowed by its filters, and by what the person may see."""

    pagination_class = NewestFirst
    filters: ClassVar[Collection[Filter]]

    def get_queryset(self) -> QuerySet[M]:
        """Return what matches."""
        return narrowed(self.seen(), self.request, self.filters)

    def seen(self) -> QuerySet[M]:
        """Return what the person may see."""
        raise NotImplementedError


def listed(serializer: Any, filters: Collection[Filter]) -> Any:
    """Describe a list in the schema: its filters, what it holds, what it refuses."""
    parameters = [one.parameter() for one in filters]
    responses = {200: serializer(many=True), **IN_LISTS}
    return extend_schema_view(get=extend_schema(parameters=parameters, responses=responses))


def single(serializer: Any) -> Any:
    """Describe one thing in the schema."""
    return extend_schema_view(get=extend_schema(responses={200: serializer, **IN_THINGS}))


@listed(serializers.RunSerializer, OF_RUNS)
class Runs(Listing[Run]):
    """Runs, the newest first."""

    serializer_class = serializers.RunSerializer
    filters = OF_RUNS

    def seen(self) -> QuerySet[Run]:
        """Return runs."""
        return reads.runs(self.viewer)


@single(serializers.RunDetailSerializer)
class OneRun(Reading, RetrieveAPIView[Run]):
    """One run: its attempts, what its gates said, what changed, what it made."""

    serializer_class = serializers.RunDetailSerializer

    def get_queryset(self) -> QuerySet[Run]:
        """Return runs."""
        return reads.runs_in_full(self.viewer)


@listed(serializers.ReviewSerializer, OF_REVIEWS)
class Reviews(Listing[Review]):
    """Reviews, the newest first, with every decision."""

    serializer_class = serializers.ReviewSerializer
    filters = OF_REVIEWS

    def seen(self) -> QuerySet[Review]:
        """Return reviews."""
        return reads.reviews(self.viewer)


@single(serializers.ReviewSerializer)
class OneReview(Reading, RetrieveAPIView[Review]):
    """One review."""

    serializer_class = serializers.ReviewSerializer

    def get_queryset(self) -> QuerySet[Review]:
        """Return reviews."""
        return reads.reviews(self.viewer)


@listed(serializers.ReleaseSerializer, OF_RELEASES)
class Releases(Listing[Release]):
    """Releases, the newest first, with every try to publish them."""

    serializer_class = serializers.ReleaseSerializer
    filters = OF_RELEASES

    def seen(self) -> QuerySet[Release]:
        """Return releases."""
        return reads.releases(self.viewer)


@single(serializers.ReleaseSerializer)
class OneRelease(Reading, RetrieveAPIView[Release]):
    """One release."""

    serializer_class = serializers.ReleaseSerializer

    def get_queryset(self) -> QuerySet[Release]:
        """Return releases."""
        return reads.releases(self.viewer)


class ArtifactBytes(Reading):
    """The bytes of an artifact, a document or a manifest, by digest: whole or one range of them."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002  # the framework's signature
        """Serve the bytes whatever the client says it accepts; only refusals are negotiated."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(operation_id="artifact_bytes", parameters=RANGES, responses=OF_BYTES)
    def get(self, request: Request, sha256: str) -> HttpResponseBase:
        """Answer as an attachment, to whoever may see a manifest that names the digest."""
        found = queries.download(sha256, viewer=self.viewer)
        wanted = downloads.Download(
            sha256=sha256, media_type=found.media_type, filename=found.filename, guarded=found.guarded
        )
        return downloads.respond(request._request, wanted, store=_store(), inline=False)  # noqa: SLF001  # Django's own request


@lru_cache(maxsize=1)
def _store() -> FileStore:
    return FileStore(place(settings.STORE_URL, "candidates"))
