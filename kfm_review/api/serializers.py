"""What the read API says about runs, reviews and releases."""

from typing import Any

from rest_framework import serializers

from kfm_review.accounts.models import User
from kfm_review.releases.models import Promotion, Release
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs import veil
from kfm_review.runs.models import (
    Artifact,
    Asset,
    Attempt,
    Diff,
    Document,
    Finding,
    GateResult,
    Manifest,
    Run,
)
from kfm_review.runs.withheld import Sight


class ArtifactSerializer(serializers.ModelSerializer[Artifact]):
    href = serializers.HyperlinkedIdentityField(
        view_name="api-artifact", lookup_field="sha256", help_text="where the bytes are, whole or in ranges"
    )

    class Meta:
        model = Artifact
        fields = ("role", "media_type", "sha256", "size", "href")


class DocumentSerializer(serializers.ModelSerializer[Document]):
    href = serializers.HyperlinkedIdentityField(view_name="api-artifact", lookup_field="sha256")

    class Meta:
        model = Document
        fields = ("kind", "sha256", "size", "href")


class FindingSerializer(serializers.ModelSerializer[Finding]):
    class Meta:
        model = Finding
        fields = ("rule", "message", "remedy", "where")


class GateResultSerializer(serializers.ModelSerializer[GateResult]):
    findings = FindingSerializer(many=True)

    class Meta:
        model = GateResult
        fields = (
            *("gate", "phase", "outcome", "measured", "limit", "value", "bound", "score", "evidence"),
            *("remedy", "findings"),
        )


class DiffSerializer(serializers.ModelSerializer[Diff]):
    class Meta:
        model = Diff
        fields = (
            *("state", "added", "removed", "changed", "moved", "decimals_only", "before_rows", "after_rows"),
            *("artifact", "why"),
        )


class ManifestSerializer(serializers.ModelSerializer[Manifest]):
    artifacts = ArtifactSerializer(many=True)
    gates = GateResultSerializer(many=True)
    diff = DiffSerializer(allow_null=True)

    class Meta:
        model = Manifest
        fields = (
            *("digest", "outcome", "score", "base", "input_hash", "content_digest", "label", "recorded_at"),
            *("diff", "gates", "artifacts"),
        )


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = (
            *("number", "worker", "sent_at", "started_at", "heartbeat_at", "ended_at", "step", "step_n"),
            *("step_of", "why"),
        )


class RunSerializer(serializers.ModelSerializer[Run]):
    asset = serializers.SlugRelatedField[Asset](slug_field="name", read_only=True)
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    author = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    manifest = serializers.PrimaryKeyRelatedField[Manifest](read_only=True, pk_field=serializers.CharField())

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            *("id", "alias", "asset", "edition", "channel", "status", "outcome", "trigger", "why"),
            *("requested_by", "author", "requested_at", "started_at", "ended_at", "base", "manifest"),
            *("unchanged", "unchanged_why", "failure"),
        )

    def to_representation(self, instance: Run) -> dict[str, Any]:
        """Say what is known of a run; why it failed may name a place."""
        veil.run(instance, _sight(instance))
        return super().to_representation(instance)


class RunDetailSerializer(RunSerializer):
    attempts = AttemptSerializer(many=True)
    documents = DocumentSerializer(many=True)
    content = ManifestSerializer(source="manifest", allow_null=True)

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "input_hash", "spec_hash", "attempts", "documents", "content")

    def to_representation(self, instance: Run) -> dict[str, Any]:
        """Say all of a run; what its gates found is withheld until the geometry is revealed."""
        told = super().to_representation(instance)
        if _sight(instance) is Sight.EXACT:
            return told
        told["attempts"] = [{**attempt, "why": ""} for attempt in told["attempts"]]
        for gate in (told["content"] or {"gates": ()})["gates"]:
            gate |= {"findings": [], "evidence": ""}
        return told


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Decision
        fields = ("by", "role", "n", "verdict", "reason", "at")


class ReviewSerializer(serializers.ModelSerializer[Review]):
    asset = serializers.SlugRelatedField[Asset](slug_field="name", read_only=True)
    run = serializers.PrimaryKeyRelatedField[Run](read_only=True, pk_field=serializers.UUIDField())
    manifest = serializers.PrimaryKeyRelatedField[Manifest](read_only=True, pk_field=serializers.CharField())
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    author = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    decisions = DecisionSerializer(many=True)

    class Meta:
        model = Review
        fields = (
            *(
                "id",
                "run",
                "asset",
                "family",
                "edition",
                "manifest",
                "status",
                "outcome",
                "reasons",
                "needed",
            ),
            *("roles", "requested_by", "author", "opened_at", "settled_at", "superseded_by", "stale_at"),
            *("stale_why", "decisions"),
        )

    def to_representation(self, instance: Review) -> dict[str, Any]:
        """Say all of a review but why its run failed, where that is withheld."""
        told = super().to_representation(instance)
        return told | {"reasons": veil.reasons(instance.reasons, _sight(instance))}


class PromotionSerializer(serializers.ModelSerializer[Promotion]):
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Promotion
        fields = (
            *("id", "kind", "status", "requested_by", "why", "at", "started_at", "ended_at", "failure"),
            *("checks", "documents"),
        )


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    asset = serializers.SlugRelatedField[Asset](slug_field="name", read_only=True)
    manifest = serializers.PrimaryKeyRelatedField[Manifest](read_only=True, pk_field=serializers.CharField())
    by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    promotions = PromotionSerializer(many=True)
    current = serializers.BooleanField(source="is_current")

    class Meta:
        model = Release
        fields = (
            "id",
            "asset",
            "channel",
            "number",
            "manifest",
            "review",
            "at",
            "by",
            "current",
            "promotions",
        )


def _sight(read: Run | Review) -> Sight:
    """Return how much of a row may be said; it is read only by who is cleared for it."""
    return Sight.EXACT if getattr(read, "is_exact", False) else Sight.FIGURES
