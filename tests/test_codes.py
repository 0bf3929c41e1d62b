"""What codes of a stream mean, and that an unknown one means nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from xiuhua.catalog.catalogue import current
from xiuhua.catalog.in_force import RulesInForce
from xiuhua.kernel.words import Label
from xiuhua.packs.mobility.objects import STOP_SIGN
from xiuhua.readings.models import Alarm
from xiuhua.readings.wording import why

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_a_stream_knows_the_codes_it_lists() -> None:
    streams = {stream.id: stream for stream in STOP_SIGN.streams}
    fault = streams["fault"]
    assert (fault.knows("0"), fault.knows("E3"), fault.knows("ZZ9")) == (True, True, False)
    assert fault.meaning("ZZ9") is None
    assert streams["heartbeat"].knows("anything")


def test_an_alarm_says_what_its_code_means() -> None:
    rules = RulesInForce(version=0, catalogue=current(), rules=current().rules)
    alarm = Alarm(rule="mobility.stop_sign_fault", code="E3", raised_at=NOW)
    assert why(alarm, rules, NOW) == Label(
        zh="故障码为 E3（供电故障），属告警状态", en="Fault code is E3 (power failed), one of the alarm codes"
    )
    alarm.code = "ZZ9"
    assert "ZZ9，属" in why(alarm, rules, NOW).zh
