//! Dependencies for daemons without passthroughs.
//!
//! The statements here about layers, and that a failing dependency fails the build, were observed
//! with Docker 28.5 (both ways) and with Docker 26.1 and 20.10 (by copy; they have no merges by
//! default).

use super::{Passthrough, PassthroughError, Role};
use crate::capability::{Capability, Support};
use crate::constraints::{Constrain, Constraints};
use crate::diff::Diff;
use crate::file::{Copy, FileAction, Mkdir};
use crate::merge::Merge;
use crate::state::State;

/// A pattern that no file name matches: one character outside the range of those that names may
/// have. (A name has no NUL, and invalid UTF-8 counts as U+FFFD.)
const NOTHING: &str = "/[^\u{1}-\u{10ffff}]";

impl Passthrough {
    /// Returns the first forwarded file system, in the best way that a daemon supports: as
    /// [`Passthrough::into_state`], else as [`State::requires_by_merge`], else as
    /// [`State::requires_by_copy`].
    ///
    /// All vertices that this creates have the constraints of this passthrough, and its label as
    /// their name if it has none.
    pub fn into_state_supported(self, support: &Support) -> Result<State, PassthroughError> {
        let label = Constraints::new().named(&self.label);
        let constraints = label.constrained(&self.constraints);
        let forwarded = |(_, role): &&(State, Role)| *role == Role::Forwarded;
        let state = self.inputs.iter().find(forwarded);
        let (state, _) = state.ok_or(PassthroughError::NoOutput)?;
        let has = |capability| support.supports(capability).is_ok();
        if has(Capability::PassthroughOp) && !state.is_scratch() {
            return Self {
                constraints,
                ..self
            }
            .into_state();
        }
        let dependencies = self.inputs.iter();
        let dependencies = dependencies.filter(|(_, role)| *role == Role::Required);
        let dependencies = dependencies.map(|(state, _)| state);
        if has(Capability::MergeOp) && has(Capability::DiffOp) {
            return Ok(by_merge(state, dependencies, &constraints));
        }
        Ok(by_copy(state, dependencies, &constraints))
    }
}

impl State {
    /// Returns this state, valid only if all `dependencies` succeed, in the best way that a daemon
    /// supports. The label names the vertices in progress output. See
    /// [`Passthrough::into_state_supported`] for options.
    pub fn requires_supported<'a>(
        &self,
        support: &Support,
        label: impl Into<String>,
        dependencies: impl IntoIterator<Item = &'a State>,
    ) -> Result<Self, PassthroughError> {
        Passthrough::new(label)
            .forwarding(self)
            .requiring(dependencies)
            .into_state_supported(support)
    }

    /// Returns this state, valid only if all `dependencies` succeed, by merging it with the
    /// difference of each dependency to itself.
    ///
    /// Such a difference is empty, and the daemon drops it from the merge, so the result is this
    /// state without additional layers. Needs [`Capability::MergeOp`] and [`Capability::DiffOp`].
    ///
    /// A daemon fails to merge only empty differences. So for an empty state with several
    /// dependencies, these are merged over a directory, and the difference of the merge to itself
    /// is used.
    pub fn requires_by_merge<'a>(
        &self,
        label: impl Into<String>,
        dependencies: impl IntoIterator<Item = &'a State>,
    ) -> Self {
        by_merge(self, dependencies, &Constraints::new().named(label))
    }

    /// Returns this state, valid only if all `dependencies` succeed, by copying the files of each
    /// that match an impossible pattern.
    ///
    /// The daemon has to build a dependency to find that nothing matches. No file changes, but the
    /// result has one more, empty layer. The dependencies' content is not part of its cache key.
    /// Needs [`Capability::FileBase`].
    pub fn requires_by_copy<'a>(
        &self,
        label: impl Into<String>,
        dependencies: impl IntoIterator<Item = &'a State>,
    ) -> Self {
        by_copy(self, dependencies, &Constraints::new().named(label))
    }
}

fn by_merge<'a>(
    state: &State,
    dependencies: impl IntoIterator<Item = &'a State>,
    constraints: &Constraints,
) -> State {
    let dependencies = dependencies.into_iter().filter(|state| !state.is_scratch());
    let dependencies: Vec<&State> = dependencies.collect();
    let nothing = |state: &State| {
        Diff::new(state, state)
            .constrained(constraints)
            .into_state()
    };
    let nothings = dependencies.iter().map(|state| nothing(state));
    let merged = |base: State| {
        let layers: Vec<State> = std::iter::once(base).chain(nothings).collect();
        Merge::new(&layers).constrained(constraints).into_state()
    };
    let result = if state.is_scratch() && dependencies.len() > 1 {
        let directory = FileAction::from(Mkdir::new("/nothing", 0o755)).constrained(constraints);
        nothing(&merged(State::scratch().file(directory)))
    } else {
        merged(state.clone())
    };
    result.settings_of(state)
}

