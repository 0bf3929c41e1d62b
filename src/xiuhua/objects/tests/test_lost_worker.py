"""A worker killed in the middle of an import, or of undoing one, leaves nothing behind; the next takes it up again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any, cast
from urllib.parse import quote, urlencode

import pytest
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from xiuhua.ledger.models import History
from xiuhua.objects import jobs
from xiuhua.objects.import_actions import TASK, undo
from xiuhua.objects.importing import resume_imports
from xiuhua.objects.imports.actors import actor_from_json
from xiuhua.objects.models import CityObject, ImportJob
from xiuhua.objects.tests.conftest import make_district, send, signed_in
from xiuhua.objects.tests.importing_files import previewed, table, uploaded

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 3000
STUCK_WORKER = """
import sys, time, django
django.setup()
from xiuhua.catalog.catalogue import install, Catalogue
from xiuhua.objects.tests.conftest import TYPES
from xiuhua.objects import importing, undoing
from xiuhua.objects.imports import writing
install(Catalogue(packs={}, objects={one.id: one for one in TYPES}, cases={}, rules={}, rounds={}, analyses={},
                  indicators={}, code_lists={}, scales={}, posts={}))
writing.record_many = undoing.record_many = lambda *_: time.sleep(120)
importing.run_import(sys.argv[1])
"""


def queued_import() -> ImportJob:
    make_district()
    client = signed_in("chief", "310117", "data_officer")
    rows = (f"A{at},站{at},121.1,31.0,路,," for at in range(ROWS))
    job = previewed(client, uploaded(client, table(*rows)).json()).json()
    answer = send(client, "POST", f"/imports/{job['id']}/apply", {"keep_good": False})
    assert answer.json()["state"] == "running"
    return ImportJob.objects.get()


def kill_in_the_middle(job: ImportJob) -> None:
    """Start a worker that stops after the rows are written, before history and commit; kill it there."""
    database: dict[str, Any] = connection.settings_dict
    url = f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'])}@/{database['NAME']}?" + urlencode(
        {"host": database["HOST"], "port": database["PORT"]}
    )
    environment = {**os.environ, "XIUHUA_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "xiuhua.site.settings"}
    worker = subprocess.Popen([sys.executable, "-c", STUCK_WORKER, str(job.id)], env=environment)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and worker.poll() is None:
            job.refresh_from_db()
            if job.progress > 0.75:
                break
            time.sleep(0.05)
        assert worker.poll() is None
        assert job.progress > 0.75
        assert resume_imports() == []
    finally:
        worker.kill()
        worker.wait()
    until = time.monotonic() + 20
    while time.monotonic() < until and not (lost := resume_imports()):
        time.sleep(0.05)
    assert lost == [job.id]


def work_off() -> None:
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as running:
        running.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def test_a_killed_import_leaves_nothing_and_is_finished_by_the_next_worker() -> None:
    job = queued_import()
    kill_in_the_middle(job)
    assert not CityObject.objects.exists()
    assert not History.objects.filter(entity="object").exists()
    jobs.queue_lost_imports()
    assert ProcrastinateJob.objects.filter(task_name=TASK).count() == 2
    work_off()
    job.refresh_from_db()
    assert (job.state, job.tries, job.progress) == ("done", 2, 1.0)
    assert CityObject.objects.count() == History.objects.filter(entity="object").count() == ROWS
    assert resume_imports() == []
    connections.close_all()


def test_a_killed_undo_leaves_everything_and_is_finished_by_the_next_worker() -> None:
    job = queued_import()
    work_off()
    ImportJob.objects.filter(id=job.id).update(progress=0)
    undo(actor_from_json(job.actor), job.id, why="拿错了")
    kill_in_the_middle(job)
    assert CityObject.objects.filter(version=1, removed_at__isnull=True).count() == ROWS
    assert not History.objects.filter(action="undone").exists()
    jobs.queue_lost_imports()
    work_off()
    job.refresh_from_db()
    assert (job.state, job.tries, job.progress) == ("undone", 2, 1.0)
    assert not CityObject.objects.filter(removed_at__isnull=True).exists()
    assert History.objects.filter(entity="object", action="undone", why="拿错了").count() == ROWS
    assert resume_imports() == []
    connections.close_all()


def test_an_undo_interrupted_too_often_leaves_the_import_done() -> None:
    job = queued_import()
    ImportJob.objects.filter(id=job.id).update(state="undoing", tries=3, started_at=job.created_at)
    assert resume_imports() == []
    job.refresh_from_db()
    assert (job.state, job.fault) == ("done", "objects.undo_interrupted")


def test_an_import_interrupted_too_often_is_marked_failed() -> None:
    job = queued_import()
    ImportJob.objects.filter(id=job.id).update(tries=3, started_at=job.created_at)
    assert resume_imports() == []
    job.refresh_from_db()
    assert (job.state, job.fault) == ("failed", "objects.import_interrupted")
