//! A list in chunks that are shared between versions: a change copies one chunk and the pointers to all.

use std::sync::Arc;

/// A list in chunks of `N`.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<T, const N: usize>(Vec<Arc<Vec<T>>>);

impl<T, const N: usize> Default for Chunks<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone, const N: usize> Chunks<T, N> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * N + last.len())
    }

    /// One of them.
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.0.get(at / N)?.get(at % N)
    }

    /// One of them, to be changed.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        Arc::make_mut(self.0.get_mut(at / N)?).get_mut(at % N)
    }

    /// A chunk of them, to be replaced.
    pub(crate) fn chunk_mut(&mut self, at: usize) -> Option<&mut Arc<Vec<T>>> {
        self.0.get_mut(at)
    }

    /// Appends one.
    pub(crate) fn push(&mut self, item: T) {
        if self.0.last().is_none_or(|last| last.len() == N) {
            self.0.push(Arc::new(Vec::with_capacity(N)));
        }
        if let Some(last) = self.0.last_mut() {
            Arc::make_mut(last).push(item);
        }
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flat_map(|chunk| chunk.iter())
    }
}
