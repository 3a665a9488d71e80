-- Searches that people keep and those they made last, and tags whose carriers a query decides. A search holds
-- the texts of both boxes: `query` is that of the entity listed, `beside` the other one, empty where there is none.
-- `language` is the version of the query language that the texts are written in.

CREATE TABLE searches (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  query TEXT NOT NULL,
  beside TEXT NOT NULL,
  language BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (user_id, entity, name_key)
);

-- The digest stands for the texts in the key, because they are longer than an index takes.
CREATE TABLE recent_searches (
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  digest {blob} NOT NULL,
  query TEXT NOT NULL,
  beside TEXT NOT NULL,
  language BIGINT NOT NULL,
  place BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, entity, digest)
);

ALTER TABLE tags ADD COLUMN query TEXT;
