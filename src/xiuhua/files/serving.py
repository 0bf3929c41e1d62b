"""A file as an answer that no browser runs: the holding room calls this after its own permission check."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from xiuhua.files.content import SHOWN_INLINE, safe_name
from xiuhua.files.keeping import fetch


def answer(hash: str, *, name: str, media_type: str) -> HttpResponse:
    """Return the file's bytes, checked against their hash; only photos are shown in place. Raises Fault."""
    response = HttpResponse(fetch(hash), content_type=media_type)
    inline = media_type in SHOWN_INLINE
    response["Content-Disposition"] = content_disposition_header(not inline, safe_name(name, media_type)) or "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=600"
    return response
