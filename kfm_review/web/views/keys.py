"""The keys people sign with: enrolled, retired, and listed by rosters that others signed."""

import secrets
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kfm_review.errors import NotPossible, Refused
from kfm_review.people import keys
from kfm_review.people.rules import Deed
from kfm_review.signing import rosters, standing
from kfm_review.signing.models import Key
from kfm_review.web import forms, relying
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request
from kfm_review.web.views.rosters import others
from pipelines.proof import webauthn

ASKED = "enrolment"
USUAL = timedelta(days=365)


def _page(request: Request, *, refusal: Refused | None = None, **_ids: int) -> HttpResponse:
    now, current = timezone.now(), rosters.current()
    found = Key.objects.select_related("holder", "retirement__by").order_by("-enrolled_at")[:500]
    stand = standing.states(found, current, now=now)
    wait = [key for key, state in stand if state == "waiting"]
    context: dict[str, Any] = {
        "here": "keys",
        "keys": [{"key": key, "state": state} for key, state in stand],
        "excluded": [key.credential_id for key in found if _held(key, request)],
        "roster": current,
        "signers": others(wait, viewer=request.user.username, now=now) if current and wait else (),
        "challenge": _asked(request, now=now),
        "origin": relying.origin(request),
        "rp_id": relying.rp_id(request),
        "elsewhere": relying.elsewhere(request),
        "until": (now + USUAL).date(),
        "may_sign": request.viewer.may(Deed.SIGN_EXCEPTION, ""),
        "refusal": refusal,
        "typed": request.POST,
        "deed": request.resolver_match.url_name if request.resolver_match else "",
    }
    return render(request, "pages/keys.html", context, status=refusal.status if refusal else 200)


@never_cache
@require_safe
def show(request: Request) -> HttpResponse:
    """Show everybody's keys, and how each stands."""
    return _page(request)


@again(_page)
@require_POST
def passkey(request: Request) -> HttpResponse:
    """Enrol the passkey that a browser has just made."""
    asked, now = forms.read(forms.Passkey, request.POST), timezone.now()
    keys.enrol_passkey(
        actor=request.user,
        name=asked["name"],
        until=_end_of(asked["until"]),
        attestation=webauthn.from_base64url(asked["attestation"]),
        client_data=webauthn.from_base64url(asked["client_data"]),
        challenge=webauthn.from_base64url(_answered(request, now=now)),
        origin=relying.origin(request),
        rp_id=relying.rp_id(request),
        now=now,
    )
    return redirect("roster")


@again(_page)
@require_POST
def ssh(request: Request) -> HttpResponse:
    """Enrol the SSH key with which the challenge was signed."""
    asked, now = forms.read(forms.SshKey, request.POST), timezone.now()
    keys.enrol_ssh(
        actor=request.user,
        name=asked["name"],
        until=_end_of(asked["until"]),
        line=asked["line"],
        signature=asked["signature"],
        challenge=_answered(request, now=now),
        now=now,
    )
    return redirect("roster")


@again(_page)
@require_POST
def retire(request: Request, key_id: int) -> HttpResponse:
    """Let a key count no more."""
    asked = forms.read(forms.Reason, request.POST)
    keys.retire(key_id=key_id, actor=request.user, why=asked["why"], now=timezone.now())
    return redirect("keys")


def _asked(request: Request, *, now: datetime) -> str:
    """Return the challenge that this session is asked, for as long as it holds."""
    kept = request.session.get(ASKED)
    if kept and datetime.fromisoformat(kept["at"]) + keys.ADMITS / 2 > now:
        return str(kept["challenge"])
    made = webauthn.base64url(secrets.token_bytes(32))
    request.session[ASKED] = {"challenge": made, "at": now.isoformat()}
    return made


def _answered(request: Request, *, now: datetime) -> str:
    """Return the challenge that this session was asked, once."""
    kept = request.session.pop(ASKED, None)
    if not kept or datetime.fromisoformat(kept["at"]) + keys.ADMITS < now:
        raise NotPossible(
            "This took too long.",
            cause="The challenge on the page is asked once, and holds for a quarter of an hour.",
            next_step="Try again: the page has a new one now.",
        )
    return str(kept["challenge"])


def _held(key: Key, request: Request) -> bool:
    """Answer whether a passkey is this person's and in use, so that the same device makes no second."""
    mine = key.kind == "passkey" and key.holder_id == request.viewer.id
    return mine and getattr(key, "retirement", None) is None


def _end_of(day: Any) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)
