//! What a client has to allow for steps that reach out of their sandbox.

use stagefile_language::plan::{Action, Network, Plan, Run};
use stagefile_language::source::Span;

/// Something that a step does, and that the client has to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// What clients call it, after `--allow`.
    pub entitlement: String,
    /// How it is written in the file.
    pub key: &'static str,
    /// Where that is.
    pub span: Span,
    /// What the daemon's refusal has in its text.
    pub refusal: &'static str,
}

/// Lists what has to be allowed for a plan.
pub fn permissions(plan: &Plan) -> Vec<Permission> {
    let order = plan.order().into_iter();
    let actions = order.flat_map(|id| plan.stage(id).actions());
    let runs = actions.filter_map(|action| match action {
        Action::Run(run) => Some(run),
        _ => None,
    });
    runs.flat_map(|run| permissions_of(run)).collect()
}

fn permissions_of(run: &Run) -> impl Iterator<Item = Permission> + '_ {
    let privileged = run.privileged.map(|span| Permission {
        entitlement: "security.insecure".to_owned(),
        key: "privileged",
        span,
        refusal: "security.insecure is not allowed",
    });
    let host = (run.settings.network == Network::Host).then(|| Permission {
        entitlement: "network.host".to_owned(),
        key: "network: host",
        span: run.span,
        refusal: "network.host is not allowed",
    });
    let devices = run.devices.iter().map(|device| Permission {
        entitlement: format!("device={}", device.name.value),
        key: "devices",
        span: device.name.span,
        refusal: "requested by the build but not allowed",
    });
    privileged.into_iter().chain(host).chain(devices)
}
