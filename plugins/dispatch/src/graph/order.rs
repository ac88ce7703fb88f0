//! Sets nodes in order, and counts in which wave each can be done.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Kind, Node};

/// Gives each node its wave; the nodes that wait for each other, circle by circle.
pub(super) fn waves(nodes: &mut [Node]) -> Vec<Vec<usize>> {
    let order = order(nodes);
    nodes.iter_mut().for_each(|node| node.wave = None);
    for &at in &order {
        nodes[at].wave = wave(nodes, at);
    }
    if order.len() == nodes.len() {
        return Vec::new();
    }
    circles(nodes, &order)
}

/// One more than the latest of those before it; a gate ends the wave that it stands behind.
fn wave(nodes: &[Node], at: usize) -> Option<u32> {
    let node = &nodes[at];
    if node.kind == Kind::Blocked || node.lost {
        return None;
    }
    let mut latest = 0;
    for &before in &node.after {
        latest = latest.max(nodes[before].wave?);
    }
    Some(latest + u32::from(node.kind == Kind::Item))
}

/// The nodes so that each stands behind those it waits for, as near to the plan's order as that goes. Nodes in a circle, and what
/// waits for them, are left out.
pub(super) fn order(nodes: &[Node]) -> Vec<usize> {
    let mut waits: Vec<usize> = nodes.iter().map(|node| node.after.len()).collect();
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        node.after.iter().for_each(|&before| behind[before].push(at));
    }
    let mut free: BinaryHeap<Reverse<usize>> = (0..nodes.len()).filter(|&at| waits[at] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(at)) = free.pop() {
        order.push(at);
        for &next in &behind[at] {
            waits[next] -= 1;
            if waits[next] == 0 {
                free.push(Reverse(next));
            }
        }
    }
    order
}

/// The nodes from which one comes back to them: all that are left when those that nothing in the rest waits for are taken away.
fn circles(nodes: &[Node], order: &[usize]) -> Vec<Vec<usize>> {
    let mut left = vec![true; nodes.len()];
    order.iter().for_each(|&at| left[at] = false);
    let mut waited = vec![0usize; nodes.len()];
    let rest = || (0..nodes.len()).filter(|&at| left[at]);
    for at in rest() {
        nodes[at].after.iter().for_each(|&before| waited[before] += 1);
    }
    let mut todo: Vec<usize> = rest().filter(|&at| waited[at] == 0).collect();
    while let Some(at) = todo.pop() {
        left[at] = false;
        for &before in &nodes[at].after {
            waited[before] -= 1;
            if left[before] && waited[before] == 0 {
                todo.push(before);
            }
        }
    }
    let mut found = Vec::new();
    for start in 0..nodes.len() {
        if !left[start] {
            continue;
        }
        // What hangs together is one circle for a person: they mend it at one place.
        let (mut circle, mut todo) = (Vec::new(), vec![start]);
        while let Some(at) = todo.pop() {
            if std::mem::take(&mut left[at]) {
                circle.push(at);
                todo.extend(nodes[at].after.iter().filter(|&&before| left[before]));
            }
        }
        circle.sort_unstable();
        found.push(circle);
    }
    found
}
