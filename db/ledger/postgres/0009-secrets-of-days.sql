-- Marks of people in opinions are made with a secret of their day, which goes once the day is closed; up to now one secret made them all. It stays for the
-- day that isn't closed, and for the one after it, of which there may be some already: so that nobody counts twice.
INSERT INTO ledger.secrets (name, value)
SELECT 'analytics/' || (coalesce((SELECT position FROM ledger.readers WHERE name = 'analytics/closed'), 0) / 86400000 + days.day), value
FROM ledger.secrets CROSS JOIN (SELECT 0 AS day UNION ALL SELECT 1) AS days WHERE name = 'analytics';
DELETE FROM ledger.secrets WHERE name = 'analytics';

-- Runs of nodes had names that don't say when they began. None of them goes on.
DELETE FROM ledger.readers WHERE name LIKE 'refusals/%';
