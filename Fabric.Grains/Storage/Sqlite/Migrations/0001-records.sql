-- Every grain's record, with the columns to list by. A rowid table, because documents are large: the trees that are searched stay small.
-- Texts that are not known are empty, not null: one order for paging, and equality that means equality.
CREATE TABLE resource (
    seq        INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    project_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at INTEGER NOT NULL, -- microseconds since 1970
    updated_at INTEGER NOT NULL,
    etag       INTEGER NOT NULL,
    doc        TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX resource_by_key ON resource (kind, id);
CREATE INDEX resource_by_project ON resource (kind, project_id, created_at, id);
CREATE INDEX resource_by_time ON resource (kind, created_at, id);
CREATE INDEX resource_by_name ON resource (kind, name, id);
CREATE INDEX resource_by_status ON resource (kind, status, created_at, id);

-- Secondary keys: the node an instance is on, the network of a port.
CREATE TABLE resource_ref (
    kind  TEXT NOT NULL,
    id    TEXT NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id, name, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX resource_ref_by_value ON resource_ref (kind, name, value, id);

-- Texts that one record alone may hold.
CREATE TABLE resource_unique (
    key  TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    id   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX resource_unique_by_holder ON resource_unique (kind, id);

-- The outbox. AUTOINCREMENT, so that a number is never used again after its event was removed: cursors rely on it.
CREATE TABLE event (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    type       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    project_id TEXT NOT NULL,
    payload    TEXT NOT NULL
) STRICT;

-- How far each reader of the outbox has come.
CREATE TABLE event_cursor (
    consumer TEXT NOT NULL PRIMARY KEY,
    seq      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reminder (
    grain_id  TEXT NOT NULL,
    name      TEXT NOT NULL,
    hash      INTEGER NOT NULL, -- the grain's place on the ring
    start_at  INTEGER NOT NULL, -- ticks: the engine compares them exactly
    period    INTEGER NOT NULL,
    etag      INTEGER NOT NULL,
    PRIMARY KEY (grain_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX reminder_by_hash ON reminder (hash);
