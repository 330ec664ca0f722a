-- When messages are due that live otherwise than 30 days, and some that stand in the log out of the order of time: noted from the log, gone once they are settled.
CREATE TABLE expiries (
    due_at INTEGER NOT NULL,
    user   INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (due_at, user, number)
) STRICT, WITHOUT ROWID;
