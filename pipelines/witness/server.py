"""The witness over HTTP, as C2SP tlog-witness has it: one address, one deed."""

import logging
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pipelines.witness.cosigning import Answer, Witness
from pipelines.witness.memory import MemoryDamaged

log = logging.getLogger(__name__)

PATH = "/add-checkpoint"
LONGEST = 64 * 1024
PATIENCE_S = 10.0


class Handler(BaseHTTPRequestHandler):
    """Answers for one witness."""

    witness: Witness
    timeout = PATIENCE_S
    protocol_version = "HTTP/1.1"
    server_version = "kfm-witness"
    sys_version = ""

    def do_POST(self) -> None:
        """Cosign a checkpoint, or say why not."""
        body = self._body()
        if self.path != PATH:
            self._say(Answer(status=HTTPStatus.NOT_FOUND, words=f"Only {PATH} is here.\n"))
        elif body is None:
            self._say(Answer(status=HTTPStatus.BAD_REQUEST, words="The request has no bounded length.\n"))
        else:
            self._say(self._answer(body))

    def _answer(self, body: bytes) -> Answer:
        try:
            return self.witness.add_checkpoint(body, at=int(time.time()))
        except MemoryDamaged as why:
            log.critical("%s", why)
            return Answer(status=HTTPStatus.INTERNAL_SERVER_ERROR, words=f"{why}\n")

    def _body(self) -> bytes | None:
        told = self.headers.get("Content-Length", "")
        if not told.isascii() or not told.isdigit() or int(told) > LONGEST:
            self.close_connection = True
            return None
        return self.rfile.read(int(told))

    def _say(self, answer: Answer) -> None:
        words = answer.words.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Log in one line."""
        log.info(format, *args)


def serving(witness: Witness, *, port: int) -> ThreadingHTTPServer:
    """Return a server on this machine's own address that answers for a witness."""
    return ThreadingHTTPServer(("127.0.0.1", port), type("Answers", (Handler,), {"witness": witness}))
