"""The page that a refused POST draws once more, with what was typed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse


def again(page: Callable[..., HttpResponse]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Name the page that the middleware answers with when the view's action refuses."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.again = page  # type: ignore[attr-defined]  # read by the middleware
        return view

    return mark
