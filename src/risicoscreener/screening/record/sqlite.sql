-- The tables of a record. What was written is not changed; a payload goes only where the table of
-- deletions says under which marker in the chain it goes.
CREATE TABLE record_start (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL) STRICT;
CREATE TABLE record_link (
    sequence INTEGER PRIMARY KEY, body BLOB NOT NULL, sha256 TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE record_payload (
    sequence INTEGER PRIMARY KEY REFERENCES record_link,
    subject TEXT NOT NULL, reference TEXT NOT NULL, salt BLOB NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX record_payload_subject ON record_payload (subject, sequence);
CREATE INDEX record_payload_reference ON record_payload (reference, sequence);
CREATE TABLE record_blob (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE record_deleted (
    sequence INTEGER PRIMARY KEY REFERENCES record_link,
    marker INTEGER NOT NULL REFERENCES record_link
) STRICT;

CREATE TRIGGER start_stays BEFORE UPDATE ON record_start BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER start_kept BEFORE DELETE ON record_start BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER link_stays BEFORE UPDATE ON record_link BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER link_kept BEFORE DELETE ON record_link BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER payload_stays BEFORE UPDATE ON record_payload BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER blob_stays BEFORE UPDATE ON record_blob BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER blob_kept BEFORE DELETE ON record_blob BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER deleted_stays BEFORE UPDATE ON record_deleted BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER deleted_kept BEFORE DELETE ON record_deleted BEGIN SELECT RAISE(ABORT, 'a record is only added to'); END;
CREATE TRIGGER payload_kept BEFORE DELETE ON record_payload
WHEN NOT EXISTS (SELECT 1 FROM record_deleted WHERE sequence = OLD.sequence)
BEGIN SELECT RAISE(ABORT, 'a payload goes only under a marker'); END;
