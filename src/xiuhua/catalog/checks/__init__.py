"""One pass over a pack: every fault, each with its place."""

from __future__ import annotations

from xiuhua.catalog.catalogue import Catalogue, LoadedPack
from xiuhua.catalog.checks.attributes import check_types
from xiuhua.catalog.checks.callables import check_callables
from xiuhua.catalog.checks.indicators import check_indicators
from xiuhua.catalog.checks.labels import check_labels
from xiuhua.catalog.checks.references import check_references
from xiuhua.catalog.checks.report import Report
from xiuhua.catalog.checks.rounds import check_rounds
from xiuhua.catalog.checks.rules import check_rules
from xiuhua.catalog.checks.workflow import check_cases
from xiuhua.kernel.packs import Pack


def check_pack(written: Pack, loaded: LoadedPack, catalogue: Catalogue, modules: str, report: Report) -> None:
    """Report every fault of a pack: `written` as its file says it, `loaded` with full ids and without what is off."""
    check_labels(written, report)
    check_references(loaded, catalogue, report)
    check_types(loaded.pack, catalogue, report)
    check_cases(loaded.pack, catalogue, report)
    check_rules(loaded.pack, catalogue, report)
    check_rounds(loaded.pack, catalogue, report)
    check_indicators(loaded.pack, catalogue, report)
    check_callables(loaded.pack, modules, report)
