"""A database that takes no further connection: every call is told so in the one shape; none looks like a crash."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client


@pytest.fixture
def full(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Return a browser with an old session, at a site whose database is full."""

    def refuse(*_: object) -> None:
        raise OperationalError("FATAL: sorry, too many clients already")

    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    connection.close()
    with monkeypatch.context() as patched:
        patched.setattr(DatabaseWrapper, "get_new_connection", refuse)
        yield client


@pytest.mark.parametrize("path", ["/api/session", "/api/cases", "/api/catalog", "/api/live"])
def test_a_call_is_told_to_come_again(full: Client, path: str) -> None:
    answer = full.get(path, headers={"accept-language": "zh"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "http.database_busy" and "数据库" in answer.json()["title"]


def test_what_needs_no_database_is_answered(full: Client) -> None:
    assert full.get("/health/live").status_code == 200
    assert full.get("/health/ready").status_code == 503
