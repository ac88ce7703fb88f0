//! The order of a plan's work, for a person, as a Mermaid diagram, or as data.

use std::fmt::Write;

use conductor_common::width::{one_line, shortened};
use conductor_plugin::{Format, Outcome, Style, Text};
use serde_json::json;

use crate::graph::{Kind, Node};
use crate::ground::Ground;

/// The most columns of a title.
const TITLE: usize = 48;

/// Shows the graph of a track.
#[must_use]
pub fn graph(ground: &Ground<'_>, mermaid: bool) -> Outcome {
    let shown = match mermaid {
        true => diagram(ground),
        false => lines(ground),
    };
    let mut text = Text::default();
    match ground.host.presentation() {
        Format::Markdown(_) => {
            let fence = if mermaid { "mermaid" } else { "text" };
            text.push(
                Style::Plain,
                &format!("```{fence}\n{}```\n", shown.replace("```", "'''")),
            );
        }
        _ => text.push(Style::Plain, &shown),
    }
    Outcome {
        json: data(ground).to_string(),
        ..Outcome::from(text)
    }
}

fn title(ground: &Ground<'_>, node: &Node) -> String {
    let phase = &ground.plan.phases[node.phase];
    let title = node
        .tasks
        .first()
        .map_or(&phase.title, |&task| &phase.tasks[task].title);
    shortened(&one_line(title), TITLE).into_owned()
}

fn kind(node: &Node) -> &'static str {
    match node.kind {
        Kind::Item => "item",
        Kind::Gate => "gate",
        Kind::Blocked => "blocked",
        Kind::Joint => "joint",
    }
}

fn lines(ground: &Ground<'_>) -> String {
    let (plan, graph) = (ground.plan, &ground.graph);
    let mut out = String::new();
    for node in graph.nodes.iter().filter(|node| node.kind != Kind::Joint) {
        let wave = node.wave.map_or_else(|| "-".to_owned(), |wave| wave.to_string());
        let who = match node.kind {
            Kind::Gate => "you",
            Kind::Blocked => "[!]",
            _ => "",
        };
        let after: Vec<String> = node.after.iter().map(|&at| graph.nodes[at].name(plan)).collect();
        let after = if after.is_empty() {
            String::new()
        } else {
            format!("   after {}", after.join(", "))
        };
        writeln!(
            out,
            "{wave:>4}  {:<10}{who:<4}{}{after}",
            node.name(plan),
            title(ground, node)
        )
        .expect("a String takes any text");
    }
    for chain in &graph.chains {
        let nodes: Vec<String> = chain.nodes.iter().map(|&at| graph.nodes[at].name(plan)).collect();
        writeln!(
            out,
            "chained: {} by {}",
            nodes.join(" -> "),
            one_line(&chain.paths.join(", "))
        )
        .expect("a String takes any text");
    }
    for problem in super::facts::problems(plan, graph) {
        writeln!(out, "problem: {}", one_line(&problem)).expect("a String takes any text");
    }
    out
}

fn diagram(ground: &Ground<'_>) -> String {
    let mut out = "flowchart TD\n".to_owned();
    for (at, node) in ground.graph.nodes.iter().enumerate() {
        let words = format!("{} {}", node.name(ground.plan), title(ground, node));
        // What Mermaid could read as its own is written as a character's number.
        let words: String = words
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || c == ' ' || c == '.' {
                    c.to_string()
                } else {
                    format!("#{};", u32::from(c))
                }
            })
            .collect();
        let (open, close) = match node.kind {
            Kind::Item => ("[\"", "\"]"),
            Kind::Gate => ("{{\"", "\"}}"),
            Kind::Blocked => ("[/\"", "\"/]"),
            Kind::Joint => ("((\"", "\"))"),
        };
        writeln!(out, "  n{at}{open}{words}{close}").expect("a String takes any text");
        for before in &node.after {
            writeln!(out, "  n{before} --> n{at}").expect("a String takes any text");
        }
    }
    out
}

fn data(ground: &Ground<'_>) -> serde_json::Value {
    let (plan, graph) = (ground.plan, &ground.graph);
    let nodes = graph.nodes.iter().map(|node| {
        json!({
            "name": node.name(plan),
            "kind": kind(node),
            "title": title(ground, node),
            "phase": plan.phases[node.phase].label(),
            "lines": node.tasks.iter().map(|&task| plan.phases[node.phase].tasks[task].line).collect::<Vec<_>>(),
            "wave": node.wave,
            "after": node.after,
        })
    });
    let chains = graph
        .chains
        .iter()
        .map(|chain| json!({"nodes": chain.nodes, "files": chain.paths}));
    json!({
        "track": ground.track.id,
        "what": "graph",
        "waves": graph.waves(),
        "width": graph.width(),
        "nodes": nodes.collect::<Vec<_>>(),
        "chains": chains.collect::<Vec<_>>(),
        "problems": super::facts::problems(plan, graph),
    })
}
