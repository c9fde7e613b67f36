"""How the API says that something is refused or broke: message, cause and next step, as JSON."""

import logging
from typing import Any

from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from kfm_review.errors import Refused
from pipelines.errors import Stopped

log = logging.getLogger(__name__)

SIGNED_OUT = ("You are not signed in.", "The API uses the session of the pages.", "Sign in, then ask again.")
NOTHING_THERE = (
    "There is nothing at this address.",
    "It does not exist, or nobody cleared you to see it.",
    "Start from one of the lists.",
)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why something is refused."""

    message = serializers.CharField(help_text="what happened")
    cause = serializers.CharField(allow_blank=True, help_text="why")
    next_step = serializers.CharField(allow_blank=True, help_text="what to do now")


def answer(broke: Exception, context: dict[str, Any]) -> Response | None:
    """Return what the API answers when a view raises; None leaves it to Django."""
    if isinstance(broke, Refused):
        return _reason(broke.status, broke.message, broke.cause, broke.next_step)
    if isinstance(broke, Stopped):
        log.error("The API could not read what it should serve: %s", broke)
        return _reason(500, "The store cannot give this out.", str(broke), "Tell whoever runs this server.")
    if isinstance(broke, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return _reason(403, *SIGNED_OUT)
    if isinstance(broke, Http404 | exceptions.NotFound):
        return _reason(404, *NOTHING_THERE)
    response = exception_handler(broke, context)
    if response is None:
        return None
    said = broke.detail if isinstance(broke, exceptions.APIException) else "You may not see this."
    return _reason(response.status_code, str(said), "", "", headers=dict(response.items()))


def _reason(
    status: int, message: str, cause: str, next_step: str, *, headers: dict[str, str] | None = None
) -> Response:
    body = {"message": message, "cause": cause, "next_step": next_step}
    return Response(body, status=status, headers=headers)
