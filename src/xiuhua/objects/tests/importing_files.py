"""Helpers of the import tests: upload, preview, apply, as a browser does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xiuhua.objects.importing import run_import
from xiuhua.objects.tests.conftest import send

HEADER = "编号,名称,经度,纬度,道路,站型,座位数"
GOOD = ["A1,一站,121.1,31.0,中山路,港湾式,3", "A2,二站,121.3,31.0,人民路,kerb,", "A3,三站,121.15,31.05,人民路,,0"]


def uploaded(
    client: Client, content: bytes | str, *, name: str = "站点.csv", type_id: str = "test.stop", **more: str
) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    body = {"file": SimpleUploadedFile(name, raw), "type": type_id, **more}
    return client.post("/api/imports", body)


def previewed(
    client: Client, job: dict[str, Any], *, crs: str = "CGCS2000", mapping: dict[str, str] | None = None
) -> Any:
    chosen = mapping if mapping is not None else {one["column"]: one["to"] for one in job["mapping"]}
    return send(client, "POST", f"/imports/{job['id']}/preview", {"mapping": chosen, "crs": crs})


def applied(client: Client, job: dict[str, Any], *, keep_good: bool = False) -> Any:
    answer = send(client, "POST", f"/imports/{job['id']}/apply", {"keep_good": keep_good})
    if answer.status_code == 200:
        run_import(UUID(job["id"]))
        return send(client, "GET", f"/imports/{job['id']}")
    return answer


def undone(client: Client, job: dict[str, Any], why: str = "") -> Any:
    """Take an import back, as a browser and a worker do; return the answer, or the import as it ended."""
    answer = send(client, "POST", f"/imports/{job['id']}/undo", {"why": why})
    if answer.status_code == 200:
        run_import(UUID(job["id"]))
        return send(client, "GET", f"/imports/{job['id']}")
    return answer


def brought(
    client: Client, content: bytes | str, *, crs: str = "CGCS2000", keep_good: bool = False, **more: Any
) -> dict[str, Any]:
    """Take a file the whole way; return the import as it ended."""
    first = uploaded(client, content, **more)
    assert first.status_code == 200, first.content.decode()
    second = previewed(client, first.json(), crs=crs)
    assert second.status_code == 200, second.content.decode()
    last = applied(client, second.json(), keep_good=keep_good)
    assert last.status_code == 200, last.content.decode()
    found: dict[str, Any] = last.json()
    return found


def table(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows]) + "\r\n"


def counts_of(job: dict[str, Any]) -> tuple[int, int, int]:
    """Return how many an import added, changed and left."""
    found = job["counts"]
    return found["added"], found["changed"], found["unchanged"]
