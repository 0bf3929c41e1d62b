"""History is append-only: the database itself refuses to change, delete or empty it."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_history is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON ledger_history
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER history_not_emptied BEFORE TRUNCATE ON ledger_history
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
ALLOW = """
DROP TRIGGER history_append_only ON ledger_history;
DROP TRIGGER history_not_emptied ON ledger_history;
DROP FUNCTION ledger_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
