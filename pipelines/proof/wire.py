"""The strings and numbers of SSH's wire format (RFC 4251 §5), read within bounds and to the last byte."""

from pipelines.errors import NotProved

LONGEST = 64 * 1024


class Reader:
    """Bytes that are read from the front; whoever asks for more than there is, is refused."""

    def __init__(self, content: bytes, *, of: str) -> None:
        if len(content) > LONGEST:
            raise NotProved(f"{of} has {len(content):,} bytes; at most {LONGEST:,} are read.")
        self._left = memoryview(content)
        self._of = of

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if count > len(self._left):
            raise NotProved(f"{self._of} ends too early.")
        taken, self._left = bytes(self._left[:count]), self._left[count:]
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """Return a uint32."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Return a string: a uint32 of its length, then its bytes."""
        return self.take(self.number())

    def text(self) -> str:
        """Return a string that is ASCII."""
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError as cause:
            raise NotProved(f"{self._of} holds a name that is not ASCII.") from cause

    def end(self) -> None:
        """Refuse whatever is left."""
        if self._left:
            raise NotProved(f"{self._of} goes on for {len(self._left)} bytes after its end.")


def string(content: bytes) -> bytes:
    """Return a string as it is written."""
    return len(content).to_bytes(4, "big") + content


def number(value: int) -> bytes:
    """Return a uint32 as it is written."""
    return value.to_bytes(4, "big")


def mpint(value: int) -> bytes:
    """Return a whole number, not negative, as an mpint is written."""
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big") if value else b"")


def positive(content: bytes, *, of: str) -> int:
    """Return the number an mpint's bytes say; refuse a negative one, zero, and needless zeros in front."""
    if not content or content[0] & 0x80 or (content[0] == 0 and (len(content) == 1 or not content[1] & 0x80)):
        raise NotProved(f"{of} holds a number that is not positive, or not in its shortest form.")
    return int.from_bytes(content, "big")
