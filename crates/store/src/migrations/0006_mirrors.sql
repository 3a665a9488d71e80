-- Other places to fetch installers from, and patches that administrators uploaded. A custom patch is twice here: what
-- its administrator decides about, in `record`, and what the catalog has of it, in `patches` under `patch_id`.

CREATE TABLE mirrors (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE custom_patches (
  id TEXT NOT NULL PRIMARY KEY,
  patch_id TEXT NOT NULL UNIQUE,
  sha256 {blob} NOT NULL,
  record TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX custom_patches_content ON custom_patches (sha256);
