"""Logs: one JSON object a line, the request's id, and no secret."""

import json
import logging
import sys
from pathlib import Path

import pytest
from django.test import Client

from xiuhua.http.requests import request_id
from xiuhua.site.log import JsonLines, log_to_file
from xiuhua.stack.config import read_config
from xiuhua.stack.secrets import read_secret


def line(message: str, *arguments: object, **extra: object) -> dict[str, object]:
    record = logging.getLogger("xiuhua.test").makeRecord(
        "xiuhua.test", logging.INFO, "file", 1, message, arguments, None, extra=extra
    )
    parsed: dict[str, object] = json.loads(JsonLines("web", frozenset({"a-known-secret-value"})).format(record))
    return parsed


def test_a_line_says_when_who_and_what() -> None:
    found = line("case %s moved", "SJ-1", case="SJ-1", count=3)
    assert found["message"] == "case SJ-1 moved"
    assert (found["process"], found["level"], found["case"], found["count"]) == ("web", "info", "SJ-1", 3)
    assert str(found["at"]).endswith("+00:00")
    assert "request" not in found


def test_a_line_written_for_a_request_carries_its_id() -> None:
    token = request_id.set("0a1b2c3d")
    try:
        assert line("hello")["request"] == "0a1b2c3d"
    finally:
        request_id.reset(token)


def test_the_id_that_a_problem_shows_is_found_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="django.request"):
        answer = Client().get("/api/nothing-of-that-name")
    (record,) = caplog.records
    written = json.loads(JsonLines("web").format(record))
    assert written["request"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "text",
    [
        "connecting to nats://xiuhua:hunter2hunter2@127.0.0.1:4222",
        "postgresql://postgres:hunter2hunter2@db/xiuhua refused",
        "password=hunter2hunter2 given",
        '{"token": "hunter2hunter2"}',
        "Cookie: hunter2hunter2",
        "the value hunter2hunter2 is a-known-secret-value",
    ],
)
def test_no_secret_is_written(text: str) -> None:
    found = json.dumps(line(text))
    assert "hunter2hunter2 given" not in found and "a-known-secret-value" not in found
    if "known" not in text:
        assert "hunter2hunter2" not in found


def test_a_field_with_a_secret_name_is_blank() -> None:
    assert line("signed in", password="x", session_key="y", user="li")["password"] == "***"


def test_an_error_keeps_its_trace_without_the_secret() -> None:
    try:
        raise ValueError("nats://xiuhua:hunter2hunter2@host")
    except ValueError:
        record = logging.getLogger("t").makeRecord("t", logging.ERROR, "f", 1, "crashed", (), sys.exc_info())
    text = JsonLines("web").format(record)
    assert "ValueError" in text and "hunter2" not in text


def test_the_file_is_the_processes_own_and_hides_the_sites_secrets(tmp_path: Path) -> None:
    config = read_config({"XIUHUA_DATA": str(tmp_path)})
    secret = read_secret(tmp_path, "nats")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        log_to_file(config, "work")
        logging.getLogger("xiuhua.test").warning("this is %s", secret)
        for handler in root.handlers:
            handler.close()
    finally:
        root.handlers[:], root.level = handlers, level
        logging.captureWarnings(False)
    (written,) = (tmp_path / "logs" / "work.log").read_text().splitlines()
    assert json.loads(written)["message"] == "this is ***"
