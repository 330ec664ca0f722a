-- The policy's numbers, each version of them; the newest is what the node decides by. Its version is also the epoch of business 0 in epochs.
CREATE TABLE policy_versions (
    version        INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    actor          TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    rolled_back_to INTEGER,
    configured     TEXT    NOT NULL,
    numbers        TEXT    NOT NULL
) STRICT;

-- Numbers that are tried on every send and never obeyed: one row, or none.
CREATE TABLE policy_shadow (
    id      INTEGER PRIMARY KEY CHECK (id = 0),
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    numbers TEXT    NOT NULL
) STRICT;
