"""At a node: what is kept at the centre is not changed here."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from xiuhua.http.errors import problem

READING = ("GET", "HEAD", "OPTIONS")
# What people of a town do while the line is cut: sign in, look after alarms and cases, send readings.
HERE = re.compile(r"^/api/(session|cases|alarms|edge/cases|readings$|objects/export|indicators)(/|$)")


class EdgeWallMiddleware:
    """Refuses, at a node only, calls that would change registers, rules, people, rounds or runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        town = settings.CONFIG.edge
        if town and request.path.startswith("/api/") and request.method not in READING and not HERE.match(request.path):
            return problem(request, 409, "edge.kept_at_centre", {"town": town})
        return self.get_response(request)
