"""A statement as it is read and signed: rendered from its own canonical bytes, and nothing else."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kfm_review.errors import Invalid, NotAllowed, Refused
from kfm_review.signing import rosters, rules, standing, statements
from kfm_review.signing.models import Key, Statement
from kfm_review.web import asked, forms, relying
from kfm_review.web.deeds import DEEDS
from kfm_review.web.leaves import leaves, shown
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request
from pipelines.errors import NotProved
from pipelines.proof import keys, sshsig, webauthn

LARGEST_SIG = 32 * 1024


def _page(request: Request, *, digest: str, refusal: Refused | None = None) -> HttpResponse:
    statement, now = _seen(request, digest), timezone.now()
    deed, said = DEEDS[statement.kind], statements.read(statement)
    mine = standing.of(request.user, now=now)
    asked.ask(request, digest, now=now)
    context: dict[str, Any] = {
        "here": deed.here,
        "way": deed.way(statement),
        "statement": statement,
        "said": said,
        "deed": deed,
        "leaves": leaves(said.predicate),
        "subjects": dict(said.subjects),
        "raw": shown(bytes(statement.body).decode("utf-8")),
        "signatures": statements.signatures(statement),
        "barred": deed.barred(request.viewer) or deed.own(request.viewer, statement),
        "given": any(one.holder_id == request.viewer.id for one in statements.signatures(statement)),
        "others": [one for one in deed.others(statement, now) if one != request.user.username],
        "changes": deed.changes(statement),
        "roster": rosters.current(),
        "own_waiting": mine.waiting,
        "counting": mine.counting,
        "namespace": rules.NAMESPACES[statement.kind],
        "challenge": webauthn.base64url(statements.challenge(statement)),
        "passkeys": [key.credential_id for key in mine.counting if key.kind == "passkey"],
        "rp_id": relying.rp_id(request),
        "elsewhere": relying.elsewhere(request),
        "refusal": refusal,
    }
    return render(request, "pages/statement.html", context, status=refusal.status if refusal else 200)


@never_cache
@require_safe
def show(request: Request, digest: str) -> HttpResponse:
    """Show what would be signed, who may, and what follows."""
    return _page(request, digest=digest)


@again(_page)
@require_POST
def sign(request: Request, digest: str) -> HttpResponse:
    """Take a passkey's answer as a signature, and do what it allows."""
    sent = forms.read(forms.Assertion, request.POST)
    statement = _seen(request, digest)
    key = Key.objects.filter(holder=request.user, kind="passkey", credential_id=sent["credential"]).first()
    if key is None:
        raise NotAllowed(
            "This passkey is not yours.",
            cause="No passkey of that name is enrolled by you.",
            next_step="Enrol it on the page of keys first.",
        )
    try:
        answer = webauthn.assertion(
            authenticator_data=webauthn.from_base64url(sent["authenticator_data"]),
            client_data=webauthn.from_base64url(sent["client_data"]),
            signature=webauthn.from_base64url(sent["signature"]),
        )
        sig = sshsig.of_assertion(
            answer, key=keys.read_line(key.line), namespace=rules.NAMESPACES[statement.kind]
        )
    except NotProved as cause:
        raise Invalid(
            "The passkey's answer cannot be read.", cause=str(cause), next_step="Try again."
        ) from cause
    return _done(request, statement, sig)


@again(_page)
@require_POST
def upload(request: Request, digest: str) -> HttpResponse:
    """Take what `ssh-keygen -Y sign` wrote as a signature, and do what it allows."""
    statement, sent = _seen(request, digest), request.FILES.get("signature")
    if sent is None or sent.size is None or sent.size > LARGEST_SIG:
        raise Invalid(
            "No signature was sent." if sent is None else "This is too large for a signature.",
            next_step="Choose the .sig file that `ssh-keygen -Y sign` wrote.",
        )
    try:
        sig = sshsig.dearmored(sent.read().decode("ascii", errors="replace"))
    except NotProved as cause:
        raise Invalid("This is no signature.", cause=str(cause), next_step="Sign again.") from cause
    return _done(request, statement, sig)


@require_safe
def pae(request: Request, digest: str) -> HttpResponseBase:
    """Give the bytes that a terminal signs."""
    return _file(
        statements.pae(_seen(request, digest)), f"statement-{digest[:12]}.pae", "application/octet-stream"
    )


@require_safe
def envelope(request: Request, digest: str) -> HttpResponseBase:
    """Give the statement with every signature that was given."""
    content = statements.whole(_seen(request, digest))
    return _file(content, f"statement-{digest[:12]}.json", "application/vnd.in-toto+json")


def _done(request: Request, statement: Statement, sig: bytes) -> HttpResponse:
    now, deed = timezone.now(), DEEDS[statement.kind]
    asked.answered(request, statement.digest, now=now)
    if why := deed.barred(request.viewer):
        raise NotAllowed("You may not sign this.", cause=why, next_step="Ask somebody who may.")
    made = statements.check(statement=statement, sig=sig, actor=request.user, now=now)
    return redirect(deed.act(statement, made, request.user, now))


def _seen(request: Request, digest: str) -> Statement:
    """Return a statement that this viewer may read."""
    statement = statements.find(digest)
    if why := DEEDS[statement.kind].hidden(request.viewer, statement):
        raise NotAllowed("You may not read this statement.", cause=why, next_step="Ask somebody who may.")
    return statement


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
