"""One problem+json shape for every failure, and the table of its sentences."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from xiuhua.http.sentences import SENTENCES, sentence, sentences
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.kernel.words import Label

__all__ = ["SENTENCES", "add_handlers", "crashed", "csrf_failure", "language_of", "problem", "sentence", "sentences"]

log = logging.getLogger(__name__)

sentences(
    {
        "http.not_signed_in": Label(zh="尚未登录，登录后可继续", en="Not signed in; sign in to go on"),
        "http.csrf": Label(zh="页面已过期，刷新后重试", en="This page has expired; reload and try again"),
        "http.invalid": Label(zh="请求中有 {count} 处不合要求", en="{count} fields of the request cannot be taken"),
        "http.no_such_address": Label(zh="没有这个地址", en="There is nothing at this address"),
        "http.not_text": Label(
            zh="请求中有不能保存的字符（空字符或残缺的字符），去掉后重试",
            en="The request holds characters that cannot be kept (NUL or half a character); take them out and retry",
        ),
        "http.too_large": Label(zh="请求超过大小上限，分次提交", en="The request is too large; send it in parts"),
        "http.refused": Label(zh="请求未被接受（{status}）", en="The request was not accepted ({status})"),
        "http.database_busy": Label(
            zh="数据库现在繁忙或未就绪，本次操作未完成；几秒后重试",
            en="The database is busy or not ready now, so this was not done; try again in a few seconds",
        ),
        "http.internal": Label(
            zh="本次操作未完成，数据未改动；错误号 {request}",
            en="This was not done and nothing was changed; error {request}",
        ),
        "catalog.unknown": Label(zh="没有名为 {id} 的定义", en="Nothing is declared as {id}"),
    }
)


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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a call to an address that is not there."""
    return problem(request, 404, "http.no_such_address", {})


def crashed(request: HttpRequest) -> HttpResponse:
    """Answer a call that failed outside the API's own handlers, by the exception under way."""
    return _failed(request, sys.exc_info()[1])


def _failed(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database does not serve", exc_info=error)
        response = problem(request, 503, "http.database_busy", {})
        response["Retry-After"] = "3"
        return response
    log.error("crashed", exc_info=error)
    return problem(request, 500, "http.internal", {})


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

    def absent(request: HttpRequest, error: Any) -> HttpResponse:
        return not_found(request, error)

    def refused(request: HttpRequest, error: Any) -> HttpResponse:
        return problem(request, error.status_code, "http.refused", {"status": error.status_code})

    def malformed(request: HttpRequest, error: Any) -> HttpResponse:
        if isinstance(error, RequestDataTooBig):
            return problem(request, 413, "http.too_large", {})
        return problem(request, 400, "http.refused", {"status": 400})

    def unknown(request: HttpRequest, error: Any) -> HttpResponse:
        return _failed(request, error)

    api.add_exception_handler(XiuhuaError, known)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(HttpError, refused)
    api.add_exception_handler(Http404, absent)
    api.add_exception_handler(SuspiciousOperation, malformed)
    api.add_exception_handler(MultiPartParserError, malformed)
    api.add_exception_handler(Exception, unknown)
