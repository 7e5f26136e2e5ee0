-- What begins together lies together, so that a commit writes few pages: a code's row lies where it was put, and only the
-- small index of hashes is spread. The columns stay, so that the version before works with these tables too.

ALTER TABLE codes RENAME TO codes_by_hash;
DROP INDEX codes_to_forget;
CREATE TABLE codes (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    client TEXT NOT NULL,
    is_taken INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL,
    remembered_until INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO codes (hash, client, is_taken, expires_at, remembered_until, forget_at, body)
    SELECT hash, client, is_taken, expires_at, remembered_until, forget_at, body FROM codes_by_hash ORDER BY expires_at;
DROP TABLE codes_by_hash;
CREATE INDEX codes_to_forget ON codes (forget_at);

-- Families' names are spread. Those due in one second lie by their grants' ids, which rise.
DROP INDEX refresh_families_due;
CREATE INDEX refresh_families_due ON refresh_families (due_at, grant_id);
