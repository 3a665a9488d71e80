//! Work that is done by all processors together.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// How many threads the machine has for us.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` for each item and gives what came of it, in order, or the first error. Threads take the next item
/// when they are done with one; each has something of its own that `own` makes.
pub(crate) fn each<T: Sync, O, R: Send, E: Send>(
    items: &[T],
    own: impl Fn() -> O + Sync,
    work: impl Fn(&mut O, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let failed: Mutex<Option<E>> = Mutex::new(None);
    let run = || {
        let mut own = own();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            match work(&mut own, item) {
                Ok(result) => done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result)),
                Err(error) => {
                    // Nobody begins with anything else.
                    next.store(items.len(), Ordering::Relaxed);
                    failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads().min(items.len()) {
            scope.spawn(run);
        }
        run();
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

/// Pieces that are read before somebody works on them: enough that the disk is never idle while all processors are
/// busy with large pieces, few enough that they are some tens of megabytes.
const AHEAD: usize = 2;

/// As [`each`], for items whose bytes come from a disk: one more thread fetches them in order and is ahead of those
/// that work, so that the disk and the processors are busy at the same time. `fetch` fills a buffer, which may be one
/// that was used before.
pub(crate) fn each_fetched<T: Sync, O, R: Send, E: Send>(
    items: &[T],
    fetch: impl Fn(&T, &mut Vec<u8>) -> Result<(), E> + Sync,
    own: impl Fn() -> O + Sync,
    work: impl Fn(&mut O, &T, &[u8]) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let (fetched, ready) = sync_channel(AHEAD);
    let (used, free) = channel();
    let ready = Mutex::new(ready);
    std::thread::scope(|scope| {
        let fetch = &fetch;
        scope.spawn(move || fetch_all(items, fetch, &free, &fetched));
        let done = each(items, || (own(), used.clone()), |(own, used), _| take(&ready, own, used, &work).transpose());
        // Whoever fetches sees that nobody takes any more.
        drop(ready);
        let mut done: Vec<(usize, R)> = done?.into_iter().flatten().collect();
        done.sort_unstable_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    })
}

/// An item with its bytes, or why they could not be fetched.
type Fetched<'a, T, E> = (usize, &'a T, Result<Vec<u8>, E>);

fn fetch_all<'a, T, E>(
    items: &'a [T],
    fetch: impl Fn(&T, &mut Vec<u8>) -> Result<(), E>,
    free: &Receiver<Vec<u8>>,
    fetched: &SyncSender<Fetched<'a, T, E>>,
) {
    for (at, item) in items.iter().enumerate() {
        let mut buffer = free.try_recv().unwrap_or_default();
        let bytes = fetch(item, &mut buffer).map(|()| buffer);
        if fetched.send((at, item, bytes)).is_err() {
            return;
        }
    }
}

/// Works on the next item. `None` when there is none left.
fn take<T, O, R, E>(
    ready: &Mutex<Receiver<Fetched<'_, T, E>>>,
    own: &mut O,
    used: &Sender<Vec<u8>>,
    work: impl Fn(&mut O, &T, &[u8]) -> Result<R, E>,
) -> Option<Result<(usize, R), E>> {
    let (at, item, bytes) = ready.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return Some(Err(error)),
    };
    let result = work(own, item, &bytes).map(|result| (at, result));
    // Nobody may wait for it any more.
    used.send(bytes).unwrap_or_default();
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_an_error_is_told() {
        let items: Vec<u32> = (0..1_000).collect();
        let doubled = each(&items, || (), |(), &item| Ok::<_, u32>(2 * item));
        assert_eq!(doubled, Ok(items.iter().map(|item| 2 * item).collect()));
        let failed = each(&items, || (), |(), &item| if item == 700 { Err(item) } else { Ok(item) });
        assert_eq!(failed, Err(700));
        assert_eq!(each(&[], || (), |(), &item: &u32| Ok::<_, u32>(item)), Ok(Vec::new()));
    }

    #[test]
    fn what_is_fetched_is_worked_on_in_order_and_errors_of_both_are_told() {
        let items: Vec<u8> = (0..200).collect();
        let fetch = |&item: &u8, buffer: &mut Vec<u8>| {
            buffer.clear();
            buffer.push(item);
            if item == 150 { Err(item) } else { Ok(()) }
        };
        let sum =
            |(): &mut (), &item: &u8, bytes: &[u8]| Ok::<_, u8>(u32::from(item) + bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>());
        let (good, with_bad) = (items.get(..150).unwrap_or_default(), &items);
        assert_eq!(each_fetched(good, fetch, || (), sum), Ok((0..150).map(|item| 2 * item).collect()));
        assert_eq!(each_fetched(with_bad, fetch, || (), sum), Err(150));
        let failing = |(): &mut (), &item: &u8, _: &[u8]| if item == 20 { Err(item) } else { Ok(()) };
        assert_eq!(each_fetched(good, fetch, || (), failing), Err(20));
        assert_eq!(each_fetched(&[], fetch, || (), sum), Ok(Vec::new()));
    }
}
