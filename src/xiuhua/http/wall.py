"""The wall every call passes: text that no database takes stays outside, every failure has the one shape, and every
answer tells the browser what it may do with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, cast

from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from xiuhua.http.errors import problem
from xiuhua.kernel.errors import Invalid

PROBLEM = "application/problem+json"
SOURCES = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # Element Plus and MapLibre place what they draw by style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": SOURCES,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
}


class WallMiddleware:
    """Stands before all others; an answer that set one of the headers itself keeps its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _storable((request.path, *request.COOKIES.values())):
            response: HttpResponse = problem(request, 400, "http.not_text", {})
        else:
            response = self.get_response(request)
        if request.path.startswith("/api/") and response.status_code >= 400 and not _is_problem(response):
            response = _in_shape(request, response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class StrictParser(Parser):
    """Reads bodies and parameters; refuses NaN, infinities, and text with NUL or half a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the JSON body; whatever this raises becomes a 400."""
        return cast(dict[str, Any], read_json(request.body))

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return the parameters of a query or form; raises Invalid."""
        if not _storable(value for _, values in data.lists() for value in values if isinstance(value, str)):
            raise Invalid("http.not_text")
        return super().parse_querydict(data, list_fields, request)


def read_json(text: str | bytes) -> object:
    """Return what the JSON says; raises ValueError, RecursionError, Invalid for text that cannot be kept."""
    body: object = json.loads(text, parse_constant=_no_number)
    if not _storable(_texts(body)):
        raise Invalid("http.not_text")
    return body


def _in_shape(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    shaped = problem(request, status, "http.refused", {"status": status})
    if "Allow" in response.headers:
        shaped["Allow"] = response["Allow"]
    return shaped


def _is_problem(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith(PROBLEM)


def _storable(texts: Iterable[str]) -> bool:
    return all("\x00" not in text and text.encode(errors="replace").decode() == text for text in texts)


def _texts(body: object) -> Iterable[str]:
    """Return every text of the body, keys included."""
    waiting = [body]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
