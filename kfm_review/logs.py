"""Log lines as JSON, one object a line."""

import json
import logging
from datetime import UTC, datetime
from http import HTTPStatus


class Lines(logging.Formatter):
    """Write each record as one line that a machine can read."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Unready(logging.Filter):
    """Leave out what a probe is told while the house is not ready: that is an answer, not a fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE
