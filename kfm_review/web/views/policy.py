"""The policy in force, rule by rule, and how others would have judged past runs."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kfm_review.reviews.queries import replayed
from kfm_review.web.permits import check_may_read_policy
from kfm_review.web.requests import Request
from pipelines import compiling, rego


@require_safe
def show(request: Request) -> HttpResponse:
    """Show every rule that is in force, and the list of replays."""
    check_may_read_policy(request.viewer)
    engine = rego.engine()
    context = {
        "here": "policy",
        "engine": engine,
        "packages": tuple((name, engine.rules_of(name)) for name in compiling.PACKAGES),
        "replays": replayed.replays(),
    }
    return render(request, "pages/policy.html", context)


@require_safe
def replay(request: Request, replay_id: int) -> HttpResponse:
    """Show one replay: which runs turn, by which rules, and what people had decided."""
    check_may_read_policy(request.viewer)
    context = {"here": "policy", "shown": replayed.replay(replay_id, viewer=request.viewer)}
    return render(request, "pages/replay.html", context)
