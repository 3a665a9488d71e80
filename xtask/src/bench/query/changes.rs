//! Scans of known machines: what the index's measurement tells of them, and PostgreSQL doing the same.

use super::goal::Goal;
use super::reference::Reference;
use anyhow::{Context, Result};
use serde_json::Value;

/// Machines that PostgreSQL scans again in one round.
const MACHINES: u32 = 2_000;
/// Rounds, each of other machines; the median counts.
const ROUNDS: usize = 3;
/// Microseconds of a tick of proc(5)'s clock, which has a hundred of them a second on every Linux.
const TICK: f64 = 10_000.0;

/// What was measured of changes, beside the goals.
pub(super) struct Changes {
    same: f64,
    changed: f64,
    roaring: f64,
    postgres: f64,
    updates: f64,
    p50: f64,
    p99: f64,
}

impl Changes {
    /// Reads the lines of the index's measurement at full size, and of the index with as many assets as PostgreSQL, with
    /// which it is compared.
    pub(super) fn of(full: &[Value], small: &[Value], postgres_us: f64) -> Result<Self> {
        let number = |lines: &[Value], what: &str, name: &str| {
            let line = lines.iter().find(|line| line["what"] == what).with_context(|| format!("the measurement printed no {what}"))?;
            line[name].as_f64().with_context(|| format!("no number {name} in {line}"))
        };
        let updates = |name| number(full, "updates", name);
        let changed = number(full, "rescan", "changed_us")?;
        Ok(Self {
            same: number(full, "rescan", "same_us")?,
            changed,
            roaring: number(full, "rescan", "roaring_us")? / changed,
            postgres: postgres_us / number(small, "rescan", "changed_us")?,
            updates: updates("per_second")?,
            p50: updates("beside_us")? / updates("alone_us")?,
            p99: updates("beside_p99_us")? / updates("alone_p99_us")?,
        })
    }

    /// Each beside its goal. Not all are reached, so they are told and not required.
    pub(super) fn goals(&self) -> [Goal; 7] {
        [
            Goal::at_most("scan that changes nothing, µs", self.same, 3.0),
            Goal::at_most("scan that changes fifteen patches, µs", self.changed, 25.0),
            Goal::at_least("the same in place in roaring bitmaps, times as long", self.roaring, 2.0),
            Goal::at_least("the same rows in PostgreSQL, times as long", self.postgres, 60.0),
            Goal::at_least("scans a second that change fifteen patches", self.updates, 30_000.0),
            Goal::at_most("a reader beside them, p50, times as long as alone", self.p50, 1.1),
            Goal::at_most("a reader beside them, p99, times as long as alone", self.p99, 10.0),
        ]
    }
}

impl std::fmt::Display for Changes {
    /// As words of the line of results.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "updates_per_s={:.0} reader_p50_ratio={:.2} reader_p99_ratio={:.2} rescan_same_us={:.2} rescan_15_us={:.1} \
             rescan_roaring_ratio={:.2} rescan_postgres_ratio={:.1}",
            self.updates, self.p50, self.p99, self.same, self.changed, self.roaring, self.postgres
        )
    }
}

/// What PostgreSQL's process spends on one scan that changes fifteen patches, microseconds. It is given what the scan
/// found and has the rows of the scan before: of these ten go and fifteen come. Plans are kept, and all is one transaction.
pub(super) fn postgres_us(reference: &Reference, assets: u32) -> Result<f64> {
    let step = (assets / (MACHINES * 3)).max(1);
    reference.one(&format!(
        "create table rescans as
            with chosen as (select f.asset, (array_agg(f.patch order by f.patch * 7919 % 10007))[1:10] as cured,
                    (select array_agg(id) from (select p.id from patches p where p.id % 200 = f.asset % 200
                        and not exists (select from findings g where g.asset = f.asset and g.patch = p.id) limit 5) p) as new
                from findings f where f.missing and f.asset % {step} = 0 group by f.asset having count(*) >= 15),
            scanned as (select c.asset, f.patch, f.missing and f.patch <> all (c.cured) as missing
                    from chosen c join findings f on f.asset = c.asset
                union all select asset, unnest(new), true from chosen)
            select asset, (asset / {step}) % {ROUNDS} as round, array_agg(patch order by patch) as patches,
                array_agg(missing order by patch) as missing from scanned group by asset"
    ))?;
    reference.one("create table spent (ticks bigint)")?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        reference.one(&block(round))?;
        let spent = reference
            .one(&format!("delete from spent returning ticks::float8 * {TICK} / (select count(*) from rescans where round = {round})"))?;
        times.push(spent.lines().next().unwrap_or_default().trim().parse::<f64>().context("a time")?);
    }
    times.sort_by(f64::total_cmp);
    times.get(ROUNDS / 2).copied().context("it was asked")
}

/// Scans all machines of a round and notes the processor's time that went by in this process (proc(5): fields 14 and 15).
fn block(round: usize) -> String {
    let ticks = "(select split_part(line, ' ', 12)::bigint + split_part(line, ' ', 13)::bigint
        from (select split_part(pg_read_file('/proc/self/stat'), ') ', 2) as line) stat)";
    format!(
        "do $$ declare scan record; before bigint; begin
            before := {ticks};
            for scan in select * from rescans where round = {round} loop
                delete from findings f where f.asset = scan.asset
                    and (f.patch, f.missing) not in (select * from unnest(scan.patches, scan.missing));
                insert into findings select scan.asset, n.patch, n.missing from unnest(scan.patches, scan.missing) n(patch, missing)
                    where not exists (select from findings f where f.asset = scan.asset and f.patch = n.patch);
            end loop;
            insert into spent select {ticks} - before;
        end $$"
    )
}
