-- OAuth 1: temporary credentials, token credentials, and who still signs. Secrets are sealed.

-- callback '': the person carries the verifier by hand. stage: asked, allowed, denied, exchanged; what stands after it is
-- there once somebody has allowed it.
CREATE TABLE temporary_credentials (
    hash BLOB PRIMARY KEY,
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
) STRICT, WITHOUT ROWID;
CREATE INDEX temporary_credentials_by_expiry ON temporary_credentials (expires_at);

-- Client, account and scope are the grant's. expires_at NULL: when they are revoked.
CREATE TABLE token_credentials (
    hash BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    secret BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER,
    exchanged_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX token_credentials_by_expiry ON token_credentials (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE uses (
    day INTEGER NOT NULL,
    client TEXT NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (day, client, what)
) STRICT, WITHOUT ROWID;
