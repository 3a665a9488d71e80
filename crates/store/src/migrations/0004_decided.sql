-- Who carries the tags that queries decide, as it was decided last. The index of the fleet decides it anew all the time;
-- this is what it begins with, so that a tag whose query cannot be understood any more keeps its carriers.

CREATE TABLE decided_tags (
  subscription_id TEXT NOT NULL,
  asset_id TEXT NOT NULL,
  tag_id TEXT NOT NULL,
  PRIMARY KEY (asset_id, tag_id)
);
CREATE INDEX decided_tags_tag ON decided_tags (tag_id);
