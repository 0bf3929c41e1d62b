"""The shapes this room answers in."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from ninja import Schema
from pydantic import Field

from xiuhua.http.words import Label, label
from xiuhua.kernel.words import Act
from xiuhua.ledger.models import History
from xiuhua.ledger.schemas import HistoryRow, history_row
from xiuhua.people import actions
from xiuhua.people.demonstration import is_demonstration
from xiuhua.people.models import Area, PostHolding, Shift, Unit, User
from xiuhua.people.posts import post_label
from xiuhua.people.queries import actor_of_user

Name = Annotated[str, Field(min_length=1, max_length=60)]
Password = Annotated[str, Field(max_length=200)]


class Credentials(Schema):
    """What is typed to sign in."""

    username: Annotated[str, Field(max_length=100)]
    password: Password


class ColumnKept(Schema):
    """One column of a list as a person wants it; `width` in px, null for as wide as it comes."""

    key: Annotated[str, Field(min_length=1, max_length=100)]
    shown: bool
    width: Annotated[int, Field(ge=40, le=1200)] | None


class ColumnsChoice(Schema):
    """The columns of one list, in order; none lets the list stand as it comes."""

    table: Annotated[str, Field(min_length=1, max_length=120)]
    columns: Annotated[list[ColumnKept], Field(max_length=80)]


class SessionChoice(Schema):
    """What a person sets for themselves: the language (zh or en), the columns of a list; what is left out stays."""

    language: str | None = None
    columns: ColumnsChoice | None = None


class Holding(Schema):
    """A post held at a unit over an area."""

    post: str
    post_label: Label
    unit: str
    unit_name: str
    area: str
    area_name: str
    area_path: str
    own_unit_only: bool


class Me(Schema):
    """Who is signed in; `acts` is all it may do anywhere, `demonstration` whether the site holds synthetic objects.
    `columns` is, by list, how the person wants its columns.
    """

    code: str
    username: str
    name: str
    language: str
    columns: dict[str, list[ColumnKept]]
    administrator: bool
    holdings: list[Holding]
    acts: list[str]
    demonstration: bool


class AreaRow(Schema):
    """One area."""

    code: str
    name: str
    name_en: str
    level: str
    parent: str | None
    path: str
    synthetic_geometry: bool
    has_geometry: bool


class UnitRow(Schema):
    """One unit."""

    code: str
    name: str
    name_en: str
    kind: str
    area: str


class UserRow(Schema):
    """One person, with the holdings the reader manages."""

    code: str
    username: str
    name: str
    active: bool
    administrator: bool
    holdings: list[Holding]


class HoldingWanted(Schema):
    """A post to give or take."""

    post: str
    unit: str
    area: str
    own_unit_only: bool = False

    def value(self) -> actions.Holding:
        """Return it as the verbs take it."""
        return actions.Holding(post=self.post, unit=self.unit, area=self.area, own_unit_only=self.own_unit_only)


class NewUser(Schema):
    """A person to add."""

    username: str
    name: Name
    password: Password
    language: str = "zh"
    administrator: bool = False
    holdings: list[HoldingWanted] = []


class UserChange(Schema):
    """What to change of a person; what is left out stays."""

    name: Name | None = None
    password: Password | None = None
    active: bool | None = None
    administrator: bool | None = None
    grant: list[HoldingWanted] = []
    revoke: list[HoldingWanted] = []


class ShiftGiven(Schema):
    """A line of the roster. `begins` and `ends` are times of day in Beijing; an end at or before the beginning is on
    the next day. `days` is every, working or other; `step` 1 is called first, the next once an alarm went `within_min`
    minutes without confirmation.
    """

    post: str
    unit: str
    area: str
    own_unit_only: bool = False
    step: int = 1
    within_min: int = 5
    days: str = "every"
    begins: time = time(0)
    ends: time = time(0)
    first_day: date | None = None
    last_day: date | None = None


class ShiftRow(ShiftGiven):
    """A line of the roster with its names."""

    id: int
    post_label: Label
    unit_name: str
    area_name: str
    area_path: str


class AuditRow(HistoryRow):
    """One change with the thing it was made to, and whether it is sealed."""

    entity: str
    entity_id: str
    sealed: bool


def area_row(area: Area) -> AreaRow:
    """Return the shape of an area."""
    return AreaRow(
        code=area.code, name=area.name, name_en=area.name_en, level=area.level, parent=area.parent_id, path=area.path,
        synthetic_geometry=area.synthetic_geometry, has_geometry=area.geometry is not None,
    )  # fmt: skip


def unit_row(unit: Unit) -> UnitRow:
    """Return the shape of a unit."""
    return UnitRow(code=unit.code, name=unit.name, name_en=unit.name_en, kind=unit.kind, area=unit.area_id)


def user_row(user: User) -> UserRow:
    """Return the shape of a person whose holdings were read as far as the reader manages them."""
    return UserRow(
        code=user.code, username=user.username, name=user.name, active=user.active, administrator=user.administrator,
        holdings=[_holding(holding) for holding in user.holdings.all()],
    )  # fmt: skip


def me(user: User) -> Me:
    """Return the shape of the signed-in person."""
    actor = actor_of_user(user)
    acts = set(Act) if actor.administrator else {act for grant in actor.grants for act in grant.acts}
    return Me(
        code=user.code, username=user.username, name=user.name, language=user.language,
        columns=user.columns, administrator=user.administrator,
        holdings=[_holding(one) for one in user.holdings.select_related("unit", "area").order_by("id")],
        acts=[act.value for act in Act if act in acts],
        demonstration=is_demonstration(),
    )  # fmt: skip


def shift_row(shift: Shift) -> ShiftRow:
    """Return the shape of a line of the roster."""
    return ShiftRow(
        id=shift.id, post=shift.post, post_label=label(post_label(shift.post)), unit=shift.unit_id,
        unit_name=shift.unit.name, area=shift.area_id, area_name=shift.area.name, area_path=shift.area.path,
        own_unit_only=shift.own_unit_only, step=shift.step, within_min=shift.within_min, days=shift.days,
        begins=shift.begins, ends=shift.ends, first_day=shift.first_day, last_day=shift.last_day,
    )  # fmt: skip


def audit_row(row: History) -> AuditRow:
    """Return the shape of a row that carries `sealed`."""
    return AuditRow(
        **history_row(row).dict(),
        entity=row.entity,
        entity_id=row.entity_id,
        sealed=bool(getattr(row, "sealed", False)),
    )


def _holding(holding: PostHolding) -> Holding:
    return Holding(
        post=holding.post, post_label=label(post_label(holding.post)), unit=holding.unit_id,
        unit_name=holding.unit.name, area=holding.area_id, area_name=holding.area.name, area_path=holding.area.path,
        own_unit_only=holding.own_unit_only,
    )  # fmt: skip
