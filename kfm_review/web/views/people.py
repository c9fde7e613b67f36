"""People, their roles, and what administrators do about them."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kfm_review.accounts.models import Role
from kfm_review.errors import Refused
from kfm_review.people import actions, clearance, passwords, queries
from kfm_review.runs.withheld import declared
from kfm_review.web import forms
from kfm_review.web.permits import without_role
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request
from pipelines import spec


def _page(request: Request, *, refusal: Refused | None = None, **found: Any) -> HttpResponse:
    context = {
        "here": "people",
        "people": queries.people(),
        "roles": [str(role) for role in Role],
        "families": spec.names(),
        "clearances": _grantable(),
        "refusal": refusal,
        "typed": request.POST,
        "deed": request.resolver_match.url_name if request.resolver_match else "",
        **found,
    }
    return render(request, "pages/people.html", context, status=refusal.status if refusal else 200)


@require_safe
def show(request: Request) -> HttpResponse:
    """Show who may do what."""
    return _page(request)


def _refused(request: Request, *, refusal: Refused, **_ids: int) -> HttpResponse:
    return _page(request, refusal=refusal)


@again(_refused)
@never_cache
@require_POST
def invite(request: Request) -> HttpResponse:
    """Make an account, and show its first password once."""
    asked = forms.read(forms.Invite, request.POST)
    person, password = actions.invite(**asked, actor=request.user, now=timezone.now())
    return _page(request, invited={"name": person.full_name, "password": password})


@again(_refused)
@require_POST
def grant(request: Request, person_id: int) -> HttpResponse:
    """Give a person a role."""
    asked = forms.read(forms.Grant, request.POST)
    actions.grant(user_id=person_id, actor=request.user, now=timezone.now(), **asked)
    return redirect("people")


@again(_refused)
@require_POST
def end_grant(request: Request, grant_id: int) -> HttpResponse:
    """Take a role back."""
    actions.end_grant(grant_id=grant_id, actor=request.user, now=timezone.now())
    return redirect("people")


@again(_refused)
@require_POST
def clear(request: Request, person_id: int) -> HttpResponse:
    """Let a person see a label until a date."""
    asked = forms.read(forms.Clear, request.POST)
    actions.grant_clearance(user_id=person_id, actor=request.user, now=timezone.now(), **asked)
    return redirect("people")


@again(_refused)
@require_POST
def end_clearance(request: Request, clearance_id: int) -> HttpResponse:
    """Take a clearance back."""
    actions.end_clearance(clearance_id=clearance_id, actor=request.user, now=timezone.now())
    return redirect("people")


@require_safe
def clearances(request: Request) -> HttpResponse:
    """Show what each label asks of who would see it, whose data are labelled so, and who is cleared."""
    families = [{"family": family, "marked": declared(family.name)} for family in spec.families()]
    context = {
        "here": "people",
        "families": families,
        "holders": queries.holders(today=timezone.now().date()),
        "grantors": queries.grantors(),
    }
    return render(request, "pages/clearances.html", context)


@again(_refused)
@require_POST
def deactivate(request: Request, person_id: int) -> HttpResponse:
    """Close an account for good."""
    actions.deactivate(user_id=person_id, actor=request.user, now=timezone.now())
    return redirect("people")


def _grantable() -> list[str]:
    """Return the clearances that anything here asks for."""
    asked = {name for family in spec.names() for name in declared(family).asks}
    labels = clearance.ORDER[len(clearance.OPEN) :]
    return [*labels, *sorted(asked - set(labels))]


def _mine(request: Request, *, refusal: Refused | None = None, **found: Any) -> HttpResponse:
    context = {"here": "people", "refusal": refusal, **found}
    return render(request, "pages/me.html", context, status=refusal.status if refusal else 200)


@without_role
@again(_mine)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: Request) -> HttpResponse:
    """Show what I may do, and change my password."""
    if request.method != "POST":
        return _mine(request)
    asked = forms.read(forms.Password, request.POST)
    person = passwords.change(user=request.user, **asked, now=timezone.now())
    update_session_auth_hash(request, person)
    return _mine(request, done=True)
