"""What may be read of areas, units, people and the record of changes."""

from xiuhua.people.queries.audit import audit_rows, readable, use_audit_reader
from xiuhua.people.queries.places import area_names, area_of, area_path, place_of, places_of, root_path, unit_names
from xiuhua.people.queries.roster import roster, shifts_at
from xiuhua.people.queries.users import (
    actor_of_user,
    area_rows,
    areas_with_geometry,
    unit_rows,
    user_rows,
    with_holdings,
)

__all__ = [
    "actor_of_user",
    "area_names",
    "area_of",
    "area_path",
    "area_rows",
    "areas_with_geometry",
    "audit_rows",
    "place_of",
    "places_of",
    "readable",
    "root_path",
    "roster",
    "shifts_at",
    "unit_names",
    "unit_rows",
    "use_audit_reader",
    "user_rows",
    "with_holdings",
]
