-- When a message that nobody was delivered expires; null for messages of users, and for those of before, which expire after 30 days.
ALTER TABLE messages ADD COLUMN expires_at INTEGER;
