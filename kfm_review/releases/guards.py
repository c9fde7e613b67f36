"""What the database itself refuses about releases, in its own words: the bodies of their triggers."""

APPROVED_REVIEW = """
IF NOT EXISTS (
    SELECT FROM reviews_review JOIN runs_run ON runs_run.id = reviews_review.run_id
    WHERE reviews_review.id = NEW.review_id AND reviews_review.status = 'approved'
      AND reviews_review.manifest_id = NEW.manifest_id AND reviews_review.asset_id = NEW.asset_id
      AND runs_run.channel = NEW.channel
      AND (reviews_review.needed <= (
          SELECT count(*) FROM (
              SELECT DISTINCT ON (by_id) verdict, role FROM reviews_decision
              WHERE review_id = NEW.review_id ORDER BY by_id, n DESC
          ) AS latest
          WHERE verdict = 'approve' AND reviews_review.roles @> to_jsonb(role)
      ) OR EXISTS (SELECT FROM releases_standinguse WHERE review_id = NEW.review_id))
) THEN
    RAISE EXCEPTION 'A release needs an approved review of exactly that manifest.';
END IF;
RETURN NEW;
"""
APPROVED_RELEASE = """
PERFORM FROM reviews_review JOIN releases_release ON releases_release.review_id = reviews_review.id
WHERE releases_release.id = NEW.release_id AND reviews_review.status = 'approved'
  AND reviews_review.manifest_id = releases_release.manifest_id
  AND releases_release.asset_id = NEW.asset_id AND releases_release.channel = NEW.channel
FOR SHARE OF reviews_review;
IF NOT FOUND THEN
    RAISE EXCEPTION 'A promotion needs a release of an approved review of exactly that manifest.';
END IF;
RETURN NULL;
"""
PUBLISHED_BEFORE = """
IF NEW.kind IN ('rollback', 'withdraw') AND NOT EXISTS (
    SELECT FROM releases_promotion earlier
    WHERE earlier.release_id = NEW.release_id AND earlier.kind = 'promote' AND earlier.status = 'done'
) THEN
    RAISE EXCEPTION 'Only a release that was published can be gone back to, or withdrawn.';
END IF;
RETURN NEW;
"""
VERIFIED_FIRST = """
IF NEW.kind <> 'withdraw' AND NOT EXISTS (
    SELECT FROM releases_verification verified
    JOIN releases_release ON releases_release.manifest_id = verified.manifest_id
    WHERE releases_release.id = NEW.release_id AND verified.reproduced
      AND (NEW.kind = 'rollback' OR verified.promotion_id = NEW.id)
) THEN
    RAISE EXCEPTION 'A promotion runs only once a second run has reproduced its manifest.';
END IF;
RETURN NEW;
"""
COVERED = """
IF NOT EXISTS (
    SELECT FROM releases_standingapproval approval
    JOIN reviews_review ON reviews_review.asset_id = approval.asset_id
    JOIN runs_manifest ON runs_manifest.digest = reviews_review.manifest_id
    WHERE approval.id = NEW.approval_id AND reviews_review.id = NEW.review_id
      AND reviews_review.outcome = 'PASS' AND runs_manifest.outcome = 'PASS'
      AND runs_manifest.label = 'public' AND runs_manifest.base <> 'none'
      AND approval.at <= NEW.at AND NEW.at < approval.until
      AND NOT EXISTS (SELECT FROM releases_standingend WHERE approval_id = approval.id)
      AND NOT EXISTS (
          SELECT FROM runs_gateresult WHERE manifest_id = runs_manifest.digest AND outcome <> 'PASS'
      )
) THEN
    RAISE EXCEPTION 'A standing approval covers clean runs of its own asset alone, while it is live.';
END IF;
RETURN NEW;
"""
