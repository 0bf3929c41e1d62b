"""Health and the single page that holds the screens."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie


def health_live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"live": True})


def health_ready(request: HttpRequest) -> HttpResponse:
    """Say whether the database answers; 503 if not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ready": False, "database": False}, status=503)
    return JsonResponse({"ready": True, "database": True})


@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """Serve the built pages; say what to do where they are not built."""
    index = settings.WEB_DIST / "index.html"
    if not index.is_file():
        return HttpResponse("pages are not built: run ./xiuhua up", status=503, content_type="text/plain")
    response = HttpResponse(index.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
