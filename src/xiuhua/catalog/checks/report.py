"""Collects the faults of one pack, each with its place."""

from __future__ import annotations

from xiuhua.catalog.catalogue import Fault
from xiuhua.catalog.lines import Lines
from xiuhua.catalog.messages import MESSAGES
from xiuhua.kernel.words import Label

OF_KIND = {
    "object_type": Label(zh="对象类型", en="object type"),
    "case_type": Label(zh="事项类型", en="case type"),
    "round": Label(zh="轮次", en="round"),
}


class Report:
    """The faults found so far in one pack. A place is the short ids from the row inwards: ("repair", "sent")."""

    def __init__(self, *, pack: str, lines: Lines) -> None:
        self.pack = pack
        self.faults: list[Fault] = []
        self._lines = lines

    def fault(self, code: str, *place: str, severity: str = "error", **params: object) -> None:
        """Add a fault of that code at the place."""
        file, line = self._lines.find(place)
        where = ".".join((self.pack, *place))
        words = {"where": where, **params}
        message = MESSAGES[code]
        self.faults.append(
            Fault(
                pack=self.pack, where=where, code=code, file=file, line=line, severity=severity,
                message=Label(zh=_filled(message.zh, words, "zh"), en=_filled(message.en, words, "en")),
            )
        )  # fmt: skip

    def off(self, row: str, part: str, needs: str) -> None:
        """Say that a row, or a part of it, waits for a pack."""
        place = (row.partition(".")[2], part) if part else (row.partition(".")[2],)
        self.fault("catalog.off", *place, severity="off", needs=needs)


def _filled(text: str, words: dict[str, object], language: str) -> str:
    return text.format(
        **{key: word.in_language(language) if isinstance(word, Label) else word for key, word in words.items()}
    )
