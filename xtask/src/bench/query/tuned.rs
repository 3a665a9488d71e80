//! The schema of somebody who knows which questions will come: one row for each asset, with arrays and counters.

/// The table, made from those of the normalised schema. Arrays are kept beside the row and uncompressed, so that who
/// asks for counters reads none of them, and who asks for arrays need not unpack them.
pub(super) const TABLE: &str = "
    create table wide (
        id int primary key, family text, os int, last_seen timestamptz, known bool, tags int[], missing int[], installed int[],
        missing_count int, missing_none int, missing_low int, missing_moderate int, missing_important int, missing_critical int,
        missing_exploited int);
    alter table wide alter missing set storage external, alter installed set storage external;
    insert into wide
    select a.id, o.family, a.os, a.last_seen, a.known, coalesce(t.tags, '{}'), coalesce(f.missing, '{}'), coalesce(f.installed, '{}'),
        coalesce(f.total, 0), coalesce(f.none, 0), coalesce(f.low, 0), coalesce(f.moderate, 0), coalesce(f.important, 0),
        coalesce(f.critical, 0), coalesce(f.exploited, 0)
    from assets a join os o on o.id = a.os
    left join (select asset, array_agg(tag order by tag) tags from asset_tags group by asset) t on t.asset = a.id
    left join (
        select f.asset, array_agg(f.patch order by f.patch) filter (where f.missing) missing,
            array_agg(f.patch order by f.patch) filter (where not f.missing) installed,
            count(*) filter (where f.missing) total, count(*) filter (where f.missing and p.severity = 0) none,
            count(*) filter (where f.missing and p.severity = 1) low, count(*) filter (where f.missing and p.severity = 2) moderate,
            count(*) filter (where f.missing and p.severity = 3) important,
            count(*) filter (where f.missing and p.severity = 4) critical, count(*) filter (where f.missing and p.kev) exploited
        from findings f join patches p on p.id = f.patch group by f.asset) f on f.asset = a.id
    order by a.id;";

/// Its indexes.
pub(super) const INDEXES: &str = "
    set maintenance_work_mem = '1GB';
    create index on wide using gin (tags); create index on wide using gin (missing); create index on wide using gin (installed);
    create index on wide (family); create index on wide (os); create index on wide (last_seen); create index on wide (missing_count);
    create index on wide (missing_critical); create index on wide (missing_exploited);
    vacuum analyze wide;";
