//! Scans of known machines: what the index's measurement tells of them, and PostgreSQL doing the same.

use crate::postgres::Postgres;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::process::Command;

/// Machines that PostgreSQL scans again in one round.
const MACHINES: u32 = 2_000;
/// Rounds, each of other machines; the median counts.
const ROUNDS: usize = 3;
/// Microseconds of a tick of proc(5)'s clock, which has a hundred of them a second on every Linux.
const TICK: f64 = 10_000.0;

/// Most microseconds of a scan that changes nothing: the goal is 3, and runs differ by half.
const SAME_US: f64 = 4.5;
/// Most times as long that one in a hundred readers waits while scans arrive.
const READER_P99: f64 = 10.0;

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

    /// Fails when a goal that was reached is missed by more than runs differ. Fifteen patches, and scans a second, are
    /// still short of theirs and only told.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(self.same <= SAME_US, "a scan that changes nothing takes {:.2} µs, more than {SAME_US}", self.same);
        ensure!(self.p99 <= READER_P99, "a reader's p99 is {:.1} times as long while scans arrive, more than {READER_P99}", self.p99);
        Ok(())
    }

    /// Prints each beside its goal.
    pub(super) fn print(&self) {
        println!("scans of known machines:");
        let line = |what: &str, measured: f64, goal: &str| println!("  {what:<52} {measured:>10.2}   goal {goal}");
        line("nothing changed, µs", self.same, "at most 3");
        line("fifteen patches changed, µs", self.changed, "at most 25");
        line("the same in place in roaring bitmaps, times as long", self.roaring, "at least 2");
        line("the same rows in PostgreSQL, times as long", self.postgres, "at least 60");
        line("fifteen patches changed, scans a second", self.updates, "at least 30000");
        line("a reader beside them, p50, times as long as alone", self.p50, "at most 1.1");
        line("a reader beside them, p99, times as long as alone", self.p99, "at most 10");
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
pub(super) fn postgres_us(postgres: &Postgres, assets: u32) -> Result<f64> {
    let step = (assets / (MACHINES * 3)).max(1);
    one(
        postgres,
        &format!(
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
        ),
    )?;
    one(postgres, "create table spent (ticks bigint)")?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        one(postgres, &block(round))?;
        let spent = one(
            postgres,
            &format!("delete from spent returning ticks::float8 * {TICK} / (select count(*) from rescans where round = {round})"),
        )?;
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

/// One statement, which may have semicolons in it.
fn one(postgres: &Postgres, sql: &str) -> Result<String> {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &postgres.url(), "-c", sql]);
    crate::shell::output(&mut command)
}
