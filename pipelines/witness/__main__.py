"""`python -m pipelines.witness`: cosign what continues the logs that are known, until told to stop."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

from pipelines.errors import NotProved
from pipelines.proof import keys, note, sshsig
from pipelines.witness.cosigning import Witness
from pipelines.witness.memory import Memory
from pipelines.witness.request import ORIGIN, WITNESS
from pipelines.witness.server import serving


def main() -> int:
    """Serve until SIGTERM or SIGINT; say in a sentence what is missing."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        file = Path(os.environ["KFM_KEY_FILE"])
        log_key = Path(os.environ["KFM_LOG_KEY"])
        place, port = Path(os.environ["KFM_WITNESS_PLACE"]), int(os.environ["KFM_WITNESS_PORT"])
        private = sshsig.load(file.read_bytes())
        logs(log_key)
    except KeyError as missing:
        sys.stderr.write(f"{missing} is not set: see README, Environment.\n")
        return 1
    except (OSError, ValueError, NotProved) as cause:
        sys.stderr.write(f"The witness cannot begin: {cause}\n")
        return 1
    witness = Witness(name=WITNESS, private=private, logs=lambda: logs(log_key), memory=Memory(place))
    server = serving(witness, port=port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=server.shutdown).start())
    server.serve_forever()
    return 0


def logs(file: Path) -> Sequence[note.Verifier]:
    """Return the keys of the log: a file of OpenSSH lines, read anew each time, as keys are exchanged."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(note.Verifier(name=ORIGIN, public=keys.read_line(line).ed25519()) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
