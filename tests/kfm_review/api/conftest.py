"""What the API's tests need: a client that is signed in, and bytes in a store."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from kfm_review.accounts.models import User
from kfm_review.api import views
from pipelines.store import FileStore
from tests.kfm_review.world import person

SignedIn = Callable[[User], Client]


@pytest.fixture
def signed_in(db: None) -> SignedIn:  # noqa: ARG001  # people are rows
    """Return the client of a person."""

    def client_of(somebody: User) -> Client:
        client = Client()
        client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_of


@pytest.fixture
def client(signed_in: SignedIn) -> Client:
    """Return the client of somebody who may look."""
    return signed_in(person("rita", "reviewer"))


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> FileStore:
    """Return the store that the API reads."""
    settings.STORE_URL = tmp_path.as_uri()
    views._store.cache_clear()
    return FileStore(tmp_path / "candidates")
