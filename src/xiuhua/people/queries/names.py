"""The names of people behind the codes that rows keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from xiuhua.people.models import User


def user_names(codes: Collection[str]) -> Mapping[str, str]:
    """Return names by code; a part of the system has none."""
    return dict(User.objects.filter(code__in=set(codes)).values_list("code", "name"))
