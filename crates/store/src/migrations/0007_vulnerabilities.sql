-- What feeds say of vulnerabilities: one row for each feed and CVE.

CREATE TABLE vulnerability_facts (
  feed_id TEXT NOT NULL,
  cve TEXT{bytewise} NOT NULL,
  title TEXT,
  epss_ppm BIGINT,
  exploited BIGINT NOT NULL,
  added TEXT,
  due TEXT,
  ransomware BIGINT NOT NULL,
  PRIMARY KEY (feed_id, cve)
);
CREATE INDEX vulnerability_facts_cve ON vulnerability_facts (cve);
