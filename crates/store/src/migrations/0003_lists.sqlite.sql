-- SQLite keeps a row's columns one behind the other, so that counting patches would read the long state and manifest
-- in front of the counts. This has all that counting takes. (PostgreSQL keeps long values apart, and an index on
-- columns that change with every report would make it write more.)
CREATE INDEX run_assets_counts ON run_assets (
  run_id, n_pending, n_downloading, n_installing, n_installed, n_pending_reboot, n_failed, n_superseded, n_not_applicable,
  n_skipped, n_removed, n_verifying, status, left_out, is_open, began_at, ended_at, updated_at
);
