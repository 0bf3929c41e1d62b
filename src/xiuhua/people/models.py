"""Areas from district to grid, units, users and the posts they hold."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Area(models.Model):
    """A place of the tree district → town → community → grid. `path` is the codes from the root, each ended by "/"."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    name_en = models.TextField(default="")
    level = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.TextField(unique=True)
    geometry = models.BinaryField(null=True)
    synthetic_geometry = models.BooleanField(default=False)
    origin = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["path"], name="area_path", opclasses=["text_pattern_ops"]),)


class Unit(models.Model):
    """An office or company: a department of the district, a town's office, an operator."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    name_en = models.TextField(default="")
    kind = models.TextField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    origin = models.TextField(default="")


class UserManager(BaseUserManager["User"]):
    """Finds users by their sign-in name."""


class User(AbstractBaseUser):
    """A person who signs in. `code` never changes and is what history keeps; `columns` is, by list, how this person
    wants its columns: {table: [{key, shown, width}]}, in order.
    """

    code = models.TextField(unique=True)
    username = models.TextField(unique=True)
    name = models.TextField()
    language = models.TextField(default="zh")
    columns = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    administrator = models.BooleanField(default=False)
    origin = models.TextField(default="")

    USERNAME_FIELD = "username"
    objects = UserManager()

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Return whether the person may sign in."""
        return self.active


class PostHolding(models.Model):
    """A user holds a post at a unit over an area."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="holdings")
    post = models.TextField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    own_unit_only = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "post", "unit", "area"], name="one_holding"),)


class Shift(models.Model):
    """One line of the roster: between these times of day (Asia/Shanghai) on these days, who holds the post at the unit
    answers alarms of the area, of all units or its own alone.

    step: 1 is called first; the next step follows once an alarm went `within_min` minutes without confirmation. days:
    every, working or other days, of the day on which the shift begins. ends: at or before `begins` it is on the next
    day. first_day, last_day: from and up to which day, where it does not hold for good.
    """

    DAYS = ("every", "working", "other")

    post = models.TextField()
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE)
    area = models.ForeignKey(Area, on_delete=models.CASCADE)
    own_unit_only = models.BooleanField(default=False)
    step = models.SmallIntegerField()
    within_min = models.SmallIntegerField()
    days = models.TextField()
    begins = models.TimeField()
    ends = models.TimeField()
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    origin = models.TextField(default="")


class AreaVersion(models.Model):
    """One row; its number grows with every change of areas or units, so that each process knows its copy is old."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_area_version"),)


class FailedSignIn(models.Model):
    """A sign-in that failed. `key` is a digest of user name and address: what was typed is not kept."""

    key = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["key", "at"]), models.Index(fields=["at"]))
