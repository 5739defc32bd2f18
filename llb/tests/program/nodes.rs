//! Nodes, and the fields that any of them may have.

use std::collections::BTreeMap;

use buildkit_llb::{
    Constrain, Diff, FileAction, LinuxResources, Merge, OutputError, Passthrough, Position,
    ProgressGroup, Range, State,
};
use serde::Deserialize;

use super::files::ActionFields;
use super::run::RunFields;
use super::sources::SourceFields;
use super::{BuiltNodes, Failure};

#[derive(Deserialize)]
pub(super) struct Node {
    pub(super) id: String,
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    Image(SourceFields),
    OciLayout(SourceFields),
    ImageBlob(SourceFields),
    OciLayoutBlob(SourceFields),
    Git(SourceFields),
    Http(SourceFields),
    Local(SourceFields),
    Run(Box<RunFields>),
    MountOutput {
        run: String,
        mount: String,
    },
    File {
        #[serde(default = "scratch")]
        on: String,
        #[serde(default)]
        actions: Vec<ActionFields>,
    },
    Merge {
        #[serde(default)]
        inputs: Vec<String>,
    },
    Diff {
        #[serde(default = "scratch")]
        lower: String,
        #[serde(default = "scratch")]
        upper: String,
    },
    Requires {
        on: String,
        #[serde(default)]
        label: String,
        #[serde(default)]
        inputs: Vec<String>,
    },
}

fn scratch() -> String {
    "scratch".to_owned()
}

/// The fields that any node may have.
#[derive(Deserialize)]
pub(super) struct Common {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: BTreeMap<String, String>,
    #[serde(default)]
    ignore_cache: bool,
    #[serde(default)]
    export_cache: Option<bool>,
    #[serde(default)]
    platform: Option<String>,
    #[serde(default)]
    progress_group: Option<GroupFields>,
    #[serde(default)]
    linux_resources: Option<ResourceFields>,
    #[serde(default)]
    worker_filter: Vec<String>,
    #[serde(default)]
    locations: Vec<LocationFields>,
}

#[derive(Deserialize)]
struct GroupFields {
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    weak: bool,
}

#[derive(Deserialize)]
struct ResourceFields {
    #[serde(default)]
    memory: i64,
    #[serde(default)]
    memory_swap: i64,
    #[serde(default)]
    cpu_shares: u64,
    #[serde(default)]
    cpu_period: u64,
    #[serde(default)]
    cpu_quota: i64,
    #[serde(default)]
    cpuset_cpus: String,
    #[serde(default)]
    cpuset_mems: String,
}

#[derive(Deserialize)]
struct LocationFields {
    map: String,
    #[serde(default)]
    ranges: Vec<[i32; 4]>,
}

impl Common {
    /// Sets the constraints of an operation.
    pub(super) fn apply<T: Constrain>(
        &self,
        mut operation: T,
        made: &BuiltNodes,
    ) -> Result<T, Failure> {
        for (key, value) in &self.description {
            operation = operation.described(key.to_owned(), value);
        }
        if let Some(name) = &self.name {
            operation = operation.named(name);
        }
        if self.ignore_cache {
            operation = operation.ignore_cache();
        }
        if let Some(export) = self.export_cache {
            operation = operation.export_cache(export);
        }
        if let Some(platform) = &self.platform {
            operation = operation.on_platform(platform.parse().map_err(Failure::refused)?);
        }
        if let Some(group) = &self.progress_group {
            let mut members = ProgressGroup::new(&group.id, &group.name);
            members.weak = group.weak;
            operation = operation.grouped(members);
        }
        if let Some(resources) = &self.linux_resources {
            operation = operation.limited(LinuxResources {
                memory: resources.memory,
                memory_swap: resources.memory_swap,
                cpu_shares: resources.cpu_shares,
                cpu_period: resources.cpu_period,
                cpu_quota: resources.cpu_quota,
                cpuset_cpus: resources.cpuset_cpus.clone(),
                cpuset_mems: resources.cpuset_mems.clone(),
            });
        }
        for filter in &self.worker_filter {
            operation = operation.worker_filter(filter);
        }
        for location in &self.locations {
            let map = made.maps.get(&location.map);
            let map = map.ok_or_else(|| Failure::Program(format!("no map {}", location.map)))?;
            let ranges = location.ranges.iter().map(|range| {
                let &[line, character, end_line, end_character] = range;
                Range::new(
                    Position { line, character },
                    Position {
                        line: end_line,
                        character: end_character,
                    },
                )
            });
            operation = operation.located(map, ranges);
        }
        Ok(operation)
    }
}

impl Node {
    /// Builds the state that the node describes.
    pub(super) fn build(&self, made: &mut BuiltNodes) -> Result<State, Failure> {
        let common = &self.common;
        Ok(match &self.kind {
            Kind::Image(source) => source.image(common, made)?,
            Kind::OciLayout(source) => source.oci_layout(common, made)?,
            Kind::ImageBlob(source) => source.image_blob(common, made)?,
            Kind::OciLayoutBlob(source) => source.oci_layout_blob(common, made)?,
            Kind::Git(source) => source.git(common, made)?,
            Kind::Http(source) => source.http(common, made)?,
            Kind::Local(source) => source.local(common, made)?,
            Kind::Run(fields) => {
                let run = fields.run(common, made)?;
                let root = run.root();
                made.runs.insert(self.id.clone(), run);
                root
            }
            Kind::MountOutput { run, mount } => mount_output(made, run, mount)?,
            Kind::File { on, actions } => file(common, made, on, actions)?,
            Kind::Merge { inputs } => {
                let merge = Merge::new(&made.states(inputs)?);
                common.apply(merge, made)?.into_state()
            }
            Kind::Diff { lower, upper } => {
                let diff = Diff::new(&made.state(lower)?, &made.state(upper)?);
                common.apply(diff, made)?.into_state()
            }
            Kind::Requires { on, label, inputs } => {
                let passthrough = Passthrough::new(label)
                    .forwarding(&made.state(on)?)
                    .requiring(&made.states(inputs)?);
                let passthrough = common.apply(passthrough, made)?;
                passthrough.into_state().map_err(Failure::refused)?
            }
        })
    }
}

fn mount_output(made: &BuiltNodes, run: &str, mount: &str) -> Result<State, Failure> {
    let Some(run) = made.runs.get(run) else {
        // The error of the run, or that there is no such run.
        return made.state(run);
    };
    match run.output(mount) {
        // Go doesn't report an error for this.
        Err(OutputError::NoMount { .. }) => Ok(State::scratch()),
        output => output.map_err(Failure::refused),
    }
}

fn file(
    common: &Common,
    made: &BuiltNodes,
    on: &str,
    actions: &[ActionFields],
) -> Result<State, Failure> {
    let actions: Vec<FileAction> = actions
        .iter()
        .map(|action| action.action(made))
        .collect::<Result<_, _>>()?;
    let chain = actions
        .into_iter()
        .reduce(FileAction::then)
        .ok_or_else(|| Failure::Refused("a file operation without actions".to_owned()))?;
    Ok(made.state(on)?.file(common.apply(chain, made)?))
}
