"""How digests and assets stand in addresses."""

from django.urls.converters import StringConverter


class Digest:
    """64 lowercase hex signs; anything else is no address of ours."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class AssetName(StringConverter):
    """A family, or a family and its partition; no name of ours holds a sign that is not printed."""

    regex = r"[^\x00-\x1f]{1,200}"
