"""The append function of the trail, guards on records, rights of the three roles."""

from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOT_RECORDS = ("audit_event", "audit_head", "web_session", "counter", "alembic_version")

# Appends the events of one act: numbers them, times them, links each to the one before. It runs
# with the owner's rights and is the only way for the application to write the trail. The hashed
# text is canonical JSON (sorted keys), so any language recomputes the same bytes. Closing the
# act's setting makes any later write of the same transaction fail.
APPEND = """
CREATE FUNCTION append_events(bodies text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head public.audit_head;
    body text;
    told jsonb;
    moment timestamptz;
    whole text;
    digest text;
BEGIN
    SELECT * INTO STRICT head FROM public.audit_head WHERE id = 1 FOR UPDATE;
    FOREACH body IN ARRAY bodies LOOP
        told := body::jsonb;
        moment := clock_timestamp();
        whole := '{"at":"' || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            || '","body":' || body
            || ',"database_user":' || to_json(session_user::text)::text
            || ',"number":' || (head.number + 1)::text
            || ',"previous":"' || head.hash || '"}';
        digest := encode(sha256(convert_to(whole, 'UTF8')), 'hex');
        INSERT INTO public.audit_event
            (id, at, person_id, login, action, record_type, record_id, lot_id, hashed, previous, hash)
        VALUES (
            head.number + 1, moment, (told #>> '{actor,id}')::integer, told #>> '{actor,login}',
            told ->> 'action', told #>> '{record,type}', (told #>> '{record,id}')::integer,
            (told ->> 'lot_id')::integer, whole, head.hash, digest
        );
        head.number := head.number + 1;
        head.hash := digest;
        head.at := moment;
    END LOOP;
    UPDATE public.audit_head SET number = head.number, hash = head.hash, at = head.at WHERE id = 1;
    PERFORM set_config('lims.act', '', true);
    RETURN head.number;
END $$
"""

# A statement on a record outside an act fails in the database too, whoever sends it.
GUARD = """
CREATE FUNCTION demand_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('lims.act', true), '') = '' THEN
        RAISE EXCEPTION 'records of % change inside an act only', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
"""

UNCHANGING = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
END $$
"""

KEPT_FOR_EVER = (
    "audit_event",
    "observation",
    "signature",
    "stored_file",
    "certificate_file",
    "disposition",
)


def _tables() -> list[str]:
    found = op.get_bind().exec_driver_sql(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    )
    return [row[0] for row in found]


def _guards(tables: list[str]) -> None:
    for table in tables:
        if table not in NOT_RECORDS:
            op.execute(
                f"CREATE TRIGGER demand_act BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION demand_act()"
            )
    for table in KEPT_FOR_EVER:
        op.execute(
            f"CREATE TRIGGER unchanging BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _rights(tables: list[str]) -> None:
    application = context.config.attributes["application_role"]
    reader = context.config.attributes["reader_role"]
    op.execute(f"GRANT USAGE ON SCHEMA public TO {application}, {reader}")
    for table in tables:
        kept = table in ("audit_event", "audit_head", "alembic_version")
        writes = "" if kept else ", INSERT" if table in KEPT_FOR_EVER else ", INSERT, UPDATE"
        erases = ", DELETE" if table == "web_session" else ""
        op.execute(f"GRANT SELECT{writes}{erases} ON {table} TO {application}")
        if table not in ("credential", "signing_key", "web_session"):
            op.execute(f"GRANT SELECT ON {table} TO {reader}")
    op.execute(
        "GRANT SELECT (id, person_id, serial, certificate, issued_at, revoked_at, revocation_reason)"
        f" ON signing_key TO {reader}"
    )
    op.execute("REVOKE ALL ON FUNCTION append_events(text[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION append_events(text[]) TO {application}")


def upgrade() -> None:
    for code in (APPEND, GUARD, UNCHANGING):
        op.execute(code)
    op.execute("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, repeat('0', 64))")
    for table in ("stored_file", "certificate_file"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTERNAL")
    tables = _tables()
    _guards(tables)
    _rights(tables)


def downgrade() -> None:
    message = "the trail is never taken back; restore a backup instead"
    raise NotImplementedError(message)
