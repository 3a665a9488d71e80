-- Catalogs that come and go as bundles: whose bundles are believed, which feeds came with them, and what was exported.

CREATE TABLE catalog_sources (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL UNIQUE,
  imported TEXT,
  created_at BIGINT NOT NULL
);

CREATE TABLE catalog_source_feeds (
  feed_id TEXT NOT NULL PRIMARY KEY,
  source_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  UNIQUE (source_id, origin)
);

CREATE TABLE catalog_exports (
  sequence BIGINT NOT NULL PRIMARY KEY,
  manifest {blob} NOT NULL,
  held {blob} NOT NULL,
  created_at BIGINT NOT NULL
);
