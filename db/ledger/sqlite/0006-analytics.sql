-- Counts of what happened, by half hour (since 1970, UTC), business and template; template 0 is everything of the business. The reader `analytics` of
-- readers says up to which place of the log they are counted, and is moved in the same transaction. What is old is at the beginning.
CREATE TABLE analytics (
    half_hour INTEGER NOT NULL,
    business  INTEGER NOT NULL,
    template  INTEGER NOT NULL,
    measure   INTEGER NOT NULL,
    detail    INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (half_hour, business, template, measure, detail)
) STRICT, WITHOUT ROWID;

-- What people said of businesses: how often, and keyed marks of the first who did, four bytes each. Shown in groups only. Template 0 is none.
CREATE TABLE opinions (
    half_hour INTEGER NOT NULL,
    business  INTEGER NOT NULL,
    template  INTEGER NOT NULL,
    opinion   INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    people    BLOB    NOT NULL,
    PRIMARY KEY (half_hour, business, template, opinion)
) STRICT, WITHOUT ROWID;
