"""Names for new runs: ids that sort by time, aliases that people can say, secrets nobody can guess."""

import secrets
from datetime import datetime
from uuid import UUID

PLANTS = (
    *(
        "bluestem",
        "switchgrass",
        "indiangrass",
        "grama",
        "buffalograss",
        "sunflower",
        "milkweed",
        "coneflower",
    ),
    *(
        "goldenrod",
        "yarrow",
        "sumac",
        "cottonwood",
        "hackberry",
        "hedgeapple",
        "redbud",
        "sandplum",
        "sorghum",
    ),
    *(
        "wheat",
        "leadplant",
        "prairieclover",
        "larkspur",
        "primrose",
        "ironweed",
        "wildrye",
        "dropseed",
        "sedge",
    ),
)
VERSION, VARIANT = 0x7, 0b10


def run_id(at: datetime) -> UUID:
    """Return a new UUIDv7: it begins with the time."""
    milliseconds = int(at.timestamp() * 1000)
    high = (milliseconds << 16) | (VERSION << 12) | secrets.randbits(12)
    return UUID(int=(high << 64) | (VARIANT << 62) | secrets.randbits(62))


def alias(number: int) -> str:
    """Return what people call the run of that number."""
    return f"{PLANTS[number % len(PLANTS)]}-{number}"


def secret() -> str:
    """Return what only the worker of one attempt will know."""
    return secrets.token_hex(32)
