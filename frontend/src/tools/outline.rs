//! `--call outline`: what a target takes from the client.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stagefile_language::plan::{Arg, Plan};
use stagefile_language::source::{Sources, Span};

use super::location::location;
use super::table::table;

/// What is needed of the client, by its id: whether it can't be left out, and where it is written.
type Needed = BTreeMap<String, (bool, Span)>;

/// Makes the answer to `frontend.outline`.
pub fn json(plan: &Plan, sources: &Sources) -> Value {
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
        "secrets": needed(secrets(plan)),
        "ssh": needed(agents(plan)),
        "cache": caches,
        "reports": reports.collect::<Vec<_>>(),
    })
}

/// Says the same in words.
pub fn text(plan: &Plan) -> String {
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
    for (title, needed) in [("SECRET", secrets(plan)), ("SSH", agents(plan))] {
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

fn secrets(plan: &Plan) -> Needed {
    let all = plan.runs().flat_map(|run| &run.settings.secrets);
    all.map(|secret| (secret.id.clone(), (!secret.optional, secret.span)))
        .collect()
}

fn agents(plan: &Plan) -> Needed {
    let all = plan.runs().flat_map(|run| &run.settings.ssh);
    all.map(|agent| (agent.id.clone(), (!agent.optional, agent.span)))
        .collect()
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
