-- What is locked, or waits for review, is asked for again and again, and is little of all that there is.
CREATE INDEX directory_by_status ON ledger.directory (kind, status, id);
