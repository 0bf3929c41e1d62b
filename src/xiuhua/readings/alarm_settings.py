"""How alarms are folded, held back and measured: the site's own figures from data/alarms.json over these defaults."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, fields
from pathlib import Path

from django.conf import settings

from xiuhua.kernel.errors import Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmSettings:
    """Each may stand in data/alarms.json under its name; times in seconds.

    flap_within_s: an alarm that ended by itself and comes back within this time is the same alarm, counted once more.
    flood_least alarms of one rule in one area (its path's first `flood_depth` codes) with no more than flood_within_s
    from one to the next, flood_longest_s in all, are folded into one. `alone` rules and level Ⅰ never are.
    operators: at how many desks alarms are watched. A storm begins above storm_above new alarms a desk in ten minutes,
    ends once there are at most storm_below, and holds back grades from storm_holds on; level Ⅰ never.
    """

    flap_within_s: float = 600.0
    flood_within_s: float = 120.0
    flood_longest_s: float = 1800.0
    flood_least: int = 5
    flood_depth: int = 2
    alone: tuple[str, ...] = ()
    operators: int = 1
    storm_above: float = 10.0
    storm_below: float = 5.0
    storm_holds: int = 4


log = logging.getLogger(__name__)
LEAST = {"flood_least": 2, "flood_depth": 1, "operators": 1, "storm_holds": 2}
MOST = 1_000_000
LONGEST_S = 30 * 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _InForce:
    path: Path
    changed: int | None
    settings: AlarmSettings
    fault: Fault | None = None


_in_force = _InForce(path=Path(), changed=None, settings=AlarmSettings())


def alarm_settings() -> AlarmSettings:
    """Return the settings in force, read anew when the file changes. Never raises: with a file that cannot be used the
    last that could go on (the defaults, if this process has read none), the fault stands in the log and in
    `alarm_settings_fault`.
    """
    return _look().settings


def alarm_settings_fault() -> Fault | None:
    """Return what is wrong with the file as it stands, if anything."""
    return _look().fault


def alarms_file(data: Path) -> Path:
    """Return where a site's own figures stand."""
    return data / "alarms.json"


def read_alarm_settings(path: Path) -> AlarmSettings:
    """Read the file over the defaults, which alone are in force without it; raises Fault for what cannot be used."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return AlarmSettings()
    except (OSError, ValueError, RecursionError) as error:
        raise Fault("readings.alarm_settings_wrong", file=str(path), problem=str(error)) from error
    defaults = AlarmSettings()
    if not isinstance(said, dict):
        raise Fault("readings.alarm_settings_wrong", file=str(path), problem="{...}")
    for name, value in said.items():
        if name not in {field.name for field in fields(defaults)} or not _fits(getattr(defaults, name), name, value):
            raise Fault("readings.alarm_settings_wrong", file=str(path), problem=f"{name}: {value!r}"[:200])
    if "alone" in said:
        said["alone"] = tuple(said["alone"])
    found = AlarmSettings(**said)
    if found.storm_below > found.storm_above:
        raise Fault("readings.alarm_settings_wrong", file=str(path), problem="storm_below > storm_above")
    return found


def _look() -> _InForce:
    global _in_force
    path, before = alarms_file(settings.CONFIG.data), _in_force
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = None
    if (path, changed) == (before.path, before.changed):
        return before
    try:
        now = _InForce(path=path, changed=changed, settings=read_alarm_settings(path))
    except Fault as fault:
        log.error("the last good settings go on: %s", fault.params)
        kept = before.settings if path == before.path else AlarmSettings()
        now = _InForce(path=path, changed=changed, settings=kept, fault=fault)
    _in_force = now
    return now


def _fits(default: object, name: str, value: object) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if isinstance(value, bool) or not isinstance(value, int if isinstance(default, int) else int | float):
        return False
    return LEAST.get(name, 0) <= value <= (LONGEST_S if name.endswith("_s") else MOST)
