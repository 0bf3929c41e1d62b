"""History is append-only and sealed; whatever is done to it afterwards is found and named."""

from __future__ import annotations

import argparse
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Fault
from xiuhua.ledger.actions import Change, announce, record, record_many
from xiuhua.ledger.chain import GENESIS, digest, link
from xiuhua.ledger.commands import AUDIT_VERIFY
from xiuhua.ledger.heads import heads_file, heads_gone, read_heads, sign_head
from xiuhua.ledger.models import History, Seal, Sealing
from xiuhua.ledger.sealer import seal
from xiuhua.ledger.verification import Report, verify

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = system_actor("test")


def write(count: int = 1, start: int = 0) -> None:
    with transaction.atomic():
        record_many(
            ACTOR,
            [
                Change(action="moved", entity="case", entity_id=f"c{start + n}", data={"n": n, "zh": "理由"})
                for n in range(count)
            ],
        )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten sealed rows and a signed head over them."""
    write(10)
    assert seal() == 10
    assert sign_head(tmp_path, timezone.now()) is not None
    return tmp_path


@contextmanager
def superuser() -> Iterator[None]:
    """What somebody with every right in the database does: the triggers are off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def check(data: Path) -> Report:
    return verify(read_heads(data), timezone.now(), wait=lambda seconds: None)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def rewrite_chain() -> None:
    """Recompute every seal from the rows, as an intruder who knows the method would."""
    chain = GENESIS
    with connection.cursor() as cursor:
        for found in Seal.objects.order_by("seq"):
            cursor.execute(
                """
                SELECT h.id, h.transaction, to_char(h.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    h.actor, h.actor_name, h.action, h.entity, h.entity_id, h.area_path, h.why, h.data::text
                FROM ledger_history h WHERE id = %s
                """,
                [found.history_id],
            )
            found.digest = digest(cursor.fetchone() or ())
            chain = found.chain = link(chain, bytes(found.digest))
            found.save()


def test_a_change_is_recorded_only_inside_its_transaction() -> None:
    with pytest.raises(Fault, match=r"ledger\.no_transaction"):
        record(ACTOR, Change(action="moved", entity="case", entity_id="1"))
    with pytest.raises(Fault, match=r"ledger\.no_transaction"):
        announce("case.moved", id="1")


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_history SET why = 'x'", "DELETE FROM ledger_history", "TRUNCATE ledger_history"]
)
def test_the_database_refuses_to_change_history(statement: str) -> None:
    write(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_history ENABLE TRIGGER history_not_emptied")
        try:
            with pytest.raises(DatabaseError, match="append-only"):
                cursor.execute(statement)
        finally:
            cursor.execute("ALTER TABLE ledger_history DISABLE TRIGGER history_not_emptied")
    assert History.objects.count() == 1


def test_untouched_history_is_clean(data: Path) -> None:
    report = check(data)
    assert (report.rows, report.sealed, report.heads, codes(report)) == (10, 10, 1, [])
    assert seal() == 0
    assert sign_head(data, timezone.now()) is None


def test_one_changed_byte_is_found_and_the_row_named(data: Path) -> None:
    victim = History.objects.get(entity_id="c4")
    with superuser():
        History.objects.filter(pk=victim.pk).update(data={"n": 5, "zh": "理由"})
    report = check(data)
    assert codes(report) == ["ledger.row_changed"]
    assert report.findings[0].params["id"] == victim.id
    assert report.findings[0].params["entity_id"] == "c4"


def test_a_number_written_differently_is_a_change(data: Path) -> None:
    with superuser(), connection.cursor() as cursor:
        cursor.execute("""UPDATE ledger_history SET data = '{"n": 4.0, "zh": "理由"}' WHERE entity_id = 'c4'""")
    assert codes(check(data)) == ["ledger.row_changed"]


def test_a_deleted_row_is_found(data: Path) -> None:
    victim = History.objects.get(entity_id="c4")
    with superuser():
        History.objects.filter(pk=victim.pk).delete()
    report = check(data)
    assert codes(report) == ["ledger.row_gone"]
    assert report.findings[0].params["id"] == victim.id


def test_a_cut_tail_is_found_by_the_signed_head(data: Path) -> None:
    last = Seal.objects.get(seq=8)
    with superuser():
        History.objects.filter(id__gte=last.history_id).delete()
        Seal.objects.filter(seq__gte=8).delete()
        Sealing.objects.all().delete()
    report = check(data)
    assert codes(report) == ["ledger.tail_cut"]
    assert (report.findings[0].params["last"], report.findings[0].params["missing"]) == (7, 3)


def test_a_rewritten_chain_is_found_by_the_signed_head(data: Path) -> None:
    write(5, start=10)
    seal()
    sign_head(data, timezone.now())
    with superuser():
        History.objects.filter(entity_id="c12").update(why="nothing happened")
        rewrite_chain()
    report = check(data)
    assert codes(report) == ["ledger.rewritten"]
    assert (report.findings[0].params["first"], report.findings[0].params["last"]) == (11, 15)


def test_seals_taken_out_or_altered_are_found(data: Path) -> None:
    with superuser():
        Seal.objects.filter(seq=3).delete()
        Seal.objects.filter(seq=7).update(chain=bytes(32))
    found = check(data)
    assert codes(found)[:3] == ["ledger.seals_gone", "ledger.seal_changed", "ledger.seal_changed"]


def test_a_forged_head_is_found(data: Path) -> None:
    path = heads_file(data)
    path.write_text(path.read_text().replace('"seq": 10', '"seq": 9') + "not a head\n")
    assert codes(check(data)) == ["ledger.head_forged", "ledger.head_forged"]


def test_a_row_without_a_seal_for_over_a_minute_is_found(data: Path) -> None:
    write(1, start=10)
    assert codes(check(data)) == []
    later = timezone.now() + timedelta(minutes=2)
    report = verify(read_heads(data), later, wait=lambda seconds: None)
    assert codes(report) == ["ledger.unsealed"]
    assert report.findings[0].params == {"count": 1, "id": History.objects.get(entity_id="c10").id}
    assert codes(verify(read_heads(data), later, wait=lambda seconds: assert_sealed())) == []


def assert_sealed() -> None:
    assert seal() == 1


def test_missing_heads_are_found(data: Path) -> None:
    heads_file(data).unlink()
    (data / "secrets" / "audit_key").unlink()
    assert codes(check(data)) == []
    later = timezone.now() + timedelta(hours=3)
    assert codes(verify(read_heads(data), later)) == ["ledger.no_head"]


@pytest.mark.parametrize("left", [None, ""])
def test_heads_that_are_gone_are_told_at_once_and_none_is_signed_over_them(data: Path, left: str | None) -> None:
    copy = heads_file(data).read_text()
    heads_file(data).unlink()
    if left is not None:
        heads_file(data).write_text(left)
    with superuser():
        History.objects.filter(entity_id="c4").update(actor="nobody")
        Seal.objects.all().delete()
        Sealing.objects.all().delete()
    while seal():
        pass
    for _ in range(2):
        found = verify(read_heads(data), timezone.now(), wait=lambda seconds: None, gone=heads_gone(data))
        assert codes(found) == ["ledger.heads_gone"]
        assert sign_head(data, timezone.now()) is None
    heads_file(data).write_text(copy)
    assert not heads_gone(data) and codes(check(data)) == ["ledger.rewritten"]


def test_rows_are_sealed_in_commit_order_and_none_before_its_time() -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            write(1, start=100)
            began.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(10)
    write(1, start=200)
    # the slow transaction has the lower number and may still commit: nothing after it is sealed
    assert seal() == 0
    go_on.set()
    thread.join()
    assert seal() == 2
    sealed = {row.id: row.entity_id for row in History.objects.all()}
    assert [sealed[one.history_id] for one in Seal.objects.order_by("seq")] == ["c100", "c200"]


def test_only_one_sealer_runs_and_batches_go_on_where_the_last_ended() -> None:
    write(25)
    results: list[int] = []

    def work() -> None:
        results.extend(seal(4) for _ in range(10))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while seal(4):
        pass
    assert Seal.objects.count() == 25
    assert list(Seal.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 26))


