"""STAC's schemas, all at hand: the core from pystac, the extensions restated by us; none is ever fetched."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pystac
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from pystac.validation.stac_validator import GetSchemaError, JsonSchemaSTACValidator

from pipelines import digest
from pipelines.errors import DocumentInvalid
from pipelines.model import Json

_SCHEMAS = Path(__file__).parent.parent / "schemas"
_PUBLIC = "https://stac-extensions.github.io"
VERSION_OF_STAC = "1.1.0"
KFM = "urn:kfm:stac:v1.0.0"
FILE = f"{_PUBLIC}/file/v2.1.0/schema.json"
PROCESSING = f"{_PUBLIC}/processing/v1.2.0/schema.json"
PROJECTION = f"{_PUBLIC}/projection/v2.0.0/schema.json"
SCIENTIFIC = f"{_PUBLIC}/scientific/v1.0.0/schema.json"
TABLE = f"{_PUBLIC}/table/v1.2.0/schema.json"
TIMESTAMPS = f"{_PUBLIC}/timestamps/v1.1.0/schema.json"
VERSION = f"{_PUBLIC}/version/v1.2.0/schema.json"
ITEM_EXTENSIONS = (FILE, PROCESSING, PROJECTION, SCIENTIFIC, TABLE, KFM)
PUBLISHED_EXTENSIONS = (*ITEM_EXTENSIONS, TIMESTAMPS, VERSION)


class OfflineValidator(JsonSchemaSTACValidator):
    """pystac's validator with every schema compiled once, which refuses what it has not got."""

    def __init__(self) -> None:
        super().__init__()
        self.schema_cache.update(_extensions())
        self._compiled: dict[str, Validator] = {}

    def _get_schema(self, schema_uri: str) -> dict[str, Any]:
        if schema_uri not in self.schema_cache:
            raise GetSchemaError(
                schema_uri, DocumentInvalid("Nothing is fetched: use an extension that is at hand.")
            )
        return self.schema_cache[schema_uri]

    def _validate_from_uri(
        self,
        stac_dict: dict[str, Any],
        stac_object_type: pystac.STACObjectType,
        schema_uri: str,
        href: str | None = None,
    ) -> None:
        errors = list(self._validator(schema_uri).iter_errors(stac_dict))
        if errors:
            at = f" at {href}" if href else ""
            raise pystac.STACValidationError(
                f"This {stac_object_type}{at} breaks {schema_uri}: {errors[0].message}", source=errors
            )

    def warm(self) -> None:
        """Compile every schema that our Items use."""
        core = self.schema_uri_map.get_object_schema_uri(pystac.STACObjectType.ITEM, VERSION_OF_STAC)
        for schema_uri in (core, *PUBLISHED_EXTENSIONS):
            if schema_uri is not None:
                self._validator(schema_uri)

    def _validator(self, schema_uri: str) -> Validator:
        if schema_uri not in self._compiled:
            schema = self._get_schema(schema_uri)
            Draft7Validator.check_schema(schema)
            self._compiled[schema_uri] = Draft7Validator(schema, registry=self.registry)
        return self._compiled[schema_uri]


@lru_cache(maxsize=1)
def validator() -> OfflineValidator:
    """Return the one validator of this process."""
    return OfflineValidator()


def wrong(read: Json, *, kind: pystac.STACObjectType) -> tuple[tuple[str, str], ...]:
    """Return where a document breaks STAC or one of its extensions, and how."""
    if read.get("type") != kind.value or read.get("stac_version") != VERSION_OF_STAC:
        return (("type", f"This is not a STAC {VERSION_OF_STAC} {kind.value}."),)
    extensions = read.get("stac_extensions", [])
    if unknown := sorted(str(one) for one in extensions if one not in PUBLISHED_EXTENSIONS):
        return (("stac_extensions", f"Extensions that are not ours to use: {', '.join(unknown)}."),)
    try:
        validator().validate(read, kind, VERSION_OF_STAC, extensions)
    except pystac.STACValidationError as refusal:
        return tuple(_places(refusal.source))
    return ()


def _places(errors: Any) -> Iterator[tuple[str, str]]:
    for error in errors:
        best: ValidationError = error
        while best.context:
            best = max(best.context, key=lambda one: len(one.absolute_path))
        yield ".".join(str(part) for part in best.absolute_path), best.message


def _extensions() -> dict[str, Json]:
    restated = digest.read_json((_SCHEMAS / "stac-extensions.schema.json").read_bytes())["$defs"]
    return {**restated, KFM: digest.read_json((_SCHEMAS / "stac-kfm.schema.json").read_bytes())}
