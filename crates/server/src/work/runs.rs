//! Ending runs.

use super::{WorkError, store};
use crate::{App, Event};

/// Times out what did not begin in its window, ends runs of which nothing is open, completes their jobs.
pub(super) async fn close(app: &App) -> Result<String, WorkError> {
    let outcome = app.store.close_runs(app.clock.now()).await.map_err(store("end runs"))?;
    app.nudges.wake_many(outcome.assets);
    for &run in &outcome.runs {
        app.tell(Event::Run(run));
    }
    Ok(if outcome.runs.is_empty() { String::new() } else { format!("{} runs moved on or ended", outcome.runs.len()) })
}
