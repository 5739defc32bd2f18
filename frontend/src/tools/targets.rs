//! `--call targets`: the stages that a file offers.

use serde_json::{Value, json};

use super::location::location;
use super::table::table;
use crate::plan::{Action, Base, CACHES_TARGET, Plan, Stage};
use crate::source::Sources;

/// What the target of caches is for.
const CACHES: &str = "the caches of all stages, as archives for another machine";

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
    let saving =
        saves_caches(plan).then(|| json!({ "name": CACHES_TARGET, "description": CACHES }));
    json!({ "targets": targets.chain(saving).collect::<Vec<_>>() })
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
    let saving = saves_caches(plan).then(|| vec![CACHES_TARGET.to_owned(), CACHES.to_owned()]);
    table(&["TARGET", "DESCRIPTION"], rows.chain(saving))
}

/// Tells whether there are caches to save.
fn saves_caches(plan: &Plan) -> bool {
    let mut actions = plan.stages.iter().flat_map(Stage::actions);
    actions.any(|action| match action {
        Action::Run(run) => !run.settings.caches.is_empty(),
        _ => false,
    })
}

fn base(plan: &Plan, stage: &Stage) -> String {
    match &stage.base.value {
        Base::Scratch => "scratch".to_owned(),
        Base::Stage(id) => plan.stage(*id).name.clone(),
        Base::External(external) => external.description(),
    }
}
