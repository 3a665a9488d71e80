//! Time the processor spent on this thread: what others do on the machine does not count.

use std::error::Error;
use std::time::Duration;

/// Reads the thread's time from the kernel (proc(5), `schedstat`), which keeps it up to a few milliseconds.
pub(crate) struct Watch(Duration);

impl Watch {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        now().map(Self)
    }

    /// Time since the start.
    pub(crate) fn read(&self) -> Result<Duration, Box<dyn Error>> {
        Ok(now()?.saturating_sub(self.0))
    }
}

fn now() -> Result<Duration, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split_whitespace().next().ok_or("the kernel does not tell the time of threads")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
