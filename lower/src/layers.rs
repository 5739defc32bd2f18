//! Custom layers, other than one per step.
//!
//! The changes of a stage are computed as a single difference between its base and its result, including removals, and
//! then split. The remainder, after merging the groups into the base, is another difference from the result, so base,
//! groups and remainder together always are the result, whatever the patterns match.

use buildkit_image_config::History;
use buildkit_llb::{Capability, Constrain, Copy, Diff, FileAction, Merge, Mkdir, State};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{Layer, Layers, Stage};

use super::built::Built;
use super::progress::Called as _;
use super::{Lowering, paths};

/// The name of the layer with everything that is in no group.
const REST: &str = "the rest";

impl Lowering<'_> {
    /// Splits a stage's changes into its layers.
    pub(super) fn layer(
        &self,
        stage: &Stage,
        base: &State,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        let groups: &[Layer] = match &stage.layers.value {
            Layers::Step => return,
            Layers::One => &[],
            Layers::Groups(groups) => groups,
        };
        let one_already = groups.is_empty() && built.layers.len() == 1;
        if built.layers.is_empty() || one_already {
            return;
        }
        let over_a_base = !base.is_scratch();
        let matching = Capability::FileCopyIncludeExcludePatterns;
        let needs = vec![
            (over_a_base, Capability::MergeOp, "`layers`"),
            (over_a_base, Capability::DiffOp, "`layers`"),
            (!groups.is_empty(), matching, "`layers`"),
        ];
        if let Some(needed) = needs
            .into_iter()
            .find(|(needed, capability, _)| *needed && !self.can(*capability))
        {
            self.refuse(&[needed], stage.layers.span, found);
            return;
        }
        let cut = Cut {
            lowering: self,
            stage,
            result: built.state.clone(),
            patterns: patterns(groups, &built.workdir),
        };
        built.state = if base.is_scratch() {
            cut.copied()
        } else {
            cut.merged(base)
        }
        .settings_of(&built.state);
        rewrite_history(groups, &mut built.layers);
    }
}

/// Returns each group's patterns, relative to the root.
fn patterns<'a>(groups: &'a [Layer], workdir: &str) -> Vec<(&'a str, Vec<String>)> {
    let pattern = |path: &String| {
        let path = paths::join(workdir, path);
        let path = path.trim_start_matches('/');
        // The root itself is not a path below the root.
        if path.is_empty() { "**" } else { path }.to_owned()
    };
    let groups = groups.iter();
    groups
        .map(|group| {
            (
                group.name.as_str(),
                group.paths.iter().map(pattern).collect(),
            )
        })
        .collect()
}

/// Converts the history of the steps to entries without a layer, and adds an entry for each layer.
fn rewrite_history(groups: &[Layer], layers: &mut Vec<History>) {
    for entry in layers.iter_mut() {
        entry.empty_layer = true;
    }
    let named = groups.iter();
    let named = named.map(|group| format!("layer {}: {}", group.name, group.paths.join(" ")));
    let rest = if groups.is_empty() {
        "layer: all of it"
    } else {
        "layer: the rest"
    };
    let made = named.chain([rest.to_owned()]);
    layers.extend(made.map(History::layer));
}

/// A stage's result that is split into layers.
struct Cut<'a> {
    lowering: &'a Lowering<'a>,
    stage: &'a Stage,
    result: State,
    /// The groups, with their patterns.
    patterns: Vec<(&'a str, Vec<String>)>,
}

impl Cut<'_> {
    /// Names a vertex after the layer that it is for.
    fn labelled<T: Constrain>(&self, operation: T, layer: &str) -> T {
        let located = self.lowering.locate(operation, [self.stage.layers.span]);
        located.called(format!("[{}] layer {layer}", self.stage.name))
    }

    /// Copies the files of a group that are in no earlier group.
    fn copy(&self, from: &State, group: usize) -> FileAction {
        let earlier = self.patterns[..group].iter().flat_map(|(_, paths)| paths);
        let copy = Copy::new(from, "/", "/").contents().exclude(earlier);
        match self.patterns.get(group) {
            Some((_, paths)) => copy.include(paths).into(),
            None => copy.into(),
        }
    }

    /// Iterates over the groups and their names.
    fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.patterns.iter().map(|(name, _)| *name).enumerate()
    }

    /// Creates the layers without a base, so without removals: each is a copy of its files.
    fn copied(&self) -> State {
        let layers = self.names().chain([(self.patterns.len(), REST)]);
        layers.fold(State::scratch(), |state, (group, name)| {
            state.file(self.labelled(self.copy(&self.result, group), name))
        })
    }

    /// Creates the layers on top of a base.
    fn merged(&self, base: &State) -> State {
        // The difference between a state and one that it was built from consists of the differences of all steps. Compared
        // with a state that has the same files, but that it wasn't built from, it is a single difference.
        let same = FileAction::from(Mkdir::new("/", 0o755).parents());
        let beside = base.file(self.labelled(same, "from the base"));
        let difference = |lower: &State, upper: &State, name: &str| {
            self.labelled(Diff::new(lower, upper), name).into_state()
        };
        let added = difference(&beside, &self.result, "of all");
        if self.patterns.is_empty() {
            return self.over(base, &[added]);
        }
        let mut layers: Vec<State> = Vec::new();
        for (group, name) in self.names() {
            let copied = self.copy(&added, group);
            layers.push(State::scratch().file(self.labelled(copied, name)));
        }
        // A copy is taken from the cache if its files have the same content, whatever their timestamps. So the timestamps
        // of the groups count, or files that were rewritten would be in the remainder again.
        let whole = self.over(&self.result, &layers);
        let rest = difference(&self.over(&beside, &layers), &whole, REST);
        layers.push(rest);
        self.over(base, &layers)
    }

    fn over(&self, base: &State, layers: &[State]) -> State {
        let all = std::iter::once(base).chain(layers);
        let merge = self.labelled(Merge::new(all), "over the base");
        merge.into_state()
    }
}
