-- Which silos a cluster has, and the statements by which Orleans' AdoNet clustering reads and changes that. Applied on every start, by one node at a time (the
-- lock ends with the transaction); changes only add.
-- Each change of a silo's row moves the cluster's version in the same statement, and does nothing where the version isn't the expected one: so all silos see
-- the changes in one order.
SELECT pg_advisory_xact_lock(7002, 0);

CREATE TABLE IF NOT EXISTS clusters (
    cluster text    NOT NULL PRIMARY KEY,
    version integer NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS silos (
    cluster      text        NOT NULL REFERENCES clusters,
    address      text        NOT NULL,
    port         integer     NOT NULL,
    generation   integer     NOT NULL,
    name         text        NOT NULL,
    host         text        NOT NULL,
    status       integer     NOT NULL,
    gateway_port integer     NOT NULL,
    suspected    text,
    started_at   timestamptz NOT NULL,
    alive_at     timestamptz NOT NULL,
    PRIMARY KEY (cluster, address, port, generation)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', '
    WITH added AS (INSERT INTO clusters (cluster) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*)::integer FROM added'),
('InsertMembershipKey', '
    WITH moved AS (
        UPDATE clusters SET version = version + 1
        WHERE cluster = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM silos WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING 1),
    added AS (
        INSERT INTO silos (cluster, address, port, generation, name, host, status, gateway_port, started_at, alive_at)
        SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, coalesce(@ProxyPort, 0), @StartTime, @IAmAliveTime
        FROM moved RETURNING 1)
    SELECT count(*)::integer FROM added'),
('UpdateMembershipKey', '
    WITH moved AS (
        UPDATE clusters SET version = version + 1
        WHERE cluster = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM silos WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING 1),
    changed AS (
        UPDATE silos SET status = @Status, suspected = @SuspectTimes, alive_at = @IAmAliveTime
        FROM moved
        WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation RETURNING 1)
    SELECT count(*)::integer FROM changed'),
-- Moves no version: it says nothing that another silo decides by.
('UpdateIAmAlivetimeKey', '
    UPDATE silos SET alive_at = @IAmAliveTime
    WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),
-- The version comes also where there is no silo.
('MembershipReadRowKey', '
    SELECT c.cluster AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName,
        s.status AS Status, s.gateway_port AS ProxyPort, s.suspected AS SuspectTimes, s.started_at AS StartTime, s.alive_at AS IAmAliveTime,
        c.version AS Version
    FROM clusters c
    LEFT JOIN silos s ON s.cluster = c.cluster AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE c.cluster = @DeploymentId'),
('MembershipReadAllKey', '
    SELECT c.cluster AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName,
        s.status AS Status, s.gateway_port AS ProxyPort, s.suspected AS SuspectTimes, s.started_at AS StartTime, s.alive_at AS IAmAliveTime,
        c.version AS Version
    FROM clusters c
    LEFT JOIN silos s ON s.cluster = c.cluster
    WHERE c.cluster = @DeploymentId'),
('DeleteMembershipTableEntriesKey', '
    WITH gone AS (DELETE FROM silos WHERE cluster = @DeploymentId)
    DELETE FROM clusters WHERE cluster = @DeploymentId'),
('GatewaysQueryKey', '
    SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
    FROM silos WHERE cluster = @DeploymentId AND status = @Status AND gateway_port > 0'),
-- 3: active. Such a silo may only have been unable to say that it is alive.
('CleanupDefunctSiloEntriesKey', '
    DELETE FROM silos WHERE cluster = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;
