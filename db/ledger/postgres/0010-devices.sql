-- What the user's devices said of a message, each for itself: encoded marks; null while none that is registered said anything.
ALTER TABLE ledger.messages ADD COLUMN devices bytea;