def test_sealing_goes_on_after_a_restore_into_a_younger_cluster(data: Path) -> None:
    # what a restore brings: rows whose transaction numbers lie far ahead of this cluster's, and a foreign era
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_history"
            " (transaction, at, actor, actor_name, action, entity, entity_id, area_path, why, data)"
            " VALUES (900000000000, now(), 'a', 'a', 'moved', 'case', 'ahead', '', '', '{}')"
        )
    Sealing.objects.update(era="another", transaction=900000000000)
    while seal():
        pass
    write(3, start=20)
    assert seal() == 3
    assert Seal.objects.count() == History.objects.count() == 14
    assert codes(check(data)) == []


def test_the_command_counts_and_exits_with_1_on_a_finding(
    data: Path, monkeypatch: pytest.MonkeyPatch, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIUHUA_LANGUAGE", "en")
    folder = settings.CONFIG.data  # type: ignore[attr-defined]
    heads_file(folder).unlink(missing_ok=True)
    (folder / "secrets" / "audit_key").unlink(missing_ok=True)
    assert AUDIT_VERIFY.run(argparse.Namespace()) == 0
    assert capsys.readouterr().out.splitlines() == [
        "10 history rows, 10 sealed, 0 signed heads",
        "Nothing was tampered with",
    ]
    assert [line.head.seq for line in read_heads(folder) if line.head] == [10]
    with superuser():
        History.objects.filter(entity_id="c4").update(actor="nobody")
    assert AUDIT_VERIFY.run(argparse.Namespace()) == 1
    assert "was changed" in capsys.readouterr().err
    with superuser():
        History.objects.filter(entity_id="c4").update(actor="a")
    heads_file(folder).unlink()
    assert AUDIT_VERIFY.run(argparse.Namespace()) == 1
    assert "put your copy of heads.jsonl back" in capsys.readouterr().err
    (folder / "secrets" / "audit_key").unlink()


def test_the_canonical_form_is_fixed() -> None:
    row = [1, 2, "2026-01-02T03:04:05.000006Z", "a", "甲", "moved", "case", "c1", "310117/", "", '{"n": 1.10}']
    written = (
        '{"action":"moved","actor":"a","actor_name":"甲","area_path":"310117/","at":"2026-01-02T03:04:05.000006Z",'
        '"data":"{\\"n\\": 1.10}","entity":"case","entity_id":"c1","id":1,"transaction":2,"why":""}'
    )
    assert digest(row) == hashlib.sha256(written.encode()).digest()
