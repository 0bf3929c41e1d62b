"""Background work of this room: imports written or taken back, those whose worker was lost, old files forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from xiuhua.objects import found_links
from xiuhua.objects.import_actions import TASK, forget_imports
from xiuhua.objects.importing import resume_imports, run_import
from xiuhua.objects.relocating import follow_areas

FILES_KEPT = timedelta(days=7)


@app.task(name=TASK, queue="imports")
def apply_import(job_id: str) -> None:
    """Write one import, or take it back."""
    run_import(UUID(job_id))


def queue_lost_imports() -> None:
    """Queue again what a lost worker left."""
    for job_id in resume_imports():
        app.configure_task(TASK, queue="imports").defer(job_id=str(job_id))


def forget_old_files() -> None:
    """Delete what imports left lying."""
    forget_imports(now=timezone.now(), after=FILES_KEPT)


def areas_changed(payload: Mapping[str, object]) -> None:
    """Let objects follow the new boundaries; a later telling finds nothing left to do."""
    follow_areas()


def find_links() -> None:
    """Find all links by geometry anew: a pack that declares one may have come."""
    found_links.find_all()


HANDLERS: dict[str, tuple[Callable[[Mapping[str, object]], None], ...]] = {
    "areas.changed": (areas_changed,),
    "object.changed": (found_links.follow,),
    "objects.imported": (found_links.follow_type,),
}
EVERY: tuple[tuple[float, Callable[[], None]], ...] = (
    (15.0, queue_lost_imports),
    (3600.0, forget_old_files),
    (3600.0, find_links),
)
