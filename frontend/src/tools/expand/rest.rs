//! What an inner place has to say, so that with what it inherits it is what it is.

use stagefile_language::plan::{Cache, Mount, Secret, Settings, SshAgent, Ulimit};
use stagefile_language::source::Span;

/// Leaves out what is inherited. What an inner place says replaces what is inherited of the same key, and follows the rest; so
/// it is what is left when all that still is as it was inherited, and where it would be, is taken away.
pub(super) fn of<'a, T>(inherited: &[T], whole: &'a [T], same: impl Fn(&T, &T) -> bool) -> &'a [T] {
    let mut kept = 0;
    for one in inherited {
        if whole.get(kept).is_some_and(|other| same(one, other)) {
            kept += 1;
        }
    }
    &whole[kept..]
}

/// Says which directory leads from the inherited one to the whole one; `None` if they are the same.
pub(super) fn of_workdir(inherited: Option<&str>, whole: Option<&str>) -> Option<String> {
    let whole = whole.filter(|whole| inherited != Some(*whole))?;
    let below = inherited.filter(|_| !whole.starts_with('/'));
    let below = below.and_then(|inherited| whole.strip_prefix(inherited)?.strip_prefix('/'));
    Some(below.unwrap_or(whole).to_owned())
}

pub(super) fn same_cache(one: &Cache, other: &Cache) -> bool {
    let from = |cache: &Cache| {
        let from = cache.from.clone();
        from.map(|(source, path)| (source.value, path))
    };
    let plain = |cache: &Cache| Cache {
        span: Span::default(),
        from: None,
        ..cache.clone()
    };
    from(one) == from(other) && plain(one) == plain(other)
}

pub(super) fn same_secret(one: &Secret, other: &Secret) -> bool {
    let other = Secret {
        span: one.span,
        ..other.clone()
    };
    *one == other
}

pub(super) fn same_agent(one: &SshAgent, other: &SshAgent) -> bool {
    let other = SshAgent {
        span: one.span,
        ..other.clone()
    };
    *one == other
}

/// Leaves out inherited limits: their order is always that of their names.
pub(super) fn of_ulimits<'a>(inherited: &Settings, whole: &'a Settings) -> Vec<&'a Ulimit> {
    let plain = |limit: &Ulimit| (limit.name.value, limit.soft, limit.hard);
    let is_inherited = |limit: &&Ulimit| {
        let mut inherited = inherited.ulimits.iter();
        inherited.any(|other| plain(other) == plain(limit))
    };
    let whole = whole.ulimits.iter();
    whole.filter(|limit| !is_inherited(limit)).collect()
}

/// Leaves out inherited mounts: others follow them.
pub(super) fn of_mounts<'a>(inherited: &Settings, whole: &'a Settings) -> &'a [Mount] {
    whole
        .mounts
        .get(inherited.mounts.len()..)
        .unwrap_or_default()
}
