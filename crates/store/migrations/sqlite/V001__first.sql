-- Hot rows are short and lie in their primary key's tree (WITHOUT ROWID). Times are seconds since the epoch.
-- Hashes are SHA-256 (32 bytes); ids are UUIDs (16 bytes). Lists of resources are space-delimited.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Moves on in the same transaction as any change of what servers cache.
CREATE TABLE epoch (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO epoch (id, value) VALUES (1, 0);

-- A deleted client's row stays, so that its id is never given again.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    owner BLOB,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX clients_by_owner ON clients (owner) WHERE owner IS NOT NULL;
CREATE INDEX clients_deleted ON clients (is_deleted) WHERE is_deleted = 1;

-- A deleted account's row stays, without its name, password and body.
CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    username_key TEXT UNIQUE,
    password TEXT,
    is_active INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_deleted ON accounts (is_deleted) WHERE is_deleted = 1;

CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    account BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_idle_expiry ON sessions (idle_expires_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE flows (
    hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    has_ended INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX flows_by_expiry ON flows (expires_at);

-- given_at 0: a mark that was made where there was no consent.
CREATE TABLE consents (
    account BLOB NOT NULL,
    client TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    digest BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    PRIMARY KEY (account, client)
) STRICT, WITHOUT ROWID;

-- grant_type '': a place that was burnt before its grant began.
CREATE TABLE grants (
    id BLOB PRIMARY KEY,
    client TEXT NOT NULL,
    account BLOB,
    session BLOB,
    grant_type TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    authorized_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_by_account ON grants (account, id) WHERE account IS NOT NULL;
CREATE INDEX grants_by_client ON grants (client, id);
CREATE INDEX grants_by_expiry ON grants (expires_at);

-- forget_at: when an unused code expires; once it was taken, how long it is remembered.
CREATE TABLE codes (
    hash BLOB PRIMARY KEY,
    client TEXT NOT NULL,
    is_taken INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL,
    remembered_until INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_to_forget ON codes (forget_at);

-- Client and account are the grant's.
CREATE TABLE access_tokens (
    hash BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE denied_tokens (
    jti TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX denied_tokens_by_expiry ON denied_tokens (until);

-- due_at: when the purge must look at it next, to erase its successor or to remove it. Scope and resources are the
-- grant's.
CREATE TABLE refresh_families (
    family BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    current BLOB NOT NULL,
    previous BLOB,
    earlier BLOB,
    rotated_at INTEGER NOT NULL,
    earlier_rotated_at INTEGER,
    retry_binding BLOB,
    successor BLOB,
    idle_expires_at INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_families_due ON refresh_families (due_at);

CREATE TABLE seen (
    space TEXT NOT NULL,
    key BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (space, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_by_expiry ON seen (until);

CREATE TABLE tickets (
    hash BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    until INTEGER NOT NULL,
    is_used INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_by_expiry ON tickets (until);

CREATE TABLE attempts (
    key BLOB PRIMARY KEY,
    tries INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_expiry ON attempts (until);

CREATE TABLE keys (
    kid TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('next', 'current', 'retiring', 'gone')),
    sealed BLOB NOT NULL,
    public TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    activates_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT, WITHOUT ROWID;
-- Two processes that make a key at once: one wins.
CREATE UNIQUE INDEX keys_one_next_one_current ON keys (algorithm, state) WHERE state IN ('next', 'current');

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    account BLOB,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_account ON events (account, id) WHERE account IS NOT NULL;
CREATE INDEX events_by_time ON events (at, kind);

CREATE TABLE refusals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX refusals_by_request ON refusals (request_id);
