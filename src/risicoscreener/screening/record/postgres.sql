-- The tables of a record, in the first schema of the search path. What was written is not changed;
-- a payload goes only where the table of deletions says under which marker in the chain it goes.
CREATE TABLE record_start (one integer PRIMARY KEY CHECK (one = 1), id text NOT NULL);
CREATE TABLE record_link (
    sequence bigint PRIMARY KEY, body bytea NOT NULL, sha256 text NOT NULL UNIQUE
);
CREATE TABLE record_payload (
    sequence bigint PRIMARY KEY REFERENCES record_link,
    subject text NOT NULL, reference text NOT NULL, salt bytea NOT NULL, body bytea NOT NULL
);
CREATE INDEX record_payload_subject ON record_payload (subject, sequence);
CREATE INDEX record_payload_reference ON record_payload (reference, sequence);
CREATE TABLE record_blob (sha256 text PRIMARY KEY, content bytea NOT NULL);
CREATE TABLE record_deleted (
    sequence bigint PRIMARY KEY REFERENCES record_link,
    marker bigint NOT NULL REFERENCES record_link
);

-- Faster than the compression that is the default, where the server has it.
DO $$
BEGIN
    ALTER TABLE record_payload ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE record_blob ALTER COLUMN content SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR syntax_error THEN
    NULL;
END $$;

CREATE FUNCTION record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a record is only added to';
END $$;
CREATE FUNCTION record_refuse_unmarked() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM record_deleted WHERE sequence = OLD.sequence) THEN
        RAISE EXCEPTION 'a payload goes only under a marker';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON record_start FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON record_link FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON record_blob FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON record_deleted FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER stays BEFORE UPDATE ON record_payload FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER kept BEFORE DELETE ON record_payload FOR EACH ROW EXECUTE FUNCTION record_refuse_unmarked();
CREATE TRIGGER whole BEFORE TRUNCATE ON record_start FOR EACH STATEMENT EXECUTE FUNCTION record_refuse();
CREATE TRIGGER whole BEFORE TRUNCATE ON record_link FOR EACH STATEMENT EXECUTE FUNCTION record_refuse();
CREATE TRIGGER whole BEFORE TRUNCATE ON record_payload FOR EACH STATEMENT EXECUTE FUNCTION record_refuse();
CREATE TRIGGER whole BEFORE TRUNCATE ON record_blob FOR EACH STATEMENT EXECUTE FUNCTION record_refuse();
CREATE TRIGGER whole BEFORE TRUNCATE ON record_deleted FOR EACH STATEMENT EXECUTE FUNCTION record_refuse();

-- The one way to delete, for a role that may not delete by itself: it runs with the rights of the
-- owner, and only for payloads that a marker written in the same transaction names.
CREATE FUNCTION record_delete_payload(wanted bigint, by_marker bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF (SELECT xmin::text::bigint FROM record_link WHERE sequence = by_marker)
        IS DISTINCT FROM (txid_current() & 4294967295)
    THEN
        RAISE EXCEPTION 'a payload goes only under a marker of the same transaction';
    END IF;
    INSERT INTO record_deleted (sequence, marker) VALUES (wanted, by_marker);
    DELETE FROM record_payload WHERE sequence = wanted;
END $$;
REVOKE ALL ON FUNCTION record_delete_payload(bigint, bigint) FROM PUBLIC;
