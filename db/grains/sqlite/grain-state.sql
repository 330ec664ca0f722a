-- State of the slow-changing grains, and the statements by which Orleans' AdoNet storage reads and writes it. Applied on every start; changes only add.
-- The key is exact and unique: two activations that write for the first time can't both insert.
CREATE TABLE IF NOT EXISTS grain_state (
    service     TEXT    NOT NULL,
    grain_type  TEXT    NOT NULL,
    n0          INTEGER NOT NULL,
    n1          INTEGER NOT NULL,
    extension   TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    payload     BLOB,
    PRIMARY KEY (grain_type, n1, n0, extension, service)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS OrleansQuery (
    QueryKey  TEXT NOT NULL PRIMARY KEY,
    QueryText TEXT NOT NULL
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', '
    SELECT payload AS PayloadBinary, version AS Version
    FROM grain_state
    WHERE grain_type = @GrainTypeString AND n1 = @GrainIdN1 AND n0 = @GrainIdN0
      AND extension = coalesce(@GrainIdExtensionString, '''') AND service = @ServiceId'),
-- The answer is always one row; NULL in it says that the version had moved.
('WriteToStorageKey', '
    INSERT INTO grain_state AS g (service, grain_type, n0, n1, extension, version, payload)
    VALUES (@ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''''), coalesce(@GrainStateVersion, 0) + 1, @PayloadBinary)
    ON CONFLICT DO UPDATE SET version = excluded.version, payload = excluded.payload WHERE g.version = @GrainStateVersion;
    SELECT CASE WHEN changes() = 1 THEN coalesce(@GrainStateVersion, 0) + 1 END AS NewGrainStateVersion'),
('ClearStorageKey', '
    UPDATE grain_state SET payload = NULL, version = version + 1
    WHERE grain_type = @GrainTypeString AND n1 = @GrainIdN1 AND n0 = @GrainIdN0
      AND extension = coalesce(@GrainIdExtensionString, '''') AND service = @ServiceId AND version = @GrainStateVersion;
    SELECT CASE WHEN changes() = 1 THEN @GrainStateVersion + 1 END AS NewGrainStateVersion'),
('DeleteStorageKey', '
    DELETE FROM grain_state
    WHERE grain_type = @GrainTypeString AND n1 = @GrainIdN1 AND n0 = @GrainIdN0
      AND extension = coalesce(@GrainIdExtensionString, '''') AND service = @ServiceId AND version = @GrainStateVersion;
    SELECT CASE WHEN changes() = 1 THEN @GrainStateVersion + 1 END AS NewGrainStateVersion')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;
