-- How recent synchronisations of feeds went: one row for each that changed something, or went otherwise than the one before.

CREATE TABLE feed_syncs (
  feed_id TEXT NOT NULL,
  no BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  times BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  named TEXT NOT NULL,
  PRIMARY KEY (feed_id, no)
);
