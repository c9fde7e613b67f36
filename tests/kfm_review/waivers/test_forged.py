"""A row among the exceptions that nobody signed, written with the rights of the web process."""

import pytest

from kfm_review.releases import evidence
from kfm_review.reviews import excusing
from kfm_review.signing import statements
from kfm_review.signing.models import Statement
from kfm_review.waivers import queries
from kfm_review.waivers.models import Request, Waiver
from pipelines import digest
from tests.kfm_review.roles import WEB, working_as
from tests.kfm_review.waivers.conftest import Excusable

pytestmark = pytest.mark.django_db


def forged(like: Waiver) -> Waiver:
    """Return a waiver before all others, of a statement that nobody signed."""
    said = digest.read_json(bytes(like.statement.body))
    said["predicate"] |= {"justification": "Nobody signed this.", "nonce": "f" * 32}
    content = digest.canonical(said)
    asked = like.request
    with working_as(WEB):
        request = Request.objects.create(
            manifest=like.manifest, asset=like.asset, kind=like.kind, body=asked.body, at=like.at,
            requested_by=asked.requested_by, author=asked.author,
        )  # fmt: skip
        statement = Statement.objects.create(
            digest=digest.of(content), kind="exception", body=content, nonce="f" * 32, prepared_at=like.at,
            prepared_by=asked.requested_by, about=str(request.pk),
        )  # fmt: skip
        return Waiver.objects.create(
            pk=-1, request=request, statement=statement, manifest=like.manifest, asset=like.asset,
            kind=like.kind, reach=like.reach, envelope=bytes(like.envelope), prov=b"{}", signed_by=["ann"],
            at=like.at, not_before=like.not_before, expires_at=like.expires_at,
        )  # fmt: skip


def test_what_nobody_signed_is_not_published_as_what_let_a_gate_stand(excusable: Excusable) -> None:
    excusable.granted()
    true = Waiver.objects.get()
    fake, now = forged(true), excusable.now()
    assert set(queries.let_stand(true.manifest, at=now).values()) == {true}
    assert [one["statement"] for one in evidence.exceptions(true.manifest, at=now)] == [true.statement_id]
    assert fake not in queries.excused(true.manifest, at=now).by.values()


def test_what_was_asked_about_one_manifest_let_no_other_stand(excusable: Excusable) -> None:
    excusable.granted()
    later = excusable.like(excusable.review.manifest.body)
    assert queries.let_stand(later, at=excusable.now()) == {}


def test_what_was_signed_and_then_denied_lets_nothing_stand(excusable: Excusable) -> None:
    request, ann = excusable.request(), excusable.governed.user("ann")
    kept = excusing.prepare(request_id=request.pk, decision="approve", actor=ann, now=excusable.now())
    sig = excusable.governed.sign(kept, "ann")
    signed = statements.check(statement=kept, sig=sig, actor=ann, now=excusable.now())
    excusable.answer(request, "ben", decision="deny")
    now = excusable.now()
    with working_as(WEB):
        made = Waiver.objects.create(
            request=request, statement=kept, manifest=request.manifest, asset=request.asset,
            kind=request.kind, reach="manifest", envelope=signed.envelope, prov=b"{}", signed_by=["ann"],
            at=now, not_before=request.at, expires_at=request.body["expires_at"],
        )  # fmt: skip
    made.refresh_from_db()
    found = queries.excused(made.manifest, at=excusable.now())
    assert (found.by, found.against) == ({}, {str(made.pk): "The request had been denied before."})
    assert queries.let_stand(made.manifest, at=excusable.now()) == {}
