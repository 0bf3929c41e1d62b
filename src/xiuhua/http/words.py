"""The two words that almost every answer carries: names and sources."""

from __future__ import annotations

from ninja import Schema

from xiuhua.kernel.words import Label as KernelLabel
from xiuhua.kernel.words import Source as KernelSource


class Label(Schema):
    """A name in both languages."""

    zh: str
    en: str


class SourceNote(Schema):
    """Where a rule or a value comes from; unconfirmed ones are shown as 待核."""

    standard: str
    edition: str
    clause: str
    confirmed: bool


def label(of: KernelLabel) -> Label:
    """Return the kernel's label as an answer carries it."""
    return Label(zh=of.zh, en=of.en)


def source_note(of: KernelSource) -> SourceNote:
    """Return the kernel's source as an answer carries it."""
    return SourceNote(standard=of.standard, edition=of.edition, clause=of.clause, confirmed=of.confirmed)


def source_note_or_none(of: KernelSource | None) -> SourceNote | None:
    """Return the source as an answer carries it; None stays None."""
    return None if of is None else source_note(of)
