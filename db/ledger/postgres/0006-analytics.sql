-- Counts of what happened, by half hour (since 1970, UTC), business and template; template 0 is everything of the business. The reader `analytics` of
-- ledger.readers says up to which place of the log they are counted, and is moved in the same transaction. What is old is at the beginning.
CREATE TABLE ledger.analytics (
    half_hour integer  NOT NULL,
    business  bigint   NOT NULL,
    template  bigint   NOT NULL,
    measure   smallint NOT NULL,
    detail    smallint NOT NULL,
    count     bigint   NOT NULL,
    PRIMARY KEY (half_hour, business, template, measure, detail)
) WITH (fillfactor = 70);

-- What people said of businesses: how often, and keyed marks of the first who did, four bytes each. Shown in groups only. Template 0 is none.
CREATE TABLE ledger.opinions (
    half_hour integer  NOT NULL,
    business  bigint   NOT NULL,
    template  bigint   NOT NULL,
    opinion   smallint NOT NULL,
    count     bigint   NOT NULL,
    people    bytea    NOT NULL,
    PRIMARY KEY (half_hour, business, template, opinion)
) WITH (fillfactor = 70);
