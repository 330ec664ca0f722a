-- The ledger in one file. Numbered steps, each applied once, in order; only additions. Instants are Unix milliseconds, ids 64-bit integers, enums their numbers.

CREATE TABLE users (
    id        INTEGER PRIMARY KEY,
    version   INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    record    BLOB    NOT NULL
) STRICT;

-- Found by user and number, which the message's id encodes.
CREATE TABLE messages (
    user          INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    direction     INTEGER NOT NULL,
    business      INTEGER NOT NULL,
    phone_number  INTEGER NOT NULL,
    template      INTEGER NOT NULL,
    category      INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    status        INTEGER NOT NULL,
    delivered_at  INTEGER,
    read_at       INTEGER,
    ended_at      INTEGER,
    feedback      INTEGER NOT NULL,
    idempotency   INTEGER,
    body          INTEGER NOT NULL,
    callback_data TEXT,
    explanation   BLOB    NOT NULL,
    content       BLOB    NOT NULL
) STRICT;

-- Rows in the order written, found through a narrow index: a row in its user's place would write a page of its own.
CREATE UNIQUE INDEX messages_by_user ON messages (user, number);

-- Never dropped by retention. Each entry's hash covers the hash of the entry before it.
CREATE TABLE consents (
    seq         INTEGER PRIMARY KEY,
    user        INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    business    INTEGER NOT NULL,
    granted     INTEGER NOT NULL,
    categories  INTEGER NOT NULL,
    actor       INTEGER NOT NULL,
    source      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    wording     TEXT,
    evidence    TEXT,
    hash        BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX consents_by_user ON consents (user, number);
CREATE INDEX consents_by_business ON consents (business, seq);

CREATE TABLE events (
    seq      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    user     INTEGER NOT NULL,
    business INTEGER NOT NULL,
    message  INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    body     BLOB    NOT NULL
) STRICT;

CREATE INDEX events_by_business ON events (business, seq);

-- A commit carries the epoch that it was decided under.
CREATE TABLE epochs (
    business INTEGER PRIMARY KEY,
    epoch    INTEGER NOT NULL
) STRICT;

-- The newest change taken from each slow-changing grain.
CREATE TABLE sources (
    source  TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE directory (
    id       INTEGER PRIMARY KEY,
    kind     INTEGER NOT NULL,
    business INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    folded   TEXT    NOT NULL,
    language TEXT    NOT NULL,
    status   TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;

CREATE INDEX directory_by_business ON directory (business, kind, id);

CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    business INTEGER NOT NULL,
    target   TEXT    NOT NULL,
    note     TEXT    NOT NULL
) STRICT;

CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Single numbers: `events_dropped`, the place up to which events were dropped; `probe`, which is written only to find out what became of a batch.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO marks (name, value) VALUES ('events_dropped', 0), ('probe', 0);
