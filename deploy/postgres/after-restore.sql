-- Once on each database that was taken back to an earlier moment, before the first node starts: docs/operations.md, "Backup and restore".
--
-- Readers of the logs outside this database (businesses with their cursors, webhooks, devices) have read places that are drawn again now. What is written from
-- now on has to stand behind those, or they would skip it. So the logs go on a hundred days of places further, more than any restore takes back; the places
-- between stay empty, and no reader minds. The next node makes the partitions there. Repeated, or where nothing was lost, it does no harm.
BEGIN;
-- Where users are split over several servers, a place says by its rest which of them it is of: that stays.
SELECT setval('ledger.event_seq', (((last_value >> 36) + 100) << 36) + (last_value & (seqincrement - 1)))
FROM ledger.event_seq, pg_sequence WHERE seqrelid = 'ledger.event_seq'::regclass;
SELECT setval('ledger.consents_seq_seq', last_value + 64 * 1000000000::bigint) FROM ledger.consents_seq_seq;
SELECT setval('ledger.audit_seq_seq', last_value + 64 * 1000000000::bigint) FROM ledger.audit_seq_seq;
COMMIT;
