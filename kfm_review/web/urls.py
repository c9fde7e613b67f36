"""The addresses of the pages."""

from django.urls import path, register_converter

from kfm_review.web.converters import AssetName, Digest
from kfm_review.web.views import (
    artifact,
    audit,
    catalog,
    desk,
    health,
    people,
    proofs,
    queue,
    releases,
    run,
    runs,
    sign_in,
)

register_converter(Digest, "digest")
register_converter(AssetName, "asset")

urlpatterns = [
    path("", queue.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("queue/", queue.show, name="queue"),
    path("reviews/<int:review_id>/", desk.show, name="desk"),
    path("reviews/<int:review_id>/decisions/", desk.decide, name="decide"),
    path("reviews/<int:review_id>/reveal/", desk.reveal, name="reveal"),
    path("runs/", runs.show, name="runs"),
    path("runs/new/", runs.new, name="run-new"),
    path("runs/<uuid:run_id>/", run.show, name="run"),
    path("runs/<uuid:run_id>/progress/", run.progress, name="run-progress"),
    path("runs/<uuid:run_id>/cancel/", run.cancel, name="run-cancel"),
    path("runs/<uuid:run_id>/retry/", run.retry, name="run-retry"),
    path("releases/", releases.show, name="releases"),
    path("releases/<asset:name>/roll-back/", releases.roll_back, name="roll-back"),
    path("releases/<asset:name>/hold/", releases.hold, name="hold"),
    path("releases/<asset:name>/lift/", releases.lift, name="lift"),
    path("releases/<asset:name>/promote/", releases.promote, name="promote"),
    path("releases/<asset:name>/", releases.asset, name="asset"),
    path("people/", people.show, name="people"),
    path("people/me/", people.me, name="me"),
    path("people/clearances/", people.clearances, name="clearances"),
    path("people/clearances/<int:clearance_id>/end/", people.end_clearance, name="end-clearance"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:person_id>/roles/", people.grant, name="grant"),
    path("people/<int:person_id>/clearances/", people.clear, name="clear"),
    path("people/<int:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path("people/roles/<int:grant_id>/end/", people.end_grant, name="end-grant"),
    path("audit/", audit.show, name="audit"),
    path("audit/<int:event_id>/", proofs.line, name="proof"),
    path("audit/<int:event_id>/proof.txt", proofs.as_text, name="proof-text"),
    path("audit/<int:event_id>/leaf.json", proofs.leaf, name="proof-leaf"),
    path("audit/checkpoints/", proofs.checkpoints, name="checkpoints"),
    path("audit/checkpoints/<int:checkpoint_id>.txt", proofs.note, name="checkpoint-note"),
    path("audit/events.csv", audit.as_csv, name="audit-csv"),
    path("audit/events.jsonl", audit.as_json_lines, name="audit-jsonl"),
    path("artifacts/<digest:sha256>/", artifact.show, name="artifact"),
    path("catalog/", catalog.show, {"path": "catalog.json"}, name="catalog-root"),
    path("catalog/<path:path>", catalog.show, name="catalog"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
