-- The policy's numbers, each version of them; the newest is what all nodes decide by. Its version is also the epoch of business 0 in ledger.epochs.
CREATE TABLE ledger.policy_versions (
    version        bigint PRIMARY KEY,
    at             bigint NOT NULL,
    actor          text   NOT NULL,
    reason         text   NOT NULL,
    rolled_back_to bigint,
    configured     text   NOT NULL,
    numbers        text   NOT NULL
);

-- Numbers that are tried on every send and never obeyed: one row, or none.
CREATE TABLE ledger.policy_shadow (
    id      smallint PRIMARY KEY CHECK (id = 0),
    at      bigint   NOT NULL,
    actor   text     NOT NULL,
    numbers text     NOT NULL
);
