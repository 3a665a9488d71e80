//! The same fleet as rows, in the text format of PostgreSQL's COPY.

use fettle_fleet::AssetCard;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::TagId;
use fettle_model::patch::Severity;
use fettle_sim::synthetic::Synthetic;
use std::io::{BufWriter, Result, Write};

/// A table of the normalised schema.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Table {
    /// `os(id, family, name)`
    Os,
    /// `assets(id, name, os, last_seen, known)`
    Assets,
    /// `tags(id, name)`
    Tags,
    /// `asset_tags(asset, tag)`
    AssetTags,
    /// `patches(id, kb, severity, kev, published)`
    Patches,
    /// `patch_cves(cve, patch)`
    PatchCves,
    /// `findings(asset, patch, missing)`
    Findings,
}

/// Writes a table to standard output.
pub(crate) fn write(made: &Synthetic, table: Table) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    match table {
        Table::Os => {
            for (number, system) in made.systems().iter().enumerate() {
                writeln!(out, "{number}\t{}\t{}", system.platform, system.name)?;
            }
        }
        Table::Tags => {
            for tag in made.tags() {
                writeln!(out, "{}\t{}", number(tag.id), tag.name)?;
            }
        }
        Table::Patches | Table::PatchCves => patches(made, table, &mut out)?,
        Table::Assets | Table::AssetTags | Table::Findings => {
            for at in 0..made.len() {
                asset(made, at, table, &mut out)?;
            }
        }
    }
    out.flush()
}

fn patches(made: &Synthetic, table: Table, out: &mut impl Write) -> Result<()> {
    for entry in made.catalog().entries() {
        let (no, patch) = (entry.no.0, &entry.patch);
        if matches!(table, Table::PatchCves) {
            for cve in &patch.cves {
                writeln!(out, "{cve}\t{no}")?;
            }
            continue;
        }
        let severity = Severity::ALL.iter().position(|&severity| severity == patch.vendor_severity).unwrap_or(0);
        let kb = patch.scores.kb.as_deref().unwrap_or("\\N");
        let published = patch.published_at.map_or("\\N".to_owned(), |at| at.to_string());
        writeln!(out, "{no}\t{kb}\t{severity}\t{}\t{published}", patch.scores.kev.is_some())?;
    }
    Ok(())
}

fn asset(made: &Synthetic, at: u32, table: Table, out: &mut impl Write) -> Result<()> {
    let (card, findings) = made.asset(at);
    match table {
        Table::AssetTags => {
            for &tag in &card.tags {
                writeln!(out, "{at}\t{}", number(tag))?;
            }
        }
        Table::Findings => {
            for (list, missing) in [(&findings.missing, 't'), (&findings.installed, 'f')] {
                for no in list {
                    writeln!(out, "{at}\t{}\t{missing}", no.0)?;
                }
            }
        }
        _ => {
            let seen = card.last_check_in.map_or("\\N".to_owned(), |at| at.to_string());
            writeln!(out, "{at}\t{}\t{}\t{seen}\t{}", card.name, system(made, &card), card.scan_status == ScanStatus::Scanned)?;
        }
    }
    Ok(())
}

fn system(made: &Synthetic, card: &AssetCard) -> usize {
    made.systems().iter().position(|system| system.name == card.os_name).unwrap_or(0)
}

fn number(tag: TagId) -> u128 {
    tag.0.as_u128()
}
