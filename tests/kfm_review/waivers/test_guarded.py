"""What is asked about a guarded run: its words stay with it, and cover nothing else."""

import pytest

from kfm_review.audit.models import Event
from kfm_review.errors import NotPossible
from kfm_review.waivers import actions, queries
from kfm_review.waivers.models import Ending, Need
from tests.kfm_review.releases.vouched import rewrite
from tests.kfm_review.waivers.conftest import Excusable

pytestmark = pytest.mark.django_db


def guard(excusable: Excusable) -> None:
    """Let the run turn out to be of what is not for everybody."""
    rewrite("runs_manifest", "label = 'restricted' WHERE digest = %s", excusable.review.manifest_id)
    excusable.review.manifest.refresh_from_db()


def test_what_is_asked_about_a_guarded_run_covers_that_run_alone(excusable: Excusable) -> None:
    manifest = excusable.review.manifest
    guard(excusable)
    for reach in ("asset", "manifest"):
        asked = excusable.asked(reach=reach)
        more = {"author": None, "actor": excusable.journey.steward, "now": excusable.now()}
        if reach == "asset":
            with pytest.raises(NotPossible, match="covers that run alone"):
                actions.request(manifest=manifest, asked=asked, **more)  # type: ignore[arg-type]  # words by name
        else:
            assert actions.request(manifest=manifest, asked=asked, **more)  # type: ignore[arg-type]  # words by name


def test_a_wide_exception_of_a_guarded_run_excuses_no_other(excusable: Excusable) -> None:
    """As somebody could write it past the action that refuses it."""
    excusable.granted(reach="asset")
    other = excusable.like(excusable.review.manifest.body)
    assert queries.excused(other, at=excusable.now()).by
    guard(excusable)
    assert not queries.excused(other, at=excusable.now()).by
    assert queries.excused(excusable.review.manifest, at=excusable.now()).by


def test_what_a_guarded_run_exceeds_is_not_said_where_others_read(excusable: Excusable) -> None:
    excusable.granted(reach="asset")
    gates = [dict(one) for one in excusable.review.manifest.body["gates"]]
    for gate in gates:
        gate["findings"] = [{**one, "rule": "keys.KS-0147"} for one in gate["findings"]]
    other = excusable.like({**excusable.review.manifest.body, "gates": gates})
    other.label = "restricted"
    assert actions.report(other, now=excusable.now())
    assert Need.objects.get().why == actions.WITHHELD
    assert "KS-0147" not in Ending.objects.get().why
    assert not [one for one in Event.objects.all() if b"KS-0147" in bytes(one.body)]
