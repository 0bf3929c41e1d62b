"""A client that we did not write (frost-sta-client) against the real server, message server and ingest worker."""

from __future__ import annotations

import dataclasses
import secrets
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import frost_sta_client as fsc
import pytest
import requests
import uvicorn
from django.contrib.sessions.backends.db import SessionStore
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from pytest_django import Settings

from xiuhua.kernel.actor import system_actor
from xiuhua.people.actions import make_user
from xiuhua.readings.models import Datastream, Latest
from xiuhua.readings.tests.test_stream_trial import wait_until
from xiuhua.readings.tests.trial import Servers, free_port, register_signs

pytestmark = pytest.mark.django_db(transaction=True)
Service = Any


class Session(fsc.AuthHandler):  # type: ignore[misc]
    """Shows the session of a person who signed in, as a browser does."""

    def __init__(self, session: str) -> None:
        super().__init__("", "")
        self.token, self.session = secrets.token_hex(16), session

    def add_auth_header(self) -> Any:
        return self

    def __call__(self, call: requests.PreparedRequest) -> requests.PreparedRequest:
        call.headers["Cookie"] = f"sessionid={self.session}; csrftoken={self.token}"
        call.headers["X-CSRFToken"] = self.token
        return call


@pytest.fixture
def service(tmp_path: Path, settings: Settings) -> Iterator[Service]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE readings_reading")
    servers = Servers(data=tmp_path / "data")
    servers.start_nats()
    servers.start_ingest()
    settings.CONFIG = dataclasses.replace(settings.CONFIG, nats_url=servers.nats.url)
    register_signs(5)
    password = "a-bridge-over-the-river"
    user = make_user(system_actor("test"), username="root", name="管理员", password=password, administrator=True)
    browser = Client()
    browser.force_login(user)
    assert isinstance(browser.session, SessionStore)
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(get_asgi_application(), port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        servers.wait_for_ingest()
        key = browser.session.session_key or ""
        yield fsc.SensorThingsService(f"http://127.0.0.1:{port}/api/sensorthings/v1.1", auth_handler=Session(key))
    finally:
        server.should_exit = True
        thread.join(20)
        servers.stop()


def test_a_strange_client_reads_and_creates(service: Service) -> None:
    voltage = Datastream.objects.get(stream="mobility.stop_sign.voltage", object_code="SJ.001")
    fault = Datastream.objects.get(stream="mobility.stop_sign.fault", object_code="SJ.001")
    things = service.things().query().filter("properties/code eq '站牌 2/甲'").expand("Datastreams").list()
    (thing,) = things.entities
    assert thing.name == "站牌 2/甲" and len(thing.datastreams.entities) == 4
    pages = service.datastreams().query().top(4).count().orderby("id", "asc").list()
    assert pages.count == 20
    assert [one.id for one in pages] == sorted(Datastream.objects.values_list("id", flat=True))
    stream = service.datastreams().find(voltage.id)
    assert stream.unit_of_measurement.symbol == "V"

    now = datetime.now(UTC).replace(microsecond=0)
    times = [now - timedelta(seconds=one) for one in (30, 20, 10)]
    single = fsc.Observation(
        phenomenon_time=times[0].isoformat(), result=221.5, datastream=fsc.Datastream(id=voltage.id)
    )
    service.create(single)
    assert single.id == f"{voltage.id}-{int(times[0].timestamp() * 1000)}"
    rows = fsc.model.ext.data_array_document.DataArrayDocument()
    for of, results in ((voltage, [222.5, 223.5]), (fault, ["E1", 7])):
        values = fsc.model.ext.data_array_value.DataArrayValue()
        values.datastream = fsc.Datastream(id=of.id)
        values.components = {values.Property.PHENOMENON_TIME, values.Property.RESULT}
        for at, result in zip(times[1:], results, strict=True):
            values.add_observation(fsc.Observation(phenomenon_time=at.isoformat(), result=result))
        rows.add_data_array_value(values)
    made = service.observations().create(rows)
    assert [one.self_link == "error" for one in made] == [False, False, False, True]

    wait_until(lambda: Latest.objects.filter(datastream=voltage, value=223.5).exists())
    wait_until(lambda: Latest.objects.filter(datastream=fault, code="E1").exists())
    found = stream.get_observations().query().filter("result gt 222").orderby("phenomenonTime", "asc").list()
    assert [one.result for one in found.entities] == [222.5, 223.5]
    assert service.observations().find(single.id).result == 221.5
    newest = service.datastreams().query().filter(f"id eq {fault.id}").expand("Observations($top=1),Thing").list()
    assert [one.result for one in newest.entities[0].observations.entities] == ["E1"]
    assert newest.entities[0].thing.name == "SJ.001"
    with pytest.raises(requests.HTTPError) as refused:
        service.create(fsc.Thing(name="x", description="x"))
    assert getattr(refused.value.response, "status_code", 0) == 405
