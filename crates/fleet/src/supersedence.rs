//! Which patch replaces which: a graph, made free of cycles, and what it hides.

use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::patch::Patch;
use fettle_model::rule::Rule;
use std::collections::{BTreeSet, HashMap};

/// A claim "`newer` supersedes `older`" that was ignored because it closed a cycle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokenEdge {
    /// The patch that claims to replace the other.
    pub newer: PatchId,
    /// The patch it claims to replace.
    pub older: PatchId,
}

/// The graph over positions of a patch list.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Per position: positions it replaces directly, ascending.
    pub(crate) supersedes: Vec<Vec<usize>>,
    /// Per position: positions that replace it directly, ascending.
    pub(crate) superseded_by: Vec<Vec<usize>>,
    /// Per position: an enabled patch replaces it, directly or over others.
    pub(crate) superseded: Vec<bool>,
    /// Claims that were ignored, ordered.
    pub(crate) broken: Vec<BrokenEdge>,
}

impl Graph {
    /// Builds the graph. Claims about patches that are not in the list are left out.
    ///
    /// Of the patches in one cycle the one published later replaces the one published earlier; with equal
    /// dates the greater id replaces the lesser. Claims against that order are ignored, so the result does
    /// not depend on the order of the list. A patch that is switched off replaces nothing itself, and still
    /// links what replaces it with what it replaces.
    pub(crate) fn build(patches: &[(PatchNo, Patch)]) -> Self {
        let position: HashMap<&PatchId, usize> = patches.iter().enumerate().map(|(at, (_, patch))| (&patch.id, at)).collect();
        let mut supersedes: Vec<Vec<usize>> = patches
            .iter()
            .map(|(_, patch)| {
                let mut olders: Vec<usize> = patch.supersedes.iter().filter_map(|id| position.get(id).copied()).collect();
                olders.sort_unstable();
                olders.dedup();
                olders
            })
            .collect();
        let broken = break_cycles(patches, &mut supersedes);
        let mut superseded_by = vec![Vec::new(); patches.len()];
        for (newer, olders) in supersedes.iter().enumerate() {
            for &older in olders {
                superseded_by[older].push(newer);
            }
        }
        let superseded = reach(patches, &supersedes);
        Self { supersedes, superseded_by, superseded, broken }
    }

    /// Per position: articles of the updates of Windows that replace it, directly or over others, ordered. A patch that
    /// is switched off still proves that a system which lists it has what it replaces.
    pub(crate) fn articles(&self, patches: &[(PatchNo, Patch)]) -> Vec<Vec<String>> {
        let article = |at: usize| match patches.get(at).map(|(_, patch)| &patch.rule) {
            Some(Rule::Windows(rule)) => rule.kb.clone(),
            _ => None,
        };
        let of = |start: usize| {
            let mut known = BTreeSet::from([start]);
            let mut open = vec![start];
            while let Some(at) = open.pop() {
                open.extend(self.superseded_by.get(at).into_iter().flatten().copied().filter(|&newer| known.insert(newer)));
            }
            known.remove(&start);
            known.into_iter().filter_map(article).collect::<BTreeSet<String>>().into_iter().collect()
        };
        (0..patches.len()).map(|at| if article(at).is_some() { of(at) } else { Vec::new() }).collect()
    }
}

/// Everything reachable from an enabled patch, itself not counted.
fn reach(patches: &[(PatchNo, Patch)], supersedes: &[Vec<usize>]) -> Vec<bool> {
    let mut superseded = vec![false; patches.len()];
    let enabled = patches.iter().enumerate().filter(|(_, (_, patch))| patch.enabled);
    let mut open: Vec<usize> = enabled.flat_map(|(at, _)| supersedes[at].iter().copied()).collect();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut superseded[at], true) {
            open.extend_from_slice(&supersedes[at]);
        }
    }
    superseded
}

fn break_cycles(patches: &[(PatchNo, Patch)], supersedes: &mut [Vec<usize>]) -> Vec<BrokenEdge> {
    let component = components(supersedes);
    let age = |at: usize| (patches[at].1.published_at, &patches[at].1.id);
    let mut broken = Vec::new();
    for (newer, olders) in supersedes.iter_mut().enumerate() {
        olders.retain(|&older| {
            let keep = component[newer] != component[older] || age(newer) > age(older);
            if !keep {
                broken.push(BrokenEdge { newer: patches[newer].1.id.clone(), older: patches[older].1.id.clone() });
            }
            keep
        });
    }
    broken.sort();
    broken
}

/// A step of the walk below: enter a node, or leave it after its neighbours.
enum Step {
    Enter(usize),
    Leave(usize),
}

/// Strongly connected components by Tarjan's algorithm, with a stack of its own: a feed's chain of patches
/// may be longer than a thread's stack is deep. Two positions are in one component when each reaches the other.
fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let mut order = vec![NONE; edges.len()];
    let mut low = vec![NONE; edges.len()];
    let mut component = vec![NONE; edges.len()];
    let mut path = Vec::new();
    let (mut entered, mut closed) = (0, 0);
    for start in 0..edges.len() {
        let mut steps = vec![Step::Enter(start)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(at) if order[at] != NONE => {}
                Step::Enter(at) => {
                    order[at] = entered;
                    low[at] = entered;
                    entered += 1;
                    path.push(at);
                    steps.push(Step::Leave(at));
                    steps.extend(edges[at].iter().map(|&to| Step::Enter(to)));
                }
                Step::Leave(at) => {
                    // A neighbour that is still open lies on the same cycle as everything above it on the path.
                    let open = edges[at].iter().filter(|&&to| component[to] == NONE).map(|&to| low[to]);
                    low[at] = open.fold(low[at], usize::min);
                    if low[at] == order[at] {
                        while let Some(top) = path.pop() {
                            component[top] = closed;
                            if top == at {
                                break;
                            }
                        }
                        closed += 1;
                    }
                }
            }
        }
    }
    component
}
