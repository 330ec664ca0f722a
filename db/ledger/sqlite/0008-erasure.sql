-- What is left of people who were erased: keyed hashes, which tell nobody whose they are without the installation's secret.
-- One row for each person and each business that their own word took consent away from; one for the person alone, for all businesses.
CREATE TABLE withdrawals (
    hash     BLOB    PRIMARY KEY,
    taken    INTEGER NOT NULL, -- categories
    at       INTEGER NOT NULL, -- of the erasure: an opt-in that was given before is none any more
    messages INTEGER NOT NULL  -- how many messages the person had: a later life's numbers go on behind them
) STRICT, WITHOUT ROWID;

-- Erasures of the last days: the events up to a place still name their person until the walk has been there; then the tombstone's time has to pass.
CREATE TABLE erasures (
    user        INTEGER NOT NULL,
    up_to       INTEGER NOT NULL,
    pseudonym   INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    messages    INTEGER NOT NULL, -- how many messages the person had
    block_lists TEXT    NOT NULL, -- ids with commas between them
    walked      INTEGER NOT NULL,
    PRIMARY KEY (user, up_to)
) STRICT, WITHOUT ROWID;

-- Events of a person that don't stand in the rows of messages, too: few, so that the index costs a send nothing.
CREATE INDEX events_by_person ON events (user, seq) WHERE user > 0 AND kind NOT IN (1, 2, 3, 4, 5, 6, 19);
