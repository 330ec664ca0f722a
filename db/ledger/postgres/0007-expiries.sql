-- When messages are due that live otherwise than 30 days, and some that stand in the log out of the order of time: noted from the log, gone once they are settled.
CREATE TABLE ledger.expiries (
    due_at  bigint NOT NULL,
    user_id bigint NOT NULL,
    number  bigint NOT NULL,
    PRIMARY KEY (due_at, user_id, number)
);
