"""The log of one run, kept where the parent process finds it when the run's own process is killed."""

import contextlib
import faulthandler
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipelines.model import Job

TAIL = 16_384


class Diary:
    """The files of one attempt: its log, and why it was stopped if that was said."""

    def __init__(self, order: Job) -> None:
        name = f"kfm-run-{order.run}.{order.attempt}"
        self._log = Path(tempfile.gettempdir()) / f"{name}.log"
        self._why = self._log.with_suffix(".why")

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Write down what is logged meanwhile, and where a crash happened; forget it if all goes well."""
        with self._log.open("w", encoding="utf-8") as page:
            handler = logging.StreamHandler(page)
            handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
            logging.getLogger().addHandler(handler)
            faulthandler.enable(page)
            try:
                yield
            finally:
                faulthandler.disable()
                logging.getLogger().removeHandler(handler)
        self.forget()

    def give_reason(self, why: str) -> None:
        """Leave word of why the run is about to be killed."""
        self._why.write_text(why, encoding="utf-8")

    def reason(self) -> str:
        """Return why the run was killed, if that was said."""
        return self._why.read_text(encoding="utf-8") if self._why.exists() else ""

    def tail(self) -> bytes:
        """Return the end of the log."""
        try:
            return self._log.read_bytes()[-TAIL:]
        except FileNotFoundError:
            return b""

    def forget(self) -> None:
        """Take both files away."""
        self._log.unlink(missing_ok=True)
        self._why.unlink(missing_ok=True)
