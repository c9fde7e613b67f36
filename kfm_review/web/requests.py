"""A request as our middleware hands it on: somebody signed in, with what he holds at this moment."""

from django.http import HttpRequest

from kfm_review.accounts.models import User
from kfm_review.people.queries import Viewer


class Request(HttpRequest):
    user: User
    viewer: Viewer
