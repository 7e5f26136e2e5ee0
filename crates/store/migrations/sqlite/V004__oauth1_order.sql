-- What OAuth 1 writes lies in the order in which it comes, as codes do. The columns stay, so that the version before works
-- with these tables too; its purges then walk the tables, for want of an index.

-- The oldest go first, so they need no index of their expiries.
ALTER TABLE temporary_credentials RENAME TO temporary_credentials_by_hash;
DROP INDEX temporary_credentials_by_expiry;
CREATE TABLE temporary_credentials (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    client TEXT NOT NULL,
    secret BLOB NOT NULL,
    callback TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    stage TEXT NOT NULL,
    verifier BLOB,
    account BLOB,
    session BLOB,
    allowed_scope TEXT,
    grant_id BLOB,
    authorized_at INTEGER
) STRICT;
INSERT INTO temporary_credentials (hash, client, secret, callback, scope, expires_at, tries, stage, verifier, account,
                                   session, allowed_scope, grant_id, authorized_at)
    SELECT hash, client, secret, callback, scope, expires_at, tries, stage, verifier, account,
           session, allowed_scope, grant_id, authorized_at
    FROM temporary_credentials_by_hash ORDER BY expires_at;
DROP TABLE temporary_credentials_by_hash;

ALTER TABLE token_credentials RENAME TO token_credentials_by_hash;
DROP INDEX token_credentials_by_expiry;
CREATE TABLE token_credentials (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    grant_id BLOB NOT NULL,
    secret BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER,
    exchanged_at INTEGER
) STRICT;
INSERT INTO token_credentials (hash, grant_id, secret, issued_at, expires_at, exchanged_at)
    SELECT hash, grant_id, secret, issued_at, expires_at, exchanged_at
    FROM token_credentials_by_hash ORDER BY issued_at;
DROP TABLE token_credentials_by_hash;
CREATE INDEX token_credentials_by_expiry ON token_credentials (expires_at) WHERE expires_at IS NOT NULL;

-- The key of a nonce begins with its time, so the oldest stand first here too.
DROP INDEX seen_by_expiry;
CREATE INDEX seen_by_expiry ON seen (until) WHERE space <> 'oauth1 nonce';