fn by_copy<'a>(
    state: &State,
    dependencies: impl IntoIterator<Item = &'a State>,
    constraints: &Constraints,
) -> State {
    let dependencies = dependencies.into_iter().filter(|state| !state.is_scratch());
    let copies =
        dependencies.map(|state| Copy::new(state, NOTHING, "/").wildcards().allow_no_match());
    match copies.map(FileAction::from).reduce(FileAction::then) {
        Some(actions) => state.file(actions.constrained(constraints)),
        None => state.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::Exec;
    use crate::graph::Graph;
    use crate::marshal::MarshalOptions;
    use crate::source_map::{Range, SourceMap};

    fn required(support: &Support, state: &State) -> Vec<Capability> {
        let dependency = State::local("x").run(Exec::shell("test")).root();
        let state = state
            .requires_supported(support, "tests", [&dependency, &State::scratch()])
            .expect("valid");
        let definition = state.marshal(&MarshalOptions::new());
        let head = definition.result_digest().expect("not scratch");
        definition
            .metadata()
            .get(&head)
            .expect("metadata")
            .capabilities()
            .iter()
            .collect()
    }

    #[test]
    fn the_best_supported_way_is_taken() {
        let base = State::local("base");
        assert_eq!(
            required(&Support::full(), &base),
            [Capability::PassthroughOp]
        );
        let merging = Support::from_capabilities([Capability::MergeOp, Capability::DiffOp]);
        assert_eq!(required(&merging, &base), [Capability::MergeOp]);
        assert_eq!(required(&Support::none(), &base), [Capability::FileBase]);
    }

    #[test]
    fn nothing_may_depend_too() {
        assert_eq!(
            required(&Support::full(), &State::scratch()),
            [Capability::DiffOp]
        );
        assert_eq!(
            required(&Support::none(), &State::scratch()),
            [Capability::FileBase]
        );
    }

    /// With a merge of empty differences only, Docker 28.5 fails with `need 0 index but 0 results
    /// received`.
    #[test]
    fn nothings_are_merged_over_something() {
        let dependencies =
            ["x", "y"].map(|name| State::local(name).run(Exec::shell("test")).root());
        let merging = Support::from_capabilities([Capability::MergeOp, Capability::DiffOp]);
        let state = State::scratch().requires_supported(&merging, "tests", &dependencies);
        let definition = state.expect("valid").marshal(&MarshalOptions::new());
        let graph = Graph::read(&definition).expect("our own graph").to_string();
        assert_eq!(graph.matches("merge tests").count(), 1, "{graph}");
        assert!(graph.contains("mkdir /nothing"), "{graph}");
    }

    #[test]
    fn every_way_has_the_name_and_the_place() {
        let map = SourceMap::new("file", "Language", "text");
        let merging = Support::from_capabilities([Capability::MergeOp, Capability::DiffOp]);
        for support in [Support::full(), merging, Support::none()] {
            for base in [State::local("base"), State::scratch()] {
                let dependencies = ["x", "y"].map(State::local);
                let passthrough = Passthrough::new("tests")
                    .forwarding(&base)
                    .requiring(&dependencies)
                    .located(&map, [Range::lines(1, 1)]);
                let state = passthrough.into_state_supported(&support).expect("valid");
                let definition = state.marshal(&MarshalOptions::new());
                let graph = Graph::read(&definition).expect("our own graph");
                for vertex in graph.vertices() {
                    let is_given = vertex.name().starts_with("local://");
                    assert_eq!(vertex.locations().is_empty(), is_given, "{graph}");
                    assert!(is_given || vertex.name() == "tests", "{graph}");
                }
            }
        }
    }

    #[test]
    fn settings_stay() {
        let base = State::local("base").dir("/work");
        let dependency = State::local("x");
        for state in [
            base.requires_by_merge("x", [&dependency]),
            base.requires_by_copy("x", [&dependency]),
            State::scratch()
                .dir("/work")
                .requires_by_merge("x", [&dependency]),
        ] {
            assert_eq!(state.get_dir(), "/work");
        }
    }
}
