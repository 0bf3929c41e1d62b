"""A file as an answer, in pieces, on either kind of server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse

PIECE = 64 * 1024


def file_response(request: HttpRequest, stream: BinaryIO, *, filename: str) -> StreamingHttpResponse:
    """Return the stream as a download; it is closed when sent."""
    if not isinstance(request, ASGIRequest):
        return FileResponse(stream, as_attachment=True, filename=filename)
    response = StreamingHttpResponse(_pieces(stream), content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(filename)}"
    return response


async def _pieces(stream: BinaryIO) -> AsyncIterator[bytes]:
    with stream:
        while piece := await asyncio.to_thread(stream.read, PIECE):
            yield piece
