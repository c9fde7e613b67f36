"""Print what one judgement of policy costs: `python -m tests.bench.policy`."""

import json
import statistics
import sys
import time
from pathlib import Path

from pipelines import digest, rego
from pipelines.model import Json

GOOD = Path(__file__).parents[1] / "pipelines" / "policies" / "good.json"
LIKE = 10_000  # bytes of input
ROUNDS, WARM = 2_000, 100
GOAL_MS, GOAL_A_SECOND = 0.5, 2_000


def asked() -> Json:
    """Return an input of all rules of materialisations that is about as large as the goal says."""
    told: Json = json.loads(GOOD.read_bytes())["good"]["generalized"]["input"]
    while len(digest.canonical(told)) < LIKE:
        told["labels"]["artifacts"].append(told["labels"]["artifacts"][0])
    return told


def main() -> int:
    """Judge the same input again and again; 1 where a goal is missed."""
    told, engine = asked(), rego.engine()
    canonical = digest.canonical(told)
    entry = engine._told["entrypoints"]["materialisation"]
    whole = _timed(lambda: engine.judge("materialisation", told))
    inner = _timed(lambda: engine._machine.ask(entry, canonical))
    sys.stdout.write(f"{len(canonical):,} bytes of input, {len(engine.required('materialisation'))} rules\n")
    for name, times in (("judgement by the engine", inner), ("with schema and digests", whole)):
        p95 = statistics.quantiles(times, n=20)[-1]
        sys.stdout.write(
            f"{name:<25} p50 {statistics.median(times):.3f} ms  p95 {p95:.3f} ms"
            f"  {1000 * len(times) / sum(times):,.0f} a second\n"
        )
    p95 = statistics.quantiles(inner, n=20)[-1]
    return 0 if p95 <= GOAL_MS and 1000 * len(inner) / sum(inner) >= GOAL_A_SECOND else 1


def _timed(deed: object) -> list[float]:
    assert callable(deed)
    times = []
    for n in range(ROUNDS + WARM):
        begun = time.perf_counter()
        deed()
        if n >= WARM:
            times.append((time.perf_counter() - begun) * 1000)
    return times


if __name__ == "__main__":
    sys.exit(main())
