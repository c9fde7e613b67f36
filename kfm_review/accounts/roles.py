"""The roles a person may hold."""

from enum import StrEnum


class Role(StrEnum):
    STEWARD = "steward"
    REVIEWER = "reviewer"
    GOVERNANCE = "governance"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"
    ADMIN = "admin"


ALL_FAMILIES = ""
Held = frozenset[tuple[str, str]]  # (role, family); the family "" stands for all
