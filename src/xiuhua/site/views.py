"""Health, and the built pages: the first page and the files it loads."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".pbf": "application/x-protobuf",
}
# The build names a file by what is in it (name-hash.js): such a file never changes.
NAMED_BY_CONTENT = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
CODINGS = (("br", ".br"), ("gzip", ".gz"))


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


@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a file of the build as it lies there now, compressed where the build laid such a copy beside it."""
    file = settings.WEB_DIST / "assets" / name
    media_type = MEDIA_TYPES.get(file.suffix)
    if media_type is None:
        raise Http404
    wanted = _codings(request.headers.get("Accept-Encoding", ""))
    copies = (*((coding, suffix) for coding, suffix in CODINGS if coding in wanted), ("", ""))
    read = ((coding, _content(file.with_name(name + suffix))) for coding, suffix in copies)
    coding, content = next((one for one in read if one[1] is not None), ("", None))
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type=media_type)
    if coding:
        response["Content-Encoding"] = coding
    response["Vary"] = "Accept-Encoding"
    lasting = NAMED_BY_CONTENT.search(name) is not None
    response["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "public, max-age=3600"
    return response


def _codings(accepted: str) -> set[str]:
    parts = (part.replace(" ", "").lower() for part in accepted.split(","))
    return {part.partition(";")[0] for part in parts if not part.endswith(";q=0")}


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
