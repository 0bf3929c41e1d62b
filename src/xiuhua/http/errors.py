"""One problem+json shape for every failure, and the table of its sentences."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from xiuhua.kernel.errors import XiuhuaError
from xiuhua.kernel.words import Label

log = logging.getLogger(__name__)

SENTENCES: dict[str, Label] = {}


def sentences(table: dict[str, Label]) -> None:
    """Add a room's sentences: code → Label with {param} places."""
    SENTENCES.update(table)


sentences(
    {
        "http.not_signed_in": Label(zh="尚未登录，登录后可继续", en="Not signed in; sign in to go on"),
        "http.csrf": Label(zh="页面已过期，刷新后重试", en="This page has expired; reload and try again"),
        "http.invalid": Label(zh="请求中有 {count} 处不合要求", en="{count} fields of the request cannot be taken"),
        "http.internal": Label(
            zh="本次操作未完成，数据未改动；错误号 {request}",
            en="This was not done and nothing was changed; error {request}",
        ),
        "people.not_visible": Label(
            zh="没有这一项，或不在您的查看范围", en="There is no such item within what you may see"
        ),
        "people.act_not_allowed": Label(zh="您的岗位不能做这一步：{act}", en="Your post may not do this: {act}"),
        "catalog.unknown": Label(zh="没有名为 {id} 的定义", en="Nothing is declared as {id}"),
    }
)


def sentence(code: str, params: dict[str, object], language: str) -> str:
    """Return the sentence of a code with its parameters filled in; the code itself if it has no sentence."""
    label = SENTENCES.get(code)
    if label is None:
        return code
    try:
        return label.in_language(language).format(**params)
    except (KeyError, IndexError):
        return label.in_language(language)


def language_of(request: HttpRequest) -> str:
    """Return "en" or "zh": the X-Language header, else Accept-Language, else Chinese."""
    wanted = request.headers.get("X-Language") or request.headers.get("Accept-Language", "")
    return "en" if wanted.lower().startswith("en") else "zh"


def problem(request: HttpRequest, status: int, code: str, params: dict[str, object]) -> JsonResponse:
    """Return the one error shape: type, title (a sentence), status, code, params, request."""
    request_id = getattr(request, "request_id", "")
    params = {"request": request_id, **params}
    body = {
        "type": f"urn:xiuhua:problem:{code}",
        "title": sentence(code, params, language_of(request)),
        "status": status,
        "code": code,
        "params": params,
        "request": request_id,
    }
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"default": str}
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a call without a valid CSRF token."""
    return problem(request, 403, "http.csrf", {})


def add_handlers(api: NinjaAPI) -> None:
    """Make the API answer every failure in the one shape."""

    def known(request: HttpRequest, error: Any) -> HttpResponse:
        if error.status >= 500:
            log.error("failed", extra={"code": error.code, "params": str(error.params)}, exc_info=error)
        return problem(request, error.status, error.code, dict(error.params))

    def invalid(request: HttpRequest, error: Any) -> HttpResponse:
        fields = [
            {"field": ".".join(str(part) for part in one["loc"][1:]), "problem": one["msg"]} for one in error.errors
        ]
        return problem(request, 422, "http.invalid", {"count": len(fields), "fields": fields})

    def unknown(request: HttpRequest, error: Any) -> HttpResponse:
        log.error("crashed", exc_info=error)
        return problem(request, 500, "http.internal", {})

    api.add_exception_handler(XiuhuaError, known)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(Exception, unknown)
