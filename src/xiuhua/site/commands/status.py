"""`xiuhua status`: what runs, where, how large it is, and whether work is waiting."""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import psutil
import psycopg

from xiuhua.kernel.errors import Fault
from xiuhua.kernel.words import Label
from xiuhua.readings.alarm_settings import alarms_file, read_alarm_settings
from xiuhua.readings.sentences import SENTENCES
from xiuhua.stack.commands import Command
from xiuhua.stack.config import Config, read_config
from xiuhua.stack.console import words
from xiuhua.stack.holding import PARTITION_LOCK
from xiuhua.stack.running import Site, read_site
from xiuhua.stack.subjects import PARTITIONS
from xiuhua.stack.versions import versions

Facts = dict[str, object]

_RECORDS = """
    SELECT (SELECT max(seq) FROM ledger_seal) AS sealed,
           (SELECT count(*) FROM ledger_history) AS history,
           (SELECT count(*) FROM ledger_outbox WHERE done_at IS NULL) AS outbox_waiting,
           (SELECT extract(epoch FROM now() - min(at)) FROM ledger_outbox WHERE done_at IS NULL) AS outbox_oldest_s,
           (SELECT count(*) FROM objects_cityobject) AS objects,
           (SELECT count(*) FROM cases_case) AS cases,
           (SELECT count(*) FROM readings_alarm) AS alarms,
           (SELECT count(*) FROM people_user) AS users,
           pg_database_size(current_database()) AS database_bytes
"""

# The locks by which ingest processes hold partitions (readings.claims), and whose session has which.
_PARTITIONS = """
    SELECT split_part(a.application_name, '@', 1) AS name, array_agg(l.objid::int - %(lock)s ORDER BY l.objid) AS held
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.objid BETWEEN %(lock)s AND %(lock)s + %(count)s - 1
    GROUP BY a.application_name ORDER BY 1
"""
_EDGE = """
    SELECT (SELECT state FROM edge_line) AS line,
           (SELECT extract(epoch FROM now() - answered_at)::bigint FROM edge_line) AS answered_s_ago,
           (SELECT extract(epoch FROM now() - copied_at)::bigint FROM edge_line) AS copy_age_s,
           (SELECT clock_ahead_s FROM edge_line) AS clock_ahead_s,
           (SELECT count(*) FROM edge_outgoing) AS waiting,
           (SELECT coalesce(sum(size), 0)::bigint FROM edge_outgoing) AS waiting_bytes,
           (SELECT nullif(string_agg(problem || copy_problem, ' '), '') FROM edge_line) AS problem
"""
_NODES = """
    SELECT code, CASE WHEN last_seen_at IS NULL THEN 'never' WHEN last_seen_at > now() - interval '20 s' THEN 'up'
                      ELSE 'cut' END
           || concat(', copy ' || extract(epoch FROM now() - copied_at)::bigint || ' s, waiting ' || waiting) AS told
    FROM edge_node WHERE revoked_at IS NULL ORDER BY code
"""

NAMES = {
    "partitions": Label(zh="数据流分区", en="partitions held"),
    "not_running": Label(zh="没有运行", en="not running"),
    "starting": Label(zh="正在启动", en="starting"),
    "ready": Label(zh="运行中", en="running"),
    "site": Label(zh="站点", en="site"),
    "data": Label(zh="数据目录", en="data folder"),
    "processes": Label(zh="进程", en="processes"),
    "sizes": Label(zh="占用", en="sizes"),
    "records": Label(zh="记录", en="records"),
    "edge": Label(zh="街镇节点", en="town nodes"),
    "alarm_settings": Label(zh="告警参数", en="figures of alarms"),
    "versions": Label(zh="版本", en="versions"),
    "memory": Label(zh="内存合计", en="memory in all"),
}


def status(arguments: argparse.Namespace) -> int:
    """Print how the site is doing; returns 0 if it is ready, 3 if not."""
    config = read_config()
    site = read_site(config.data)
    facts = gather(config, site)
    print(json.dumps(facts, ensure_ascii=False, indent=1, default=str) if arguments.json else as_text(facts))
    return 0 if site is not None and site.ready else 3


def gather(config: Config, site: Site | None) -> Facts:
    """Return all there is to tell, as plain values."""
    state = "not_running" if site is None else "ready" if site.ready else "starting"
    facts: Facts = {"site": state, "data": str(config.data), "versions": versions(), "sizes": _sizes(config)}
    if site is not None:
        facts["http"] = f"{site.address}:{site.http_port}"
        facts["mqtt"] = f"{site.mqtt_address}:{site.mqtt_port}"
        facts["processes"] = [_process(asdict(part)) for part in site.parts]
        facts["memory"] = _memory(site)
    url = config.database_url or (site.database if site else "")
    if url and (site is None or site.ready):
        facts["records"], facts["partitions"] = _records(url), _partitions(url)
        facts["edge"] = _edge(url, config)
    facts["alarm_settings"] = _alarm_settings(config)
    return facts


