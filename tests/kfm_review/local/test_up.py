"""What `manage.py up` says when it cannot start."""

import socket

import pytest

from kfm_review.local import browser, up
from kfm_review.local.refusal import NotStarted


def test_a_taken_port_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "PORT_FREE_WITHIN_S", 0.1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotStarted, match=f"Port {port} cannot be had .* set KFM_PORT"):
            up.check_port(port)


def test_a_free_port_is_not_spoken_of() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    up.check_port(port)


def test_a_named_browser_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFM_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(NotStarted, match="there is no such program"):
        browser.find()
