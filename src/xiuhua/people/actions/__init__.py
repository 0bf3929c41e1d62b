"""What may be done to areas, units, people and their sessions."""

from xiuhua.people.actions.area_import import import_areas
from xiuhua.people.actions.roster import ShiftWanted, add_shift, remove_shift
from xiuhua.people.actions.sessions import choose_columns, choose_language, sign_in, sign_out
from xiuhua.people.actions.songjiang import load_songjiang, make_demo_grids, make_demo_units
from xiuhua.people.actions.users import (
    Holding,
    change_user,
    first_administrator,
    grant,
    make_user,
    rename,
    revoke,
    set_active,
    set_administrator,
    set_password,
)

__all__ = [
    "Holding",
    "ShiftWanted",
    "add_shift",
    "change_user",
    "choose_columns",
    "choose_language",
    "first_administrator",
    "grant",
    "import_areas",
    "load_songjiang",
    "make_demo_grids",
    "make_demo_units",
    "make_user",
    "remove_shift",
    "rename",
    "revoke",
    "set_active",
    "set_administrator",
    "set_password",
    "sign_in",
    "sign_out",
]