def as_text(facts: Mapping[str, object]) -> str:
    """Return the facts as lines for a terminal."""
    lines = [f"{_name('site')}: {words(NAMES[str(facts['site'])])}", f"{_name('data')}: {facts['data']}"]
    lines += [f"{key.upper()}: {facts[key]}" for key in ("http", "mqtt") if key in facts]
    processes = facts.get("processes")
    if isinstance(processes, list):
        lines.append(f"{_name('processes')}:")
        for part in processes:
            lines.append(
                f"  {part['name']:<10}{part['state']:<10}pid {part['pid']:<8}"
                f"{part['memory_mb']:>6} MB  {part['seconds']:>8} s  ↻ {part['restarts']}"
            )
        lines.append(f"  {_name('memory')}: {facts['memory']} MB")
    for section in ("partitions", "sizes", "records", "edge", "alarm_settings", "versions"):
        rows = facts.get(section)
        if isinstance(rows, dict) and rows:
            lines.append(f"{_name(section)}:")
            lines += [_line(key, value) for key, value in rows.items()]
    return "\n".join(lines)


def _line(key: str, value: object) -> str:
    if key.endswith("_bytes") and isinstance(value, int):
        return f"  {key.removesuffix('_bytes'):<18}{value / 1e6:.1f} MB"
    return f"  {key:<18}{value}"


def _name(key: str) -> str:
    return words(NAMES[key])


def _process(part: dict[str, object]) -> Facts:
    pid = part["pid"]
    memory = _tree_memory(int(pid)) if isinstance(pid, int) and pid else 0
    since = part.pop("since")
    seconds = int(time.time() - since) if isinstance(since, float) else 0
    return part | {"seconds": seconds, "memory_mb": memory // 1_000_000}


def _memory(site: Site) -> int:
    return _tree_memory(site.pid) // 1_000_000


def _tree_memory(pid: int) -> int:
    """Return the memory of a process and all below it in bytes, shared pages counted once where the system tells."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                full = one.memory_full_info()
                total += getattr(full, "pss", full.rss)
    return total


def _sizes(config: Config) -> Facts:
    folders = {name: config.data / name for name in ("pg", "nats", "logs")} | {"files": config.files_folder}
    return {f"{name}_bytes": _bytes(folder) for name, folder in folders.items() if folder.is_dir()}


def _bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.lstat().st_size
    return total


def _records(url: str) -> Facts:
    try:
        with psycopg.connect(url, connect_timeout=5, row_factory=psycopg.rows.dict_row) as connection:
            row = connection.execute(_RECORDS).fetchone()
    except psycopg.Error as error:
        return {"problem": type(error).__name__}
    return dict(row or {})


def _partitions(url: str) -> Facts:
    """Return the partitions that each ingest process holds."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            rows = connection.execute(_PARTITIONS, {"lock": PARTITION_LOCK, "count": PARTITIONS}).fetchall()
    except psycopg.Error as error:
        return {"problem": type(error).__name__}
    return {name: " ".join(map(str, held)) for name, held in rows}


def _edge(url: str, config: Config) -> Facts:
    """Return the line to the centre at a node, else the nodes that call here."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            if not config.edge:
                return dict(connection.execute(_NODES).fetchall())
            found = connection.cursor(row_factory=psycopg.rows.dict_row).execute(_EDGE).fetchone()
            return {"town": config.edge, "upstream": config.upstream, **(found or {})}
    except psycopg.Error as error:
        return {"problem": type(error).__name__}


def _alarm_settings(config: Config) -> Facts:
    """Return what is wrong with the site's own figures of alarms, if anything."""
    try:
        read_alarm_settings(alarms_file(config.data))
    except Fault as fault:
        return {"problem": words(SENTENCES[fault.code], **dict(fault.params))}
    return {}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `status`."""
    parser.add_argument("--json", action="store_true")


STATUS = Command(
    says=Label(
        zh="站点是否运行、各进程、端口、占用、版本、最后封存的历史行、待投递事件。就绪返回 0，否则 3。",
        en="Whether the site runs, its processes, ports, sizes and versions, the last sealed row and the events "
        "waiting. Exits with 0 if it is ready, else 3.",
    ),
    examples=("xiuhua status", "xiuhua status --json"),
    arguments=add_arguments,
    run=status,
)
