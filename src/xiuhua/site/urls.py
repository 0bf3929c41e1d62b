"""Addresses: the API, health, and the pages for everything else."""

from __future__ import annotations

from django.urls import path, re_path

from xiuhua.people.live import live
from xiuhua.site.api import api
from xiuhua.site.views import asset, health_live, health_ready, page

urlpatterns = [
    path("api/live", live),
    path("api/", api.urls),
    path("health/live", health_live),
    path("health/ready", health_ready),
    re_path(r"^assets/([A-Za-z0-9_][A-Za-z0-9_.-]*)$", asset),
    re_path(r"^(?!api/|assets/|health/).*$", page),
]
handler404 = "xiuhua.http.errors.not_found"
handler500 = "xiuhua.http.errors.crashed"
