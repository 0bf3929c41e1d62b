"""How fast a register is filled: rows a second through the whole import, against a plain COPY of the same rows.

    .venv/bin/python bench/import_rate.py [rows]

On an embedded PostgreSQL of its own, or on the one of XIUHUA_DATABASE_URL. The import reads a CSV (ten columns, GCJ-02
positions, Chinese text), checks it, finds each area, writes rows, search pieces and a history row a thing; the COPY
only puts the finished rows into a bare table.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import time
from importlib import import_module
from pathlib import Path
from uuid import UUID

import django
from django.core.management import call_command
from django.db import connection

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.objects import Attribute, Choice, ObjectType, Value
from xiuhua.kernel.words import Label

ROADS = ("中山中路", "人民北路", "新松江路", "沪松公路", "文诚路", "广富林路", "谷阳北路", "荣乐东路")
HEADER = ("编号", "名称", "经度", "纬度", "道路", "站型", "高度", "座位数", "有照明", "建成日期")


def label(zh: str) -> Label:
    return Label(zh=zh, en=zh)


STOP = ObjectType(
    id="bench.stop",
    label=label("站点"),
    attributes=(
        Attribute(id="road", label=label("道路"), required=True),
        Attribute(id="kind", label=label("站型"), value=Value.CHOICE, choices=(
            Choice(id="bay", label=label("港湾式")), Choice(id="kerb", label=label("直线式")))),
        Attribute(id="height", label=label("高度"), value=Value.NUMBER, minimum=0),
        Attribute(id="seats", label=label("座位数"), value=Value.INTEGER),
        Attribute(id="lit", label=label("有照明"), value=Value.BOOLEAN),
        Attribute(id="built", label=label("建成日期"), value=Value.DATE),
    ),
)  # fmt: skip


def write_file(path: Path, rows: int) -> None:
    chance = random.Random(7)
    with path.open("w", encoding="gb18030", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(rows):
            road = chance.choice(ROADS)
            writer.writerow(
                [f"S{number:07}", f"{road}{chance.randrange(1, 2000)}号站", f"{chance.uniform(121.05, 121.40):.6f}",
                 f"{chance.uniform(30.88, 31.12):.6f}", road, chance.choice(("港湾式", "直线式")),
                 f"{chance.uniform(1, 4):.2f}", chance.randrange(9), chance.choice("是否"),
                 f"20{chance.randrange(10, 26)}/{chance.randrange(1, 13)}/{chance.randrange(1, 29)}"]
            )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    rows = parser.parse_args().rows
    import_module("xiuhua.testbed.postgres_for_tests")
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    catalogues = import_module("xiuhua.catalog.catalogue")
    catalogues.install(
        catalogues.Catalogue(
            packs={}, objects={STOP.id: STOP}, cases={}, rules={}, rounds={}, analyses={}, indicators={}, code_lists={},
            scales={}, posts={},
        )
    )  # fmt: skip
    import_module("xiuhua.people.actions").load_songjiang()
    folder = Path(os.environ["XIUHUA_DATA"])
    folder.mkdir(exist_ok=True)
    path = folder / "stops.csv"
    write_file(path, rows)
    print(f"file: {rows:,} rows, {path.stat().st_size / 1e6:.1f} MB")
    first = bring(path, "first import")
    bring(path, "same file again")
    changed = path.read_text(encoding="gb18030").replace("港湾式", "直线式")
    path.write_text(changed, encoding="gb18030")
    bring(path, "half of the rows changed")
    bare = copy_rate()
    take_back("half of the rows changed")
    take_back("first import")
    print(f"plain COPY of the finished rows: {bare:.1f} s, {rows / bare:,.0f} rows/s")
    print(f"ratio import to plain COPY: {bare / first:.3f} (1 would be the raw limit)")
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def bring(path: Path, what: str) -> float:
    actions, importing = import_module("xiuhua.objects.import_actions"), import_module("xiuhua.objects.importing")
    models = import_module("xiuhua.objects.models")
    actor = system_actor("bench")
    began = time.perf_counter()
    with path.open("rb") as stream:
        job = actions.upload(actor, type_id=STOP.id, filename=path.name, chunks=iter(lambda: stream.read(65536), b""))
    uploaded = time.perf_counter()
    job = actions.preview(actor, job.id, mapping=job.mapping, crs="GCJ-02", sheet="")
    previewed = time.perf_counter()
    own, server = time.process_time(), server_seconds()
    actions.begin(job, actor, keep_good=False)
    importing.run_import(UUID(str(job.id)))
    ended = time.perf_counter()
    own, server = time.process_time() - own, server_seconds() - server
    job = models.ImportJob.objects.get(id=job.id)
    if job.state != "done":
        raise SystemExit(f"{what}: {job.state} {job.fault} {job.errors[:3]}")
    took = ended - previewed
    print(
        f"{what}: {took:.1f} s, {job.rows / took:,.0f} rows/s"
        f" (processor: {own:.1f} s here, {server:.1f} s in the database;"
        f" before it: upload and guess {uploaded - began:.1f} s, preview {previewed - uploaded:.1f} s)\n  {job.counts}"
    )
    return took


def take_back(what: str) -> None:
    """Undo the newest import that wrote anything and was not undone, and tell how long it took."""
    actions, importing = import_module("xiuhua.objects.import_actions"), import_module("xiuhua.objects.importing")
    models = import_module("xiuhua.objects.models")
    done = models.ImportJob.objects.filter(state="done").exclude(counts__added=0, counts__changed=0)
    job = done.latest("created_at")
    began = time.perf_counter()
    actions.begin_undo(job, system_actor("bench"))
    importing.run_import(job.id)
    took = time.perf_counter() - began
    count = job.counts["added"] + job.counts["changed"]
    print(f"undoing the {what}: {took:.1f} s, {count / took:,.0f} things/s")


def server_seconds() -> float:
    """Return the processor time of this connection's server process, where it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    stat = Path(f"/proc/{pid}/stat")
    if not stat.is_file():
        return float("nan")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def copy_rate() -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE objects_cityobject)")
        with cursor.copy("COPY objects_cityobject TO STDOUT") as out:
            content = b"".join(bytes(part) for part in out)
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as into:
            into.write(content)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
