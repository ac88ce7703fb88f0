//! Dependencies that wait for each other in a circle, so that none of them can ever begin.

/// At most so many circles are told of one graph.
const MOST: usize = 20;

/// The circles of a graph, each as its nodes in the order in which they wait. `edges[node]`: what the node waits for.
/// Every circle shares an edge with one of those found; linear in the number of edges.
pub(crate) fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut seen = vec![false; edges.len()];
    // Where a node stands on the path that is being followed.
    let mut place: Vec<Option<usize>> = vec![None; edges.len()];
    for first in 0..edges.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        // The path, with how many edges of each node were followed.
        let mut path = vec![(first, 0)];
        place[first] = Some(0);
        while let Some((node, followed)) = path.last_mut() {
            let Some(next) = edges[*node].get(*followed).copied() else {
                place[*node] = None;
                path.pop();
                continue;
            };
            *followed += 1;
            if let Some(start) = place[next] {
                found.push(path[start..].iter().map(|(node, _)| *node).collect());
                if found.len() == MOST {
                    return found;
                }
            } else if !std::mem::replace(&mut seen[next], true) {
                place[next] = Some(path.len());
                path.push((next, 0));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles() {
        assert_eq!(cycles(&[vec![1], vec![2], vec![], vec![0, 1]]), [] as [Vec<usize>; 0]);
        assert_eq!(cycles(&[vec![0]]), [vec![0]]);
        assert_eq!(cycles(&[vec![1], vec![2], vec![1], vec![0]]), [vec![1, 2]]);
    }
}
