"""Exceptions: asked for from a failing review, answered by governance, and all of them on one page."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kfm_review.errors import Refused
from kfm_review.people.rules import Deed
from kfm_review.reviews import excusing
from kfm_review.reviews.queries.dossier import dossier
from kfm_review.signing import statements
from kfm_review.waivers import actions, areas, queries
from kfm_review.waivers.rules import Asked, failing, why_not
from kfm_review.web import exceptions as told
from kfm_review.web import forms
from kfm_review.web.leaves import leaves
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request
from pipelines import digest, policy


def _ask_page(request: Request, review_id: int, *, refusal: Refused | None = None) -> HttpResponse:
    found = dossier(review_id, viewer=request.viewer)
    manifest, rules = found.review.manifest, policy.numbers(queries.TOPIC)
    gates = manifest.body.get("gates", ())
    context: dict[str, Any] = {
        "here": "exceptions",
        "dossier": found,
        "review": found.review,
        "failing": failing(gates) if found.is_exact else (),
        "failed": "\n".join(sorted({one["where"] for gate in failing(gates) for one in gate["findings"]}))
        if found.is_exact
        else "",
        "why_not": why_not(gates, never=rules["never_gates"]),
        "classes": rules["classes"],
        "reasons": rules["reason_codes"],
        "asked": queries.asked_gates(manifest),
        "chosen": request.POST.getlist("gates"),
        "until": (
            timezone.now() + timedelta(days=min(one["max_days"] for one in rules["classes"].values()) - 1)
        ),
        "may_ask": request.viewer.may(Deed.ASK_EXCEPTION, found.review.family),
        "refusal": refusal,
        "typed": request.POST,
    }
    return render(request, "pages/exception_new.html", context, status=refusal.status if refusal else 200)


@again(_ask_page)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request, review_id: int) -> HttpResponse:
    """Ask that failing gates of a review may stand."""
    if request.method != "POST":
        return _ask_page(request, review_id)
    typed = forms.read(forms.AskException, request.POST)
    made = excusing.request(
        review_id=review_id,
        manifest=typed["manifest"],
        asked=Asked(
            kind=typed["kind"],
            gates=tuple(request.POST.getlist("gates")),
            reason_code=typed["reason_code"],
            justification=typed["justification"],
            reach=typed["reach"],
            keys=_lines(typed["keys"]),
            area=tuple(typed[edge] for edge in areas.NAMES),
            findings_max=typed["findings_max"],
            value_worst=typed["value_worst"],
            expires_at=datetime.combine(typed["expires"], time.max, tzinfo=UTC),
            obligations=_lines(typed["obligations"]),
        ),
        actor=request.user,
        now=timezone.now(),
    )
    return redirect("exception", made.pk)


@require_safe
def show(request: Request) -> HttpResponse:
    """Show every exception: what waits, what lives and what relies on it, what is over."""
    entries = told.entries(viewer=request.viewer, now=timezone.now())
    return render(request, "pages/exceptions.html", {"here": "exceptions", "entries": entries})


def _one_page(request: Request, request_id: int, *, refusal: Refused | None = None) -> HttpResponse:
    entry = told.entry(request_id, viewer=request.viewer, now=timezone.now())
    words = leaves(digest.read_json(digest.canonical(entry.body)))  # in the order of what is signed
    context = {"here": "exceptions", "entry": entry, "leaves": words, "refusal": refusal}
    return render(request, "pages/exception.html", context, status=refusal.status if refusal else 200)


@require_safe
def one(request: Request, request_id: int) -> HttpResponse:
    """Show one exception: what it excuses, whose turn it is, what became of it."""
    return _one_page(request, request_id)


@again(_one_page)
@require_POST
def answer(request: Request, request_id: int) -> HttpResponse:
    """Prepare the statement by which this person approves or denies; it is signed on its own page."""
    asked = forms.read(forms.Answer, request.POST)
    told.entry(request_id, viewer=request.viewer, now=timezone.now())
    made = excusing.prepare(
        request_id=request_id, decision=asked["decision"], actor=request.user, now=timezone.now()
    )
    return redirect("statement", made.digest)


@again(_one_page)
@require_POST
def revoke(request: Request, request_id: int) -> HttpResponse:
    """Prepare the statement that ends an exception early."""
    asked = forms.read(forms.Reason, request.POST)
    entry = told.entry(request_id, viewer=request.viewer, now=timezone.now())
    made = actions.prepare_revocation(
        waiver_id=entry.waiver_id, why=asked["why"], actor=request.user, now=timezone.now()
    )
    return redirect("statement", statements.find(made.digest).digest)


def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that hold something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
