"""Functions that a table names: module-level, in the pack itself."""

from __future__ import annotations

from collections.abc import Callable

from xiuhua.catalog.checks.report import Report
from xiuhua.kernel.packs import Pack


def check_callables(pack: Pack, modules: str, report: Report) -> None:
    """Report functions that do not stand at the top of one of the pack's own modules."""
    for analysis in pack.analyses:
        name = analysis.id.partition(".")[2]
        functions: list[Callable[..., object]] = [analysis.run]
        if analysis.judge is not None:
            functions.append(analysis.judge)
        for function in functions:
            title = getattr(function, "__qualname__", repr(function))
            module = getattr(function, "__module__", "") or ""
            if "." in title or "<" in title or not (module == modules or module.startswith(modules + ".")):
                report.fault("catalog.callable_place", name, id=title)
