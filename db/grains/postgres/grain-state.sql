-- State of the slow-changing grains, and the statements by which Orleans' AdoNet storage reads and writes it. Applied on every start, by one node at a time
-- (the lock ends with the transaction); changes only add.
-- The key is exact and unique: two activations that write for the first time can't both insert.
SELECT pg_advisory_xact_lock(7002, 0);

CREATE TABLE IF NOT EXISTS grain_state (
    service     text    NOT NULL,
    grain_type  text    NOT NULL,
    n0          bigint  NOT NULL,
    n1          bigint  NOT NULL,
    extension   text    NOT NULL,
    version     integer NOT NULL,
    payload     bytea,
    PRIMARY KEY (grain_type, n1, n0, extension, service)
);

CREATE TABLE IF NOT EXISTS OrleansQuery (
    QueryKey  text NOT NULL PRIMARY KEY,
    QueryText text NOT NULL
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', '
    SELECT payload AS PayloadBinary, version AS Version
    FROM grain_state
    WHERE grain_type = @GrainTypeString AND n1 = @GrainIdN1 AND n0 = @GrainIdN0
      AND extension = coalesce(@GrainIdExtensionString, '''') AND service = @ServiceId'),
-- The answer is always one row; NULL in it says that the version had moved.
('WriteToStorageKey', '
    WITH written AS (
        INSERT INTO grain_state AS g (service, grain_type, n0, n1, extension, version, payload)
        VALUES (@ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''''), coalesce(@GrainStateVersion::integer, 0) + 1, @PayloadBinary)
        ON CONFLICT (grain_type, n1, n0, extension, service)
        DO UPDATE SET version = excluded.version, payload = excluded.payload WHERE g.version = @GrainStateVersion::integer
        RETURNING version)
    SELECT max(version) AS NewGrainStateVersion FROM written'),
('ClearStorageKey', '
    WITH written AS (
        UPDATE grain_state SET payload = NULL, version = version + 1
        WHERE grain_type = @GrainTypeString AND n1 = @GrainIdN1 AND n0 = @GrainIdN0
          AND extension = coalesce(@GrainIdExtensionString, '''') AND service = @ServiceId AND version = @GrainStateVersion::integer
        RETURNING version)
    SELECT max(version) AS NewGrainStateVersion FROM written'),
('DeleteStorageKey', '
    WITH written AS (
        DELETE FROM grain_state
        WHERE grain_type = @GrainTypeString AND n1 = @GrainIdN1 AND n0 = @GrainIdN0
          AND extension = coalesce(@GrainIdExtensionString, '''') AND service = @ServiceId AND version = @GrainStateVersion::integer
        RETURNING version + 1 AS version)
    SELECT max(version) AS NewGrainStateVersion FROM written')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;
