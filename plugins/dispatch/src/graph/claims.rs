//! Items that claim a common file and that nothing orders are put one behind the other: two workers in one file end in a conflict.

use std::collections::BTreeMap;

use conductor_tracks::Plan;

use super::order;
use super::{Kind, Node};

/// Items in a chain, since they claim the same files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The nodes, each behind the one before it.
    pub nodes: Vec<usize>,
    /// What neighbours in it claim both, as written in the plan.
    pub paths: Vec<String>,
}

/// Words of bits that are looked at to know what is ordered already; past it (a plan of some hundred thousand tasks that claim
/// files) two items in one file are chained without looking, which changes nothing but what is told.
const WORDS: usize = 2 << 20;

/// Chains the items of a plan, and counts the waves anew. An edge always leads from an earlier wave to a later one, or within a wave
/// in the order of the plan, so no circle can come of it.
pub(super) fn chain(plan: &Plan<'_>, nodes: &mut [Node]) -> Vec<Chain> {
    let claimed = claimed(plan, nodes);
    if claimed.values().all(|nodes| nodes.len() < 2) {
        return Vec::new();
    }
    let mut rank = vec![usize::MAX; nodes.len()];
    let order = order::order(nodes);
    order.iter().enumerate().for_each(|(rank_of, &at)| rank[at] = rank_of);
    let before = Before::of(
        nodes,
        &order,
        claimed.values().filter(|nodes| nodes.len() > 1).flatten(),
    );
    let mut pairs: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for (path, mut claimers) in claimed {
        claimers.sort_by_key(|&at| (nodes[at].wave, rank[at]));
        for pair in claimers.windows(2) {
            let [first, second] = [pair[0], pair[1]];
            if !before.holds(first, second) {
                pairs.entry((first, second)).or_default().push(path.to_owned());
            }
        }
    }
    for &(first, second) in pairs.keys() {
        let after = &mut nodes[second].after;
        if let Err(place) = after.binary_search(&first) {
            after.insert(place, first);
        }
    }
    order::waves(nodes);
    chains(nodes, pairs)
}

/// Each path with the nodes that claim it, each once. A folder or a pattern is one with every path in it that is claimed by name.
fn claimed<'p>(plan: &'p Plan<'_>, nodes: &[Node]) -> BTreeMap<&'p str, Vec<usize>> {
    let mut claimed: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut wide: Vec<(&str, usize)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        if node.kind != Kind::Item || node.wave.is_none() {
            continue;
        }
        let tasks = node.tasks.iter().map(|&task| &plan.phases[node.phase].tasks[task]);
        for claim in tasks.flat_map(|task| task.files.iter().flat_map(|files| &files.claims)) {
            let path: &str = &claim.path;
            if claim.glob || path.ends_with('/') {
                wide.push((path, at));
            }
            let claimers = claimed.entry(path).or_default();
            if claimers.last() != Some(&at) {
                claimers.push(at);
            }
        }
    }
    let paths: Vec<&str> = claimed.keys().copied().collect();
    // Patterns are few in plans that people write; a plan of nothing else is not compared beyond this.
    for &(pattern, at) in wide.iter().take(1_000) {
        for path in paths.iter().filter(|path| covers(pattern, path)) {
            if let Some(claimers) = claimed.get_mut(path).filter(|claimers| !claimers.contains(&at)) {
                claimers.push(at);
            }
        }
    }
    claimed
}

pub(crate) fn covers(pattern: &str, path: &str) -> bool {
    pattern != path && (pattern.ends_with('/') && path.starts_with(pattern) || fast_glob::glob_match(pattern, path))
}

/// Which claimers come before which.
struct Before {
    /// For each node that claims a shared path, its bit.
    bits: BTreeMap<usize, usize>,
    /// For each node, the bits of the claimers before it; empty where there were too many to look.
    rows: Vec<Vec<u64>>,
}

impl Before {
    fn of<'n>(nodes: &[Node], order: &[usize], claimers: impl Iterator<Item = &'n usize>) -> Self {
        let mut bits: BTreeMap<usize, usize> = BTreeMap::new();
        for &claimer in claimers {
            let next = bits.len();
            bits.entry(claimer).or_insert(next);
        }
        let words = bits.len().div_ceil(64);
        let mut rows = Vec::new();
        if words * nodes.len() <= WORDS {
            rows = vec![Vec::new(); nodes.len()];
            for &at in order {
                let mut row = vec![0; words];
                for &before in &nodes[at].after {
                    let earlier: &[u64] = &rows[before];
                    row.iter_mut().zip(earlier).for_each(|(word, more)| *word |= more);
                    if let Some(bit) = bits.get(&before) {
                        row[bit / 64] |= 1 << (bit % 64);
                    }
                }
                rows[at] = row;
            }
        }
        Self { bits, rows }
    }

    fn holds(&self, first: usize, second: usize) -> bool {
        let row = self.rows.get(second);
        let bit = self.bits.get(&first);
        row.zip(bit)
            .is_some_and(|(row, bit)| row.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1))
    }
}

/// Pairs that follow each other with the same paths become one chain.
fn chains(nodes: &[Node], pairs: BTreeMap<(usize, usize), Vec<String>>) -> Vec<Chain> {
    let mut links: Vec<_> = pairs.into_iter().collect();
    links.sort_by_key(|((first, second), _)| (nodes[*first].wave, nodes[*second].wave, *first, *second));
    let mut chains: Vec<Chain> = Vec::new();
    let mut open: BTreeMap<(usize, Vec<String>), usize> = BTreeMap::new();
    for ((first, second), paths) in links {
        let chain = open.remove(&(first, paths.clone())).unwrap_or_else(|| {
            chains.push(Chain {
                nodes: vec![first],
                paths: paths.clone(),
            });
            chains.len() - 1
        });
        chains[chain].nodes.push(second);
        open.insert((second, paths), chain);
    }
    chains
}
