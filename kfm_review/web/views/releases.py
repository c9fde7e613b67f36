"""What is published, and the deeds of publishers: promote, roll back, hold, lift."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kfm_review.errors import Refused
from kfm_review.releases import actions, queries, standing
from kfm_review.web import forms
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request


@require_safe
def show(request: Request) -> HttpResponse:
    """Show every asset; with only one, show it at once."""
    assets = list(queries.assets(request.viewer))
    if len(assets) == 1:
        return redirect("asset", assets[0].name)
    return render(request, "pages/releases.html", {"here": "releases", "assets": assets, "shelf": None})


@require_safe
def asset(request: Request, name: str) -> HttpResponse:
    """Show one asset's way to where it is."""
    return render(request, "pages/releases.html", _page(request, name))


def _refused(request: Request, name: str, *, refusal: Refused) -> HttpResponse:
    deed = request.resolver_match.url_name if request.resolver_match else ""
    sheet = {
        "roll-back": f"back-{request.POST.get('number', '')}",
        "ask-standing": "standing",
        "end-standing": f"standing-{request.POST.get('approval', '')}",
        "withdraw": f"withdraw-{request.POST.get('number', '')}",
        "promote": f"promote-{request.POST.get('review', '')}",
    }
    context = _page(request, name) | {
        "refusal": refusal,
        "typed": request.POST,
        "deed": sheet.get(deed or "", deed),
    }
    return render(request, "pages/releases.html", context, status=refusal.status)


@again(_refused)
@require_POST
def roll_back(request: Request, name: str) -> HttpResponse:
    """Make an older release current again."""
    asked = forms.read(forms.RollBack, request.POST)
    actions.roll_back(asset=name, actor=request.user, now=timezone.now(), **asked)
    return redirect("asset", name)


@again(_refused)
@require_POST
def withdraw(request: Request, name: str) -> HttpResponse:
    """Take a release back."""
    asked = forms.read(forms.Withdraw, request.POST)
    actions.withdraw(asset=name, actor=request.user, now=timezone.now(), **asked)
    return redirect("asset", name)


@again(_refused)
@require_POST
def ask_standing(request: Request, name: str) -> HttpResponse:
    """Have a standing approval prepared, and go to where it is signed."""
    asked = forms.read(forms.Standing, request.POST)
    made = standing.request(asset=name, actor=request.user, now=timezone.now(), **asked)
    return redirect("statement", made.digest)


@again(_refused)
@require_POST
def end_standing(request: Request, name: str) -> HttpResponse:
    """End a standing approval."""
    asked = forms.read(forms.EndStanding, request.POST)
    standing.end(approval_id=asked["approval"], actor=request.user, why=asked["why"], now=timezone.now())
    return redirect("asset", name)


@again(_refused)
@require_POST
def hold(request: Request, name: str) -> HttpResponse:
    """Stop the publishing of an asset."""
    actions.hold(asset=name, actor=request.user, now=timezone.now(), **forms.read(forms.Reason, request.POST))
    return redirect("asset", name)


@again(_refused)
@require_POST
def lift(request: Request, name: str) -> HttpResponse:
    """Let an asset be published again."""
    actions.lift(asset=name, actor=request.user, now=timezone.now(), **forms.read(forms.Reason, request.POST))
    return redirect("asset", name)


@again(_refused)
@require_POST
def promote(request: Request, name: str) -> HttpResponse:
    """Publish an approved review by hand."""
    asked = forms.read(forms.Promote, request.POST)
    actions.promote_by_hand(
        review_id=asked["review"],
        actor=request.user,
        why=asked["why"],
        replay=asked["replay"],
        now=timezone.now(),
    )
    return redirect("asset", name)


def _page(request: Request, name: str) -> dict[str, Any]:
    shelf = queries.shelf(name, viewer=request.viewer)
    return {"here": "releases", "assets": list(queries.assets(request.viewer)), "shelf": shelf}
