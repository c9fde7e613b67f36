"""How lists of the API are narrowed and turned over: by cursor, the newest first; no filter is ignored."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from kfm_review.errors import Invalid

M = TypeVar("M", bound=Model)
TURNING = ("cursor", "size", "format")
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One word by which a list is narrowed; named twice, either value will do."""

    name: str
    field: str
    choices: Collection[str] = ()

    def parameter(self) -> OpenApiParameter:
        """Describe it for the schema."""
        choices = [str(choice) for choice in self.choices]
        return OpenApiParameter(self.name, str, many=True, enum=choices or None)

    def check(self, value: str) -> str:
        """Return a value that may be asked for."""
        if "\x00" in value or len(value) > LONGEST or (self.choices and value not in set(self.choices)):
            wanted = ", ".join(self.choices) or f"at most {LONGEST} signs"
            raise Invalid(f"{self.name} cannot be {value[:80]!r}.", next_step=f"Choose {wanted}.")
        return value


def narrowed(found: QuerySet[M], request: Request, filters: Collection[Filter]) -> QuerySet[M]:
    """Return what is left of `found`; refuse a word that is no filter, rather than to return too much."""
    known = {one.name: one for one in filters}
    for word, values in request.query_params.lists():
        if word in TURNING:
            continue
        if word not in known:
            raise Invalid(
                f"There is no filter {word[:80]!r}.",
                cause="Ignored, it would show more than was asked for.",
                next_step=f"Choose from {', '.join([*known, *TURNING])}.",
            )
        asked = [known[word].check(value) for value in values]
        found = found.filter(**{f"{known[word].field}__in": asked})
    return found


class NewestFirst(CursorPagination):
    """Pages of a list by its key, which grows with time."""

    page_size = 50
    page_size_query_param = "size"
    max_page_size = 200
    ordering = "-pk"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> Any:
        """Return one page."""
        self._key = queryset.model._meta.pk  # noqa: SLF001  # Django documents it
        return super().paginate_queryset(queryset, request, view=view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where to go on; refuse a cursor that was not handed out."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                self._key.to_python(cursor.position)
            except ValidationError as wrong:
                raise Invalid(
                    "This cursor leads nowhere.", next_step="Take the address from `next` or `previous`."
                ) from wrong
        return cursor
