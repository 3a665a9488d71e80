//! Upkeep of assets: who checked in, and who has not scanned for long.

use super::{WorkError, store};
use crate::{App, index};
use fettle_fleet::Purpose;
use fettle_model::ids::AssetId;
use jiff::SignedDuration;

/// Intervals without a scan after which an asset counts as stale.
const STALE_INTERVALS: i32 = 3;

/// Writes down who checked in. What an agent said of itself reaches the index when it changed.
pub(super) async fn note_check_ins(app: &App) -> Result<String, WorkError> {
    let notes = app.check_ins.take();
    if notes.is_empty() {
        return Ok(String::new());
    }
    let view = app.fleet.view().unscoped(Purpose::Upkeep);
    let changed: Vec<AssetId> = notes
        .iter()
        .filter(|note| {
            let card = view.asset(note.asset).map(|row| row.card);
            card.is_some_and(|card| card.agent_version != note.agent_version || card.assess_only != note.assess_only)
        })
        .map(|note| note.asset)
        .collect();
    if let Err(error) = app.store.note_check_ins(&notes).await {
        app.check_ins.give_back(notes);
        return Err(store("note who checked in")(error));
    }
    index::refresh_all(app, &changed).await.map_err(store("show what agents say of themselves"))?;
    Ok(String::new())
}

/// Marks assets that have not scanned for three intervals.
pub(super) async fn mark_stale(app: &App) -> Result<String, WorkError> {
    let interval = SignedDuration::from_secs(app.settings.pace.scan_interval.into());
    let before = app.clock.now() - interval * STALE_INTERVALS;
    let stale = app.store.mark_stale(before).await.map_err(store("mark stale assets"))?;
    index::refresh_all(app, &stale).await.map_err(store("show stale assets"))?;
    Ok(if stale.is_empty() { String::new() } else { format!("{} assets have not scanned for three intervals", stale.len()) })
}
