"""The read API's addresses: lists by cursor, single things, and the bytes of artifacts."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from kfm_review import downloads
from kfm_review.accounts.models import User
from kfm_review.api import reads, serializers
from kfm_review.api.pages import Filtered, NewestFirst
from kfm_review.releases.models import Release
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Run
from pipelines.store import FileStore, place


class HoldsARole(BasePermission):
    """Let in who is signed in and holds any role."""

    message = "Your account holds no role: ask an administrator for one."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the person may read at all."""
        return bool(request.user and request.user.is_authenticated and _person(request).roles())


class Runs(Filtered[Run], ListAPIView[Run]):
    """Runs, the newest first."""

    serializer_class = serializers.RunSerializer
    permission_classes = (HoldsARole,)
    pagination_class = NewestFirst
    filters = {"asset": "asset__name", "edition": "edition", "status": "status", "outcome": "outcome"}

    def get_queryset(self) -> Any:
        """Return what the person may see."""
        return self.filtered(reads.runs(_person(self.request), today=_today()))
