//! What has to be written at an inner level so that, combined with what it inherits, the result is the same.

use stagefile_language::plan::{Cache, Mount, Secret, Settings, SshAgent, Ulimit};
use stagefile_language::source::Span;

/// Leaves out inherited entries. An entry at an inner level replaces the inherited one with the same key, and comes after the
/// others; so the result is what remains after removing the inherited entries that are unchanged and at their position.
pub(super) fn entries<'a, T>(
    inherited: &[T],
    whole: &'a [T],
    same: impl Fn(&T, &T) -> bool,
) -> &'a [T] {
    let mut kept = 0;
    for one in inherited {
        if whole.get(kept).is_some_and(|other| same(one, other)) {
            kept += 1;
        }
    }
    &whole[kept..]
}

/// Returns the directory that leads from the inherited one to the full one; `None` if they are the same.
pub(super) fn workdir(inherited: Option<&str>, whole: Option<&str>) -> Option<String> {
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

/// Leaves out inherited limits, which are always sorted by name.
pub(super) fn ulimits<'a>(inherited: &Settings, whole: &'a Settings) -> Vec<&'a Ulimit> {
    let plain = |limit: &Ulimit| (limit.name.value, limit.soft, limit.hard);
    let is_inherited = |limit: &&Ulimit| {
        let mut inherited = inherited.ulimits.iter();
        inherited.any(|other| plain(other) == plain(limit))
    };
    let whole = whole.ulimits.iter();
    whole.filter(|limit| !is_inherited(limit)).collect()
}

/// Leaves out inherited mounts, which come before the others.
pub(super) fn mounts<'a>(inherited: &Settings, whole: &'a Settings) -> &'a [Mount] {
    whole
        .mounts
        .get(inherited.mounts.len()..)
        .unwrap_or_default()
}
