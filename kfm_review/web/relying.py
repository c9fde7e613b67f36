"""Where passkeys are used: the origin of a request, and the name that passkeys are made for."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

LOOPBACK = "127.0.0.1"


def origin(request: HttpRequest) -> str:
    """Return the origin that a browser tells a passkey."""
    return f"{request.scheme}://{request.get_host()}"


def rp_id(request: HttpRequest) -> str:
    """Return the name that passkeys of this place are made for."""
    return settings.KFM_RP_ID or urlsplit(origin(request)).hostname or ""


def elsewhere(request: HttpRequest) -> str:
    """Return the address of the same page where passkeys work, or nothing where they do.

    They are made for a name, never for a number, and for pages of that name or below it.
    """
    host, named = request.get_host(), urlsplit(origin(request)).hostname or ""
    if host.startswith(LOOPBACK):
        return f"{request.scheme}://localhost{host.removeprefix(LOOPBACK)}{request.get_full_path()}"
    own = settings.KFM_RP_ID
    if own and named != own and not named.endswith(f".{own}"):
        return f"{request.scheme}://{own}{request.get_full_path()}"
    return ""
