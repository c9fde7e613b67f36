"""The roster: whose keys count, who signed each version, and what waits for the next."""

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kfm_review.errors import NotPossible, Refused
from kfm_review.people import rosters as people
from kfm_review.people.rules import Deed
from kfm_review.signing import rosters, rules, statements
from kfm_review.signing.models import Key, Statement
from kfm_review.web import forms
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request
from pipelines.proof import roster

DEMO_ONLY = ("local", "test")
WAITING = 20
PATIENCE = timedelta(seconds=30)  # for which the root, once asked, is waited for


def _page(request: Request, *, refusal: Refused | None = None) -> HttpResponse:
    now, versions = timezone.now(), rosters.kept()
    current = versions[-1] if versions else None
    pending = people.pending(current) if current else ()
    proposals = _proposals(current, pending, now=now)
    context = {
        "here": "keys",
        "roster": current,
        "strays": rosters.strays(),
        "versions": [{"of": one, "by": _holder(one, current)} for one in reversed(versions)],
        "live": [one for one in current.keys if one.live(now)] if current else [],
        "pending": pending,
        "proposals": proposals,
        "looks_again": any(one["asked"] for one in proposals),
        "may_sign": request.viewer.may(Deed.SIGN_EXCEPTION, ""),
        "others": others(pending, viewer=request.user.username, now=now) if current else (),
        "own": any(key.holder_id == request.viewer.id for key in pending),
        "root_may": bool(current) and settings.KFM_ENV in DEMO_ONLY and _first(current),
        "refusal": refusal,
    }
    return render(request, "pages/roster.html", context, status=refusal.status if refusal else 200)


@never_cache
@require_safe
def show(request: Request) -> HttpResponse:
    """Show the roster and what waits for its next version."""
    return _page(request)


@again(_page)
@require_POST
def propose(request: Request) -> HttpResponse:
    """Prepare the next version for somebody else to sign."""
    made = people.propose(actor=request.user, now=timezone.now())
    return redirect("statement", digest=made.digest)


@again(_page)
@require_POST
def ask_root(request: Request) -> HttpResponse:
    """Ask the demo's root to sign the first keys of people."""
    asked = forms.read(forms.Named, request.POST)
    statement = statements.find(asked["digest"])
    people.ask_demo_root(statement=statement, actor=request.user, now=timezone.now())
    return redirect("roster")


@require_safe
def allowed_signers(_request: Request) -> HttpResponse:
    """Give the roster as `ssh-keygen -Y verify` reads it."""
    current = rosters.current()
    words = roster.allowed_signers(current, namespaces=rules.SPACES) if current else ""
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


@require_safe
def chain(_request: Request) -> HttpResponse:
    """Give every version as it was signed, to be verified elsewhere."""
    told = [b64encode(one).decode() for one in rosters.envelopes()]
    answer = HttpResponse(json.dumps(told), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="rosters.json"'
    return answer


def others(pending: Iterable[Key], *, viewer: str, now: datetime) -> tuple[str, ...]:
    """Return who could sign the next version, the reader as such."""
    able = people.signers(now=now, changing={key.holder.username for key in pending})
    return ("you",) * (viewer in able) + tuple(name for name in able if name != viewer)


def _holder(one: roster.Roster, current: roster.Roster | None) -> str:
    """Return who signed a version; a key never leaves the roster."""
    key = current.find(one.signed_by) if current else None
    return "the root" if one.signed_by == one.root else (key.holder if key else "")


def _first(current: roster.Roster | None) -> bool:
    try:
        if current is not None:
            people.check_first(current, now=timezone.now())
    except NotPossible:
        return False
    return True


def _proposals(
    current: roster.Roster | None, pending: Iterable[Key], *, now: datetime
) -> list[dict[str, Any]]:
    """Return the proposed versions that would follow the current one, and leave no key waiting.

    Of each, when a demo's root was asked just now.
    """
    found = Statement.objects.filter(kind="roster", signatures=None).select_related("prepared_by")
    wanted = {key.fingerprint for key in pending}
    newest = found.order_by("-prepared_at")[:WAITING]
    follow = [one for one in newest if current and people.changed(one, current) == wanted]
    return [{"of": one, "asked": people.root_asked(one, since=now - PATIENCE)} for one in follow]
