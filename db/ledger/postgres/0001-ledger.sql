-- The ledger on PostgreSQL. Steps are additive: a released file never changes, a new one follows it.
-- Instants are whole milliseconds since 1970. What users and businesses wrote is kept as UTF-8 in bytea, so that no character of theirs can fail a batch.

-- One row per user, never deleted: a user who leaves becomes a tombstone. Updates stay on their page, hence the fillfactor.
CREATE TABLE ledger.users (
    id        bigint PRIMARY KEY,
    version   bigint NOT NULL,
    operation bigint NOT NULL,
    record    bytea  NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE ledger.messages (
    user_id      bigint   NOT NULL,
    number       bigint   NOT NULL,
    business     bigint   NOT NULL,
    phone_number bigint   NOT NULL,
    template     bigint   NOT NULL,
    at           bigint   NOT NULL,
    delivered_at bigint,
    read_at      bigint,
    ended_at     bigint,
    key          bigint,
    body         bigint   NOT NULL,
    direction    smallint NOT NULL,
    category     smallint NOT NULL,
    status       smallint NOT NULL DEFAULT 0,
    feedback     smallint NOT NULL DEFAULT 0,
    explanation  bytea    NOT NULL,
    callback     bytea,
    content      bytea    NOT NULL,
    PRIMARY KEY (user_id, number)
) WITH (fillfactor = 85);

CREATE INDEX messages_by_key ON ledger.messages (user_id, key) WHERE key IS NOT NULL;

-- Never dropped by retention.
CREATE TABLE ledger.consents (
    seq         bigint   GENERATED ALWAYS AS IDENTITY,
    user_id     bigint   NOT NULL,
    number      integer  NOT NULL,
    business    bigint   NOT NULL,
    at          bigint   NOT NULL,
    recorded_at bigint   NOT NULL,
    is_grant    boolean  NOT NULL,
    categories  smallint NOT NULL,
    actor       smallint NOT NULL,
    source      smallint NOT NULL,
    wording     bytea,
    evidence    bytea,
    hash        bytea    NOT NULL,
    PRIMARY KEY (user_id, number)
);

CREATE INDEX consents_by_business ON ledger.consents (business, seq);

-- Partition n holds the places from n * 2^36 up to (n + 1) * 2^36. The log moves on to the next partition by moving the sequence to its start, about daily:
-- nobody waits for that, and the next partitions are always there. The store makes and drops the partitions.
CREATE SEQUENCE ledger.event_seq;

CREATE TABLE ledger.events (
    seq      bigint   NOT NULL DEFAULT nextval('ledger.event_seq'),
    at       bigint   NOT NULL,
    user_id  bigint   NOT NULL,
    business bigint   NOT NULL,
    message  bigint   NOT NULL,
    kind     smallint NOT NULL,
    body     bytea    NOT NULL,
    PRIMARY KEY (seq)
) PARTITION BY RANGE (seq);

CREATE INDEX events_by_business ON ledger.events (business, seq);

CREATE TABLE ledger.epochs (
    business bigint PRIMARY KEY,
    epoch    bigint NOT NULL
);

-- Each change of a slow-changing grain is taken once.
CREATE TABLE ledger.grain_changes (
    source  text   NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (source, version)
);

CREATE TABLE ledger.directory (
    id       bigint   PRIMARY KEY,
    kind     smallint NOT NULL,
    business bigint   NOT NULL,
    name     text     NOT NULL,
    language text     NOT NULL,
    status   text     NOT NULL,
    at       bigint   NOT NULL,
    folded   text     NOT NULL -- the name without case
);

CREATE INDEX directory_by_business ON ledger.directory (business, id);

CREATE TABLE ledger.audit (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       bigint NOT NULL,
    actor    text   NOT NULL,
    action   text   NOT NULL,
    business bigint NOT NULL,
    target   text   NOT NULL,
    note     text   NOT NULL
);

CREATE TABLE ledger.secrets (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);
