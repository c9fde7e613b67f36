"""People at their browsers: they sign in, ask, decide, and know whether they were answered."""

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from uuid import uuid4

PATIENCE_S = 60
NO_ANSWER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    location: str
    words: str

    @property
    def taken(self) -> bool:
        """Say whether the person was told that it was done."""
        return self.status in (200, 302)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer."""

    def redirect_request(self, *_: object) -> None:
        return None


class Person:
    def __init__(self, address: str, *, name: str, password: str) -> None:
        self._address = address
        self._cookies = CookieJar()
        self._browser = urllib.request.build_opener(
            _Stay, urllib.request.HTTPCookieProcessor(self._cookies), urllib.request.ProxyHandler({})
        )
        self.get("/sign-in/")
        answer = self.post("/sign-in/", username=name, password=password)
        if not answer.taken:
            raise ConnectionError(f"{name} was not let in: {answer.status}")

    def get(self, path: str) -> Answer:
        """Look at a page."""
        return self._ask(urllib.request.Request(self._address + path))  # noqa: S310  # our own address

    def post(self, path: str, *, files: Mapping[str, bytes] | None = None, **fields: str) -> Answer:
        """Send a form, perhaps with a file for an input."""
        token = {cookie.name: cookie.value or "" for cookie in self._cookies}["csrftoken"]
        if files:
            kind, body = _multipart(fields, files)
        else:
            kind, body = "application/x-www-form-urlencoded", urllib.parse.urlencode(fields).encode()
        headers = {"Content-Type": kind, "X-CSRFToken": token}
        told = urllib.request.Request(self._address + path, data=body, headers=headers)  # noqa: S310  # ours
        return self._ask(told)

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with self._browser.open(request, timeout=PATIENCE_S) as answer:
                return Answer(status=answer.status, location="", words=answer.read().decode())
        except urllib.error.HTTPError as answer:
            location = answer.headers.get("Location", "")
            return Answer(status=answer.code, location=location, words=answer.read().decode())
        except (OSError, http.client.HTTPException) as silence:
            return Answer(status=NO_ANSWER, location="", words=f"{type(silence).__name__}: {silence}")


def _multipart(fields: dict[str, str], files: Mapping[str, bytes]) -> tuple[str, bytes]:
    border = uuid4().hex
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = "".join(parts).encode()
    for name, file in files.items():
        about = f'Content-Disposition: form-data; name="file-{name}"; filename="delivered"'
        body += f"--{border}\r\n{about}\r\n\r\n".encode() + file + b"\r\n"
    body += f"--{border}--\r\n".encode()
    return f"multipart/form-data; boundary={border}", body
