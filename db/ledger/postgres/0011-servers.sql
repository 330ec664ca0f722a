-- Users can be split over several servers (docs/decisions/0018). Each database knows itself by an id that it makes once, and goes along when it is moved.
CREATE TABLE ledger.identity (
    id     uuid     NOT NULL DEFAULT gen_random_uuid(),
    home   uuid,    -- the home server's id, where users are split over several servers
    number smallint -- which of them this one is; 0 is the home server
);
CREATE UNIQUE INDEX identity_once ON ledger.identity ((true));
INSERT INTO ledger.identity DEFAULT VALUES;

-- On the home server only, written once, at the first start with several: which servers there are, and which of them has a shard's users.
CREATE TABLE ledger.servers (
    number smallint PRIMARY KEY,
    id     uuid     NOT NULL UNIQUE
);
CREATE TABLE ledger.shards (
    shard  smallint PRIMARY KEY,
    server smallint NOT NULL REFERENCES ledger.servers
);
