//! The schema that everybody would begin with. This SQL is a yardstick and never the product's.

/// Its tables.
pub(super) const SCHEMA: &str = "
    create table os (id int primary key, family text, name text);
    create table assets (id int primary key, name text, os int, last_seen timestamptz, known bool);
    create table tags (id int primary key, name text);
    create table asset_tags (asset int, tag int);
    create table patches (id int primary key, kb text, severity smallint, kev bool, published timestamptz);
    create table patch_cves (cve text, patch int);
    create table findings (asset int, patch int, missing bool);";

/// Its indexes, made once the tables are full.
pub(super) const INDEXES: &str = "
    create index on assets (os); create index on assets (last_seen); create index on assets (name);
    create unique index on tags (name);
    alter table asset_tags add primary key (asset, tag); create index on asset_tags (tag, asset);
    create unique index on patches (kb); create index on patches (severity); create index on patches (published);
    create index on patches (id) where kev; create index on patch_cves (cve, patch);
    alter table findings add primary key (asset, patch); create index on findings (patch, missing, asset);
    vacuum analyze;";

/// Each table, and what the measurement calls its export.
pub(super) const TABLES: [(&str, &str); 7] = [
    ("os", "os"),
    ("assets", "assets"),
    ("tags", "tags"),
    ("asset_tags", "asset-tags"),
    ("patches", "patches"),
    ("patch_cves", "patch-cves"),
    ("findings", "findings"),
];
