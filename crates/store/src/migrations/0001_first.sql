-- The first schema. {blob} is BLOB in SQLite and BYTEA in PostgreSQL; times are microseconds since 1970;
-- flags are 0 and 1. Tables that grow with the fleet begin with subscription_id and asset_id, and no foreign
-- key or unique constraint of theirs crosses assets.

CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE audit_log (
  number BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  who TEXT,
  who_name TEXT NOT NULL,
  origin TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  before_json TEXT,
  after_json TEXT,
  hash {blob} NOT NULL
);

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  scope TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  token_hash {blob} NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  csrf_token TEXT NOT NULL,
  origin TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  token_hash {blob} NOT NULL UNIQUE,
  role TEXT NOT NULL,
  scope TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE idempotency_keys (
  user_id TEXT NOT NULL,
  key TEXT NOT NULL,
  request {blob} NOT NULL,
  begun_at BIGINT NOT NULL,
  status BIGINT,
  headers TEXT,
  body {blob},
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (begun_at);

CREATE TABLE tags (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  parent TEXT REFERENCES tags(id)
);
CREATE UNIQUE INDEX tags_siblings ON tags (COALESCE(parent, ''), name_key);

CREATE TABLE activation_keys (
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  secret_hash {blob} NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  use_limit BIGINT,
  uses BIGINT NOT NULL,
  tags TEXT NOT NULL,
  disabled BIGINT NOT NULL
);

CREATE TABLE assets (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL PRIMARY KEY,
  machine_id TEXT NOT NULL,
  name TEXT NOT NULL,
  agent_version TEXT NOT NULL,
  assess_only BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  enrolled_with TEXT,
  last_check_in BIGINT,
  work_number BIGINT NOT NULL,
  scan_number BIGINT NOT NULL,
  manifest_generation BIGINT NOT NULL
);
CREATE INDEX assets_machine ON assets (machine_id);

CREATE TABLE asset_tags (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL,
  tag_id TEXT NOT NULL,
  PRIMARY KEY (asset_id, tag_id)
);
CREATE INDEX asset_tags_tag ON asset_tags (tag_id);

CREATE TABLE certificates (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL,
  fingerprint {blob} NOT NULL,
  serial TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  revoked_at BIGINT,
  PRIMARY KEY (asset_id, fingerprint)
);
CREATE INDEX certificates_fingerprint ON certificates (fingerprint);

CREATE TABLE scans (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL PRIMARY KEY,
  status TEXT NOT NULL,
  error TEXT,
  last_scan BIGINT,
  scanned_at BIGINT,
  hostname TEXT,
  digest {blob},
  facts TEXT,
  volatile TEXT NOT NULL,
  generation BIGINT NOT NULL,
  unsupported TEXT,
  findings {blob}
);
CREATE INDEX scans_digest ON scans (digest);

CREATE TABLE inventories (
  digest {blob} NOT NULL PRIMARY KEY,
  body {blob} NOT NULL,
  used_at BIGINT NOT NULL
);

CREATE TABLE feeds (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  state TEXT NOT NULL
);

CREATE TABLE patches (
  no BIGINT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  feed_id TEXT NOT NULL,
  record TEXT NOT NULL,
  withdrawn BIGINT NOT NULL
);
CREATE INDEX patches_feed ON patches (feed_id);

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY,
  status TEXT NOT NULL,
  record TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX jobs_status ON jobs (status);

CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  slot BIGINT NOT NULL,
  job_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  UNIQUE (job_id, slot)
);
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL;

CREATE TABLE run_assets (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  status TEXT NOT NULL,
  is_open BIGINT NOT NULL,
  left_out TEXT,
  state TEXT NOT NULL,
  manifest {blob},
  generation BIGINT,
  begin_before BIGINT,
  expires_at BIGINT,
  updated_at BIGINT NOT NULL,
  n_pending BIGINT NOT NULL,
  n_downloading BIGINT NOT NULL,
  n_installing BIGINT NOT NULL,
  n_installed BIGINT NOT NULL,
  n_pending_reboot BIGINT NOT NULL,
  n_failed BIGINT NOT NULL,
  n_superseded BIGINT NOT NULL,
  n_not_applicable BIGINT NOT NULL,
  n_skipped BIGINT NOT NULL,
  n_removed BIGINT NOT NULL,
  n_verifying BIGINT NOT NULL,
  PRIMARY KEY (asset_id, run_id)
);
CREATE INDEX run_assets_run ON run_assets (run_id, name_key, asset_id);
CREATE INDEX run_assets_open ON run_assets (asset_id) WHERE is_open = 1;
CREATE INDEX run_assets_open_run ON run_assets (run_id) WHERE is_open = 1;

CREATE TABLE run_events (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (asset_id, event_id)
);
CREATE INDEX run_events_age ON run_events (received_at);
