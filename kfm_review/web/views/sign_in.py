"""Come in and go out."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kfm_review.errors import Refused
from kfm_review.people import passwords
from kfm_review.web import forms
from kfm_review.web.permits import without_role
from kfm_review.web.refusals import again

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _page(request: HttpRequest, *, refusal: Refused | None = None) -> HttpResponse:
    asked = request.POST.get("next") or request.GET.get("next", "")
    context = {"refusal": refusal, "typed": request.POST, "next": asked}
    return render(request, "pages/sign_in.html", context, status=refusal.status if refusal else 200)


@login_not_required
@never_cache
@again(_page)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the name and the password, and let in who knows them."""
    if request.method != "POST":
        return _page(request)
    given = forms.read(forms.SignIn, request.POST)
    person = passwords.sign_in(**given, address=request.META.get("REMOTE_ADDR", ""), now=timezone.now())
    auth.login(request, person, backend=BACKEND)
    return redirect(_inside(request, request.POST.get("next", "")))


@without_role
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("sign-in")


def _inside(request: HttpRequest, address: str) -> str:
    """Return the address if it is one of ours, otherwise the queue."""
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours and address else "queue"
