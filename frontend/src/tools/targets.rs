//! `--call targets`: the targets of a file.

use serde_json::{Value, json};
use stagefile_language::plan::{Base, CACHES_TARGET, Plan, Stage};
use stagefile_language::source::Sources;

use super::location::location;
use super::table::table;

/// The description of the target for caches.
const CACHES: &str = "the caches of all stages, as archives for another machine";

/// A target that a client can select.
struct Target<'a> {
    name: String,
    description: Option<String>,
    stage: &'a Stage,
    is_default: bool,
}

/// Creates the answer to `frontend.targets`.
pub fn json(plan: &Plan, sources: &Sources) -> Value {
    let targets = targets(plan).map(|target| {
        let mut entry = json!({
            "name": target.name,
            "base": base(plan, target.stage),
            "location": location(sources, target.stage.span),
        });
        if let Some(description) = target.description {
            entry["description"] = json!(description);
        }
        if target.is_default {
            entry["default"] = json!(true);
        }
        entry
    });
    let saving =
        saves_caches(plan).then(|| json!({ "name": CACHES_TARGET, "description": CACHES }));
    json!({ "targets": targets.chain(saving).collect::<Vec<_>>() })
}

/// Returns the same as text.
pub fn text(plan: &Plan) -> String {
    let rows = targets(plan).map(|target| {
        let default = if target.is_default { " (default)" } else { "" };
        vec![
            format!("{}{default}", target.name),
            target.description.unwrap_or_default(),
        ]
    });
    let saving = saves_caches(plan).then(|| vec![CACHES_TARGET.to_owned(), CACHES.to_owned()]);
    table(&["TARGET", "DESCRIPTION"], rows.chain(saving))
}

/// Reports whether there are caches to save.
fn saves_caches(plan: &Plan) -> bool {
    let mut runs = plan.stages.iter().flat_map(Stage::runs);
    runs.any(|run| !run.settings.caches.is_empty())
}

/// Returns the stages, each followed by its reports, if it has any.
fn targets(plan: &Plan) -> impl Iterator<Item = Target<'_>> {
    let has_default = plan.defaults().len() == 1;
    plan.stages
        .iter()
        .enumerate()
        .flat_map(move |(index, stage)| {
            let itself = Target {
                name: stage.name.clone(),
                description: stage.description.clone(),
                stage,
                is_default: has_default && index == plan.default.index(),
            };
            let names: Vec<&str> = stage.reports.iter().map(|one| one.name.as_str()).collect();
            let reports = Target {
                name: stage.reports_target(),
                description: Some(format!("reports: {}", names.join(", "))),
                stage,
                is_default: false,
            };
            std::iter::once(itself).chain((!names.is_empty()).then_some(reports))
        })
}

fn base(plan: &Plan, stage: &Stage) -> String {
    match &stage.base.value {
        Base::Scratch => "scratch".to_owned(),
        Base::Stage(id) => plan.stage(*id).name.clone(),
        Base::External(external) => external.description(),
    }
}
