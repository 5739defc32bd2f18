//! `--call targets`: the stages that a file offers.

use serde_json::{Value, json};

use super::location::location;
use super::table::table;
use crate::plan::{Base, Plan, Stage};
use crate::source::Sources;

/// Makes the answer to `frontend.targets`.
pub fn json(plan: &Plan, sources: &Sources) -> Value {
    let default = plan.default;
    let targets = plan.stages.iter().enumerate().map(|(index, stage)| {
        let mut target = json!({
            "name": stage.name,
            "base": base(plan, stage),
            "location": location(sources, stage.span),
        });
        if let Some(description) = &stage.description {
            target["description"] = json!(description);
        }
        if index == default.index() {
            target["default"] = json!(true);
        }
        target
    });
    json!({ "targets": targets.collect::<Vec<_>>() })
}

/// Says the same in words.
pub fn text(plan: &Plan) -> String {
    let rows = plan.stages.iter().enumerate().map(|(index, stage)| {
        let default = if index == plan.default.index() {
            " (default)"
        } else {
            ""
        };
        vec![
            format!("{}{default}", stage.name),
            stage.description.clone().unwrap_or_default(),
        ]
    });
    table(&["TARGET", "DESCRIPTION"], rows)
}

fn base(plan: &Plan, stage: &Stage) -> String {
    match &stage.base.value {
        Base::Scratch => "scratch".to_owned(),
        Base::Stage(id) => plan.stage(*id).name.clone(),
        Base::External(external) => external.description(),
    }
}
