"""Figures of rules as people read them."""

from xiuhua.catalog.limits import amount_of
from xiuhua.kernel.durations import HOURS
from xiuhua.kernel.quantities import COUNT, RATIO, VOLTAGE, Quantity
from xiuhua.kernel.streams import Reports, Stream
from xiuhua.kernel.words import Label


def stream(quantity: Quantity) -> Stream:
    return Stream(
        id="s", label=Label(zh="量", en="Amount"), reports=Reports.NUMBER, quantity=quantity, cadence=HOURS(1),
        silent_after=HOURS(6),
    )  # fmt: skip


def test_a_ratio_reads_as_a_percentage_and_a_pure_number_has_no_unit() -> None:
    assert amount_of(0.071, stream(RATIO)) == "7.1%"
    assert amount_of(-0.05, stream(RATIO), "+.3g") == "-5%"
    assert amount_of(12, stream(COUNT)) == "12"
    assert amount_of(198, stream(VOLTAGE)) == "198 V"
    assert amount_of(3.5, None) == "3.5"
