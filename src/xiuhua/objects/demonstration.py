"""Whether synthetic objects are there."""

from __future__ import annotations

from xiuhua.objects.models import SYNTHETIC, CityObject


def holds_synthetic_objects() -> bool:
    """Return whether any object, even a removed one, is synthetic; an index holds just those."""
    return CityObject.objects.filter(SYNTHETIC).exists()
