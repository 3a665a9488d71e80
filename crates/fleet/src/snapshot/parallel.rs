//! Work that is done by all processors together.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
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
}
