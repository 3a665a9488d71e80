-- What lists of results and of the audit log are narrowed by. An asset's part of a run remembers when it began and
-- when it ended; parts that are older than these columns have no beginning, and ended when they last moved.

ALTER TABLE run_assets ADD COLUMN began_at BIGINT;
ALTER TABLE run_assets ADD COLUMN ended_at BIGINT;
CREATE INDEX audit_log_at ON audit_log (at);
