"""How digests stand in addresses."""


class Digest:
    """64 lowercase hex signs; anything else is no address of ours."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
