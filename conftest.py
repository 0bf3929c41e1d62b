"""Tests that commit empty the tables between them; the history's own refusal is lifted for that, and for that only."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_history DISABLE TRIGGER history_not_emptied")
