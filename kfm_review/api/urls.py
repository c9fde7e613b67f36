"""The addresses of the read API."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from kfm_review.api import views

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("runs/", views.Runs.as_view(), name="api-runs"),
    path("runs/<uuid:pk>/", views.OneRun.as_view(), name="api-run"),
    path("reviews/", views.Reviews.as_view(), name="api-reviews"),
    path("reviews/<int:pk>/", views.OneReview.as_view(), name="api-review"),
    path("releases/", views.Releases.as_view(), name="api-releases"),
    path("releases/<int:pk>/", views.OneRelease.as_view(), name="api-release"),
    re_path(r"^artifacts/(?P<sha256>[0-9a-f]{64})/$", views.ArtifactBytes.as_view(), name="api-artifact"),
]
