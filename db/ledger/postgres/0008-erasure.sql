-- What is left of people who were erased: keyed hashes, which tell nobody whose they are without the installation's secret.
-- One row for each person and each business that their own word took consent away from; one for the person alone, for all businesses.
CREATE TABLE ledger.withdrawals (
    hash     bytea    PRIMARY KEY,
    taken    smallint NOT NULL, -- categories
    at       bigint   NOT NULL, -- of the erasure: an opt-in that was given before is none any more
    messages bigint   NOT NULL  -- how many messages the person had: a later life's numbers go on behind them
);

-- Erasures of the last days: the events up to a place still name their person until the walk has been there; then the tombstone's time has to pass.
CREATE TABLE ledger.erasures (
    user_id     bigint   NOT NULL,
    up_to       bigint   NOT NULL,
    pseudonym   bigint   NOT NULL,
    at          bigint   NOT NULL,
    version     bigint   NOT NULL,
    messages    bigint   NOT NULL, -- how many messages the person had
    block_lists bigint[] NOT NULL,
    walked      boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, up_to)
);

-- Events of a person that don't stand in the rows of messages, too: few, so that the index costs a send nothing.
CREATE INDEX events_by_person ON ledger.events (user_id, seq) WHERE user_id > 0 AND kind NOT IN (1, 2, 3, 4, 5, 6, 19);
