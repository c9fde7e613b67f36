"""All runs, and the page that asks for another."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kfm_review.errors import Refused
from kfm_review.reviews.queries.dossier import dossier
from kfm_review.runs import actions, deliveries, queries
from kfm_review.runs.states import Status
from kfm_review.web import addresses, forms
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request
from pipelines import spec
from pipelines.model import Outcome


@require_safe
def show(request: Request) -> HttpResponse:
    """Show one page of runs, the newest first."""
    filters, after = addresses.run_filters(request.GET), addresses.run_cursor(request.GET)
    found = queries.page(filters, viewer=request.viewer, after=after)
    context = {
        "here": "runs",
        "runs": found.runs,
        "after": str(found.after) if found.after else "",
        "filters": filters,
        "filtered": filters.active,
        "statuses": [str(status) for status in Status],
        "outcomes": [str(outcome) for outcome in Outcome],
        "query": addresses.without(request.GET, "after"),
        "first_page": after is None,
    }
    return render(request, "pages/runs.html", context)


def _ask(request: Request, *, refusal: Refused | None = None) -> HttpResponse:
    answers = request.GET.get("answers", "")
    answered = dossier(int(answers), viewer=request.viewer) if answers.isdecimal() else None
    families = {family.name: family for family in spec.families()}
    wanted = answered.review.asset.family if answered else request.GET.get("family", "")
    context: dict[str, Any] = {
        "here": "runs",
        "families": (*families.values(),),
        "family": families.get(request.POST.get("family", wanted)) or next(iter(families.values())),
        "answered": answered,
        "refusal": refusal,
        "typed": request.POST,
    }
    return render(request, "pages/run_new.html", context, status=refusal.status if refusal else 200)


@again(_ask)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Ask for a run of an edition that is here, or of a file that is delivered now."""
    if request.method != "POST":
        return _ask(request)
    asked = forms.read(forms.Request, {**request.POST.dict(), "answers": request.GET.get("answers", "")})
    uploads = {
        field.removeprefix("file-"): deliveries.deliver_file(
            of=(asked["family"], field.removeprefix("file-")),
            name=file.name or field,
            content=file,
            actor=request.user,
            now=timezone.now(),
        ).pk
        for field, file in request.FILES.items()
        if isinstance(file, UploadedFile)
    }
    run = actions.request(
        family=asked["family"],
        edition=asked["named"] if uploads else asked["edition"],
        partition=(asked["partition"] or None) if uploads else None,
        upload_ids=uploads,
        actor=request.user,
        why=asked["why"],
        answers=asked["answers"],
        now=timezone.now(),
    )
    return redirect("run", run.pk)
