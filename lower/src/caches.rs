//! Cache mounts: where they are, and which of them are the same.

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

/// The directory of a seed that a new cache begins as.
pub(super) const SEED: &str = "/cache";

/// The modes of a new cache.
const CACHE_MODES: Modes = Modes {
    own: 0o755,
    any: 0o777,
};

impl Building<'_> {
    /// Makes the mount of a cache.
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

    /// Makes what a new cache begins as; `None` if that is an empty directory of root's.
    ///
    /// A user that is known by name only can't be looked up here: a seed that depended on the stage's files would make
    /// the cache a new one whenever they change. Such a cache is open to all users of the sandbox.
    pub(super) fn seed(&self, cache: &Cache, context: &RunContext<'_>) -> Option<State> {
        let beginning = Beginning::of(cache, context);
        let content = cache.from.as_ref();
        let content = content.and_then(|(source, path)| self.files(source, path.as_str()));
        if beginning.is_plain && content.is_none() {
            return None;
        }
        let (mode, owner) = (beginning.mode, Some(&beginning.owner));
        // Whatever time new files have: another seed would be another cache.
        let mut directory = made(SEED, &NewEntry::NewDirectory(mode), owner, fixed_time());
        if let Some((state, path)) = content {
            // What is inside keeps its mode; the directory itself is made first, with its own.
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
    /// Returns what identifies a cache on the daemon. Without an id of the user's own, files of one platform, owner or
    /// project are never seen by another, for which they would be wrong or out of reach.
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

    /// Puts an id into the namespace that the client chose.
    pub(super) fn namespaced(&self, id: String) -> String {
        match self.options.cache_namespace.as_str() {
            "" => id,
            namespace => format!("{namespace}/{id}"),
        }
    }
}

/// Makes a directory that a script's user may write to, as that of a new cache; `None` if that may be root's.
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

/// The directory that a new cache is.
struct Beginning {
    mode: u32,
    owner: plan::Owner,
    /// Whether it is what a daemon makes by itself: root's, with the usual mode.
    is_plain: bool,
}

impl Beginning {
    fn of(cache: &Cache, context: &RunContext<'_>) -> Self {
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

/// Says what a new cache begins as, in the same words on every machine; nothing if that is an empty directory of root's.
pub(super) fn origin(cache: &Cache, context: &RunContext<'_>, plan: &Plan) -> String {
    let beginning = Beginning::of(cache, context);
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

/// Returns who may use a cache at the same time, in the words of the graph.
pub(super) fn sharing(cache: &Cache) -> Sharing {
    match cache.sharing {
        plan::Sharing::Shared => Sharing::Shared,
        plan::Sharing::Private => Sharing::Private,
        plan::Sharing::Locked => Sharing::Locked,
    }
}

/// Writes a part of an id so that it can't be taken for two.
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
