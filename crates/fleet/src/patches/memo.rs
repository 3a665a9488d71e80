//! Answers that were given before.

use super::set::PatchSet;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers kept at least. Twice as many may be there: at 20,000 patches those are 5 MB. A screen asks for
/// some ten sets, so this lasts for all screens that people look at together.
const KEEP: usize = 1_024;

/// Longest key that is kept, in bytes. A list of a thousand values is seldom asked for twice.
const LONGEST_KEY: usize = 4_096;

type Answers = HashMap<Box<[u8]>, Arc<PatchSet>>;

/// Sets by the condition that made them. Those that were not asked for lately are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    answers: Mutex<Ages>,
}

/// Two ages: when the young are many they become the old, and the old are forgotten. What is asked for among
/// the old becomes young again. That keeps the most recent ones without an order to maintain.
#[derive(Debug, Default)]
struct Ages {
    young: Answers,
    old: Answers,
}

impl Ages {
    /// Answers that nobody may look up any more are handed out, so that they are freed after the lock is.
    #[must_use]
    fn insert(&mut self, key: Box<[u8]>, answer: Arc<PatchSet>) -> Option<Answers> {
        self.young.insert(key, answer);
        (self.young.len() >= KEEP).then(|| std::mem::replace(&mut self.old, std::mem::take(&mut self.young)))
    }
}

impl Memo {
    pub(crate) fn get(&self, key: &[u8]) -> Option<Arc<PatchSet>> {
        // A poisoned lock holds answers that are each complete, so they stay usable.
        let mut ages = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = ages.young.get(key) {
            return Some(Arc::clone(answer));
        }
        let (key, answer) = ages.old.remove_entry(key)?;
        let forgotten = ages.insert(key, Arc::clone(&answer));
        drop(ages);
        drop(forgotten);
        Some(answer)
    }

    pub(crate) fn put(&self, key: Vec<u8>, answer: &Arc<PatchSet>) {
        if key.len() > LONGEST_KEY {
            return;
        }
        let forgotten = self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(key.into(), Arc::clone(answer));
        drop(forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let memo = Memo::default();
        let answer = Arc::new(PatchSet::default());
        for n in 0..4 * KEEP {
            memo.put(n.to_be_bytes().to_vec(), &answer);
            assert!(memo.get(&0_usize.to_be_bytes()).is_some(), "asked for all the time");
        }
        assert!(memo.get(&1_usize.to_be_bytes()).is_none(), "never asked for");
        assert!(memo.get(&(4 * KEEP - 1).to_be_bytes()).is_some(), "the newest");
        let ages = memo.answers.lock().expect("not poisoned");
        assert!(ages.young.len() + ages.old.len() <= 2 * KEEP);
    }

    #[test]
    fn long_keys_are_not_kept() {
        let memo = Memo::default();
        memo.put(vec![0; LONGEST_KEY + 1], &Arc::new(PatchSet::default()));
        assert!(memo.get(&[0; LONGEST_KEY + 1]).is_none());
    }
}
