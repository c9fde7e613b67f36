"""Print how long pages take over HTTP beside a million runs: `python -m tests.bench.queue_page`."""

import http.cookiejar
import os
import re
import statistics
import sys
import time
import urllib.parse
import urllib.request

import psycopg

from tests.stack import Running, stack

RUNS, REVIEWS, OPEN, MANIFESTS = 1_000_000, 200_000, 400, 2_000
ASKED, WARM = 200, 20
PAGES = ("/queue/", "/queue/?gate=keys&turn=mine", "/runs/", "/runs/?status=recorded")
SIZES = {"runs": RUNS, "reviews": REVIEWS, "every": REVIEWS // OPEN, "manifests": MANIFESTS}
# Rows by rule, past triggers and history: only their number matters here.
ROWS = """
SET session_replication_role = replica;
INSERT INTO runs_asset (name, family, partition, title)
  SELECT 'ks_airports/' || n, 'ks_airports', n, 'Airports' FROM generate_series(1, 40) n;
INSERT INTO runs_manifest (digest, asset_id, family, edition, body, outcome, score, base, label, recorded_at)
  SELECT lpad(n::text, 64, '0'), 1 + n % 40, 'ks_airports', 'e' || n % 90, '{"labels": {"sovereignty": []}}',
    (ARRAY['REVIEW', 'FAIL', 'PASS', 'ERROR'])[1 + n % 4], 0.97, 'none', 'public',
    now() - n * interval '1 minute'
  FROM generate_series(1, :manifests) n;
INSERT INTO runs_diff (manifest_id, state, added, removed, changed, moved, decimals_only, why)
  SELECT digest, 'compared', 19, 13, 299, 12, 289, '' FROM runs_manifest;
INSERT INTO runs_artifact (manifest_id, role, media_type, sha256, size)
  SELECT digest, 'thumbnail', 'image/svg+xml', digest, 9000 FROM runs_manifest;
INSERT INTO runs_run (id, alias, asset_id, edition, channel, status, requested_at, request_key, why, uploads,
    base, attempts_left, manifest_id, outcome, unchanged, unchanged_why, failure, trigger, ended_at)
  SELECT lpad(to_hex(n), 32, '0')::uuid, 'sedge-' || n, 1 + n % 40, 'e' || n % 90, 'public', 'recorded',
    now() - (:runs - n) * interval '1 second', md5(n::text), '', '{}', 'none', 2,
    lpad((1 + n % :manifests)::text, 64, '0'), 'REVIEW', false, '', '', 'person', now()
  FROM generate_series(1, :runs) n;
INSERT INTO reviews_review (run_id, asset_id, family, edition, manifest_id, status, outcome, reasons, needed,
    roles, opened_at, stale_why)
  SELECT lpad(to_hex(n), 32, '0')::uuid, 1 + n % 40, 'ks_airports', 'e' || n % 90,
    lpad((1 + n % :manifests)::text, 64, '0'), CASE WHEN n % :every = 0 THEN 'open' ELSE 'superseded' END,
    'REVIEW', '[{"gate": "keys", "outcome": "REVIEW", "measured": "1 code reused", "limit": "0"}]', 1,
    '["reviewer"]', now() - (:reviews - n) * interval '1 second', ''
  FROM generate_series(1, :reviews) n;
SET session_replication_role = origin;
ANALYZE;
"""


def main() -> None:
    """Fill a database, sign in, ask for pages one after the other."""
    with stack(durable=False) as running:
        told = running.manage("people", "demo")
        with psycopg.connect(running.told.owner_url, autocommit=True) as owner:
            owner.execute(filled().encode())
        say(f"{os.cpu_count()} cores; {RUNS:,} runs, {OPEN} open reviews")
        opener = signed_in(running, told)
        for page in PAGES:
            for _ in range(WARM):
                seconds(opener, running.address + page)
            took = sorted(seconds(opener, running.address + page) * 1000 for _ in range(ASKED))
            say(f"{page}: p50 {statistics.median(took):.1f} ms, p95 {took[int(ASKED * 0.95)]:.1f} ms")


def filled() -> str:
    """Return the statements that make the rows, with their numbers in place."""
    rows = ROWS
    for name, size in SIZES.items():
        rows = rows.replace(f":{name}", str(size))
    return rows


def signed_in(running: Running, told: str) -> urllib.request.OpenerDirector:
    """Return a browser of sorts in which the demo reviewer has signed in."""
    password = re.search(r"^\s*reviewer\s+(\S+)$", told, re.MULTILINE)
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = opener.open(f"{running.address}/sign-in/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if token is None or password is None:
        raise LookupError("The sign-in page has no token, or there is no demo reviewer.")
    typed = {"username": "reviewer", "password": password[1], "csrfmiddlewaretoken": token[1]}
    opener.open(f"{running.address}/sign-in/", urllib.parse.urlencode(typed).encode()).read()
    return opener


def seconds(opener: urllib.request.OpenerDirector, address: str) -> float:
    """Return how long one page took, to its last byte."""
    began = time.perf_counter()
    opener.open(address).read()
    return time.perf_counter() - began


def say(words: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
