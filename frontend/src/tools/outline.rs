//! `--call outline`: the inputs of a target.

use std::collections::BTreeMap;

use buildkit_dockerfile::Outline;
use serde_json::{Value, json};
use stagefile_language::plan::{Arg, Plan};
use stagefile_language::source::{Source, Sources, Span};

use super::location::location;
use super::table::table;

/// Required and optional inputs from the client, by ID: whether an input is required, and its
/// location.
type Needed = BTreeMap<String, (bool, Span)>;

/// The inputs that the stages' Dockerfiles need from the client.
#[derive(Clone, Debug, Default)]
pub struct OfDockerfiles {
    secrets: Needed,
    agents: Needed,
}

impl OfDockerfiles {
    /// Adds a Dockerfile.
    pub fn add(&mut self, source: &Source, outline: &Outline) {
        for (needed, all) in [
            (&mut self.secrets, &outline.secrets),
            (&mut self.agents, &outline.ssh),
        ] {
            add(
                needed,
                all.iter().map(|one| {
                    let span = source.lines(one.lines.first as usize, one.lines.last as usize);
                    (one.name.clone(), (one.required, span))
                }),
            );
        }
    }
}

/// Adds inputs. An input that is required in one place is required.
fn add(needed: &mut Needed, more: impl IntoIterator<Item = (String, (bool, Span))>) {
    for (name, (required, span)) in more {
        let known = needed.entry(name).or_insert((required, span));
        known.0 |= required;
    }
}

/// Creates the answer to `frontend.outline`.
pub fn json(plan: &Plan, dockerfiles: &OfDockerfiles, sources: &Sources) -> Value {
    let target = plan.stage(plan.target);
    let place = |span| location(sources, span);
    let arg = |arg: &Arg| {
        json!({
            "name": arg.name,
            "description": arg.description,
            "value": arg.value,
            "location": place(arg.span),
        })
    };
    let needed = |needed: Needed| -> Vec<Value> {
        let entry = |(name, (required, span)): (String, (bool, Span))| json!({ "name": name, "required": required, "location": place(span) });
        needed.into_iter().map(entry).collect()
    };
    let caches: Vec<Value> = caches(plan)
        .into_iter()
        .map(|(id, span)| json!({ "ID": id, "location": place(span) }))
        .collect();
    let reports = target.reports.iter().map(|report| {
        json!({
            "name": report.name,
            "path": report.path.value,
            "location": place(report.path.span),
        })
    });
    json!({
        "name": plan.target_name(),
        "description": target.description,
        "args": plan.args.iter().map(arg).collect::<Vec<_>>(),
        "secrets": needed(secrets(plan, dockerfiles)),
        "ssh": needed(agents(plan, dockerfiles)),
        "cache": caches,
        "reports": reports.collect::<Vec<_>>(),
    })
}

/// Returns the same as text.
pub fn text(plan: &Plan, dockerfiles: &OfDockerfiles) -> String {
    let target = plan.stage(plan.target);
    let mut parts = vec![format!(
        "TARGET: {}\n{}",
        plan.target_name(),
        target
            .description
            .as_ref()
            .map(|text| format!("DESCRIPTION: {text}\n"))
            .unwrap_or_default()
    )];
    if !target.reports.is_empty() {
        let rows = target.reports.iter();
        let rows = rows.map(|report| vec![report.name.clone(), report.path.value.clone()]);
        parts.push(table(&["REPORT", "PATH"], rows));
    }
    if !plan.args.is_empty() {
        let rows = plan.args.iter().map(|arg| {
            vec![
                arg.name.clone(),
                arg.value.clone(),
                arg.description.clone().unwrap_or_default(),
            ]
        });
        parts.push(table(&["BUILD ARG", "VALUE", "DESCRIPTION"], rows));
    }
    for (title, needed) in [
        ("SECRET", secrets(plan, dockerfiles)),
        ("SSH", agents(plan, dockerfiles)),
    ] {
        if !needed.is_empty() {
            let mark = |required| if required { "true" } else { "" };
            let rows = needed
                .into_iter()
                .map(|(name, (required, _))| vec![name, mark(required).to_owned()]);
            parts.push(table(&[title, "REQUIRED"], rows));
        }
    }
    parts.join("\n")
}

fn secrets(plan: &Plan, dockerfiles: &OfDockerfiles) -> Needed {
    let mut needed = dockerfiles.secrets.clone();
    let all = plan.runs().flat_map(|run| &run.settings.secrets);
    let all = all.map(|secret| (secret.id.clone(), (!secret.optional, secret.span)));
    add(&mut needed, all);
    needed
}

fn agents(plan: &Plan, dockerfiles: &OfDockerfiles) -> Needed {
    let mut needed = dockerfiles.agents.clone();
    let all = plan.runs().flat_map(|run| &run.settings.ssh);
    let all = all.map(|agent| (agent.id.clone(), (!agent.optional, agent.span)));
    add(&mut needed, all);
    needed
}

fn caches(plan: &Plan) -> BTreeMap<String, Span> {
    let all = plan.runs().flat_map(|run| &run.settings.caches);
    all.map(|cache| {
        (
            cache.id.clone().unwrap_or_else(|| cache.name.clone()),
            cache.span,
        )
    })
    .collect()
}
