//! Cache mounts and the identity of caches.

use buildkit_llb::{CacheMount, Copy, FileAction, Mount, Sharing, State, Timestamp};
use stagefile_language::plan::{self, Cache, Division, Plan, Reach, Source};
use stagefile_language::source::Span;

use super::Lowering;
use super::building::Building;
use super::files::{NewEntry, made, owned};
use super::paths;
use super::progress::Called as _;
use super::run_context::{Modes, RunContext};
use super::times::fixed_time;

/// The directory in a seed with the initial content of a cache.
pub(super) const SEED: &str = "/cache";

/// The modes of a new cache.
const CACHE_MODES: Modes = Modes {
    own: 0o755,
    any: 0o777,
};

impl Building<'_> {
    /// Creates the mount of a cache.
    pub(super) fn cache_mount(
        &self,
        cache: &Cache,
        target: &str,
        context: &RunContext<'_>,
    ) -> CacheMount {
        let lowering = self.lowering;
        let mount = Mount::cache(target)
            .id(lowering.namespaced(lowering.cache_id(cache, context)))
            .sharing(sharing(cache));
        match self.seed(cache, context) {
            Some(seed) => mount.seed(&seed).selector(SEED),
            None => mount,
        }
    }

    /// Creates the initial content of a new cache; `None` if it is an empty directory that belongs to root.
    ///
    /// A user that is only known by name can't be looked up here: a seed that depended on the stage's files would create
    /// a new cache whenever they change. Such a cache is writable by all users of the sandbox.
    pub(super) fn seed(&self, cache: &Cache, context: &RunContext<'_>) -> Option<State> {
        let beginning = Beginning::new(cache, context);
        let content = cache.from.as_ref();
        let content = content.and_then(|(source, path)| self.files(source, path.as_str()));
        if beginning.is_plain && content.is_none() {
            return None;
        }
        let (mode, owner) = (beginning.mode, Some(&beginning.owner));
        // Always this time, whatever the time of new files is: another seed would be another cache.
        let mut directory = made(SEED, &NewEntry::NewDirectory(mode), owner, fixed_time());
        if let Some((state, path)) = content {
            // Its content keeps its modes; the directory itself is created first, with its own mode.
            let copy = Copy::new(&state, paths::clean(&path), SEED).contents();
            let copy = if beginning.is_plain {
                copy
            } else {
                owned(copy, owner, Copy::owner)
            };
            directory = directory.then(copy);
        }
        let name = format!("[internal] new cache {}", cache.name);
        Some(State::scratch().file(directory.called(name)))
    }
}

impl Lowering<'_> {
    /// Returns the ID of a cache on the daemon. Unless the user sets an ID, files for one platform, owner or project are
    /// never seen by another, for which they would be wrong or inaccessible.
    pub(super) fn cache_id(&self, cache: &Cache, context: &RunContext<'_>) -> String {
        let mut id = if let Some(id) = &cache.id {
            id.clone()
        } else {
            let (user, root) = context.user();
            let owner = match cache.uid {
                Some(uid) => uid.to_string(),
                None if root => "root".to_owned(),
                None => user.to_owned(),
            };
            let platform = context.platform.to_string();
            let mut id = [cache.name.as_str(), &platform, &owner].map(part).join("@");
            if cache.reach == Reach::Project && !self.options.project.is_empty() {
                id = format!("{id}@{}", part(&self.options.project));
            }
            id
        };
        for division in &cache.divisions {
            let (kind, value) = match division {
                Division::Stage => ("stage", context.stage),
                Division::Value(value) => ("value", value.as_str()),
            };
            id = format!("{id}@{kind}={}", part(value));
        }
        id
    }

    /// Prefixes an ID with the client's namespace.
    pub(super) fn namespaced(&self, id: String) -> String {
        match self.options.cache_namespace.as_str() {
            "" => id,
            namespace => format!("{namespace}/{id}"),
        }
    }
}

/// Creates a directory that a script's user can write to, like that of a new cache; `None` if it can belong to root.
pub(super) fn directory_of_user(
    path: &str,
    context: &RunContext<'_>,
    time: Timestamp,
) -> Option<FileAction> {
    let (_, root) = context.user();
    let owner = context.owner(None, None);
    let mode = owner.mode(&CACHE_MODES);
    let owner = plan::Owner {
        user: owner.uid.to_string(),
        group: Some(owner.gid.to_string()),
        span: Span::default(),
    };
    (!root).then(|| made(path, &NewEntry::NewDirectory(mode), Some(&owner), time))
}

/// The initial directory of a new cache.
struct Beginning {
    mode: u32,
    owner: plan::Owner,
    /// Whether it is what the daemon creates by default: owned by root, with the usual mode.
    is_plain: bool,
}

impl Beginning {
    fn new(cache: &Cache, context: &RunContext<'_>) -> Self {
        let (_, root) = context.user();
        let owner = context.owner(cache.uid, cache.gid);
        Self {
            mode: cache.mode.unwrap_or(owner.mode(&CACHE_MODES)),
            owner: plan::Owner {
                user: owner.uid.to_string(),
                group: Some(owner.gid.to_string()),
                span: Span::default(),
            },
            is_plain: root && cache.mode.is_none() && cache.uid.is_none() && cache.gid.is_none(),
        }
    }
}

/// Describes the initial content of a cache, identically on every machine; empty if it is an empty directory that
/// belongs to root.
pub(super) fn origin(cache: &Cache, context: &RunContext<'_>, plan: &Plan) -> String {
    let beginning = Beginning::new(cache, context);
    let mut words = Vec::new();
    if !beginning.is_plain {
        let group = beginning.owner.group.as_deref().unwrap_or_default();
        words.push(format!(
            "{:o} {}:{group}",
            beginning.mode, beginning.owner.user
        ));
    }
    if let Some((source, path)) = &cache.from {
        words.push(match &source.value {
            Source::MainContext => "context".to_owned(),
            Source::Stage(id) => plan.stage(*id).name.clone(),
            Source::Output(id, output) => format!("{}.{output}", plan.stage(*id).name),
            Source::External(external) => external.description(),
        });
        words.push(path.clone());
    }
    words.join(" ")
}

/// Returns the sharing mode of a cache.
pub(super) fn sharing(cache: &Cache) -> Sharing {
    match cache.sharing {
        plan::Sharing::Shared => Sharing::Shared,
        plan::Sharing::Private => Sharing::Private,
        plan::Sharing::Locked => Sharing::Locked,
    }
}

/// Escapes a part of an ID so that it is unambiguous.
fn part(text: &str) -> String {
    text.replace('%', "%25").replace('@', "%40")
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn parts_of_an_id_stay_apart() {
        assert_eq!(part("/var/cache"), "/var/cache");
        assert_eq!(part("a@b%40"), "a%40b%2540");
    }
}
