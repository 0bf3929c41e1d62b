"""A stream that lists its codes says nothing by another one: it is set aside, and no alarm comes or goes by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from xiuhua.catalog.catalogue import install
from xiuhua.kernel.words import Choice, Label
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.models import Alarm, IngestCount, Quarantine
from xiuhua.readings.topics import MQTT

from .conftest import LAMP, LIGHTS, NOW, Lamps, Line

pytestmark = pytest.mark.django_db
FAULT = f"{MQTT}city.lights.lamp.E%2E1.fault"


@pytest.fixture
def line(lamps: Lamps) -> Iterator[Line]:
    kind = LIGHTS.objects[LAMP]
    codes = tuple(Choice(id=id, label=Label(zh=id, en=id)) for id in ("0", "E01", "E02"))
    streams = tuple(replace(one, codes=codes) if one.id == "fault" else one for one in kind.streams)
    install(replace(LIGHTS, objects={LAMP: replace(kind, streams=streams)}))
    yield Line(ingest=Ingest())
    install(LIGHTS)


def said(minute: int, code: str) -> bytes:
    return orjson.dumps({"at": (NOW + timedelta(minutes=minute)).isoformat(), "code": code})


def test_an_undeclared_code_neither_raises_nor_clears_and_is_counted(line: Line) -> None:
    line.take(line.message(FAULT, said(0, "E01")))
    assert Alarm.objects.get().code == "E01"
    fates = line.take(line.message(FAULT, said(1, "ok")))
    assert fates == {"code": 1}
    assert Alarm.objects.get().state == "raised"
    kept = Quarantine.objects.get()
    assert (kept.reason, kept.detail, kept.area_path) == ("code", "ok", "310117/310117001/")
    assert IngestCount.objects.get(fate="code").count == 1
    assert line.take(line.message(FAULT, said(2, "0"))) == {"stored": 1}
    assert Alarm.objects.get().state == "closed"
