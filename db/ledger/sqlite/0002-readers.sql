-- Readers of the event log that go on where they were: up to which place each has done its work.
CREATE TABLE readers (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
