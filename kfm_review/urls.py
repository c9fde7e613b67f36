"""All addresses: the pages and the read API, and the pages that say what went wrong."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("kfm_review.api.urls")),
    path("", include("kfm_review.web.urls")),
]

handler400 = "kfm_review.web.views.errors.bad_request"
handler403 = "kfm_review.web.views.errors.not_allowed"
handler404 = "kfm_review.web.views.errors.not_found"
handler500 = "kfm_review.web.views.errors.failed"
