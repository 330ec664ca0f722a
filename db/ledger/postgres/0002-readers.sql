-- Readers of the event log that go on where they were: up to which place each has done its work.
CREATE TABLE ledger.readers (
    name     text   PRIMARY KEY,
    position bigint NOT NULL
);
