//! The caches that the stages of a plan use.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use buildkit_llb::{BindMount, CacheMount, Digest, Mount, Sharing, State};
use stagefile_language::plan::{Plan, StageId};
use stagefile_language::source::Span;
use stagefile_runner::cache::ARCHIVE_SUFFIX;

use super::Lowering;
use super::building::Building;
use super::built::Built;
use super::caches::{SEED, origin, sharing};
use super::times::KeptTimes;

/// The length of the readable part of an ID in the name of its file.
const LEGIBLE: usize = 80;

/// A cache on the daemon, whichever steps mount it.
#[derive(Clone, Debug)]
pub struct CacheDirectory {
    /// The name in the file.
    pub name: String,
    /// The ID on the daemon, which identifies the cache together with its seed.
    pub id: String,
    /// The name of a file with its content, without a suffix. It is unique among all projects,
    /// platforms and owners, even on case-insensitive file systems.
    pub file: String,
    /// The first location that uses it.
    pub span: Span,
    /// The paths at which steps mount it.
    pub targets: Vec<String>,
    /// The stages that use it.
    pub stages: Vec<String>,
    /// Whether this build empties it, because one of the stages is built without the cache.
    pub is_emptied: bool,
    /// Whether some of its files are useful without the others.
    pub is_divisible: bool,
    /// The seed, and the directory in it.
    seed: Option<(State, &'static str)>,
    sharing: Sharing,
}

impl CacheDirectory {
    /// Returns the name of the archive with the cache's content.
    pub fn archive(&self) -> String {
        format!("{}{ARCHIVE_SUFFIX}", self.file)
    }

    /// Returns a pattern for the names of its other archives.
    pub fn parts(&self) -> String {
        format!("{}.*{ARCHIVE_SUFFIX}", self.file)
    }

    /// Mounts the cache like steps do.
    pub(super) fn mount(&self, target: &str) -> CacheMount {
        let mount = Mount::cache(target).id(&self.id).sharing(self.sharing);
        match &self.seed {
            Some((state, path)) => mount.seed(state).selector(*path),
            None => mount,
        }
    }

    /// Mounts the seed, if it isn't an empty directory.
    pub(super) fn mount_seed(&self, target: &str) -> Option<BindMount> {
        let (state, path) = self.seed.as_ref()?;
        Some(Mount::bind(target, state).selector(*path).readonly())
    }
}

/// Returns the caches that stages use, each once, in the order of the build.
pub(super) fn caches(
    plan: &Plan,
    built: &BTreeMap<StageId, Built>,
    kept: &KeptTimes,
    lowering: &Lowering<'_>,
) -> Vec<CacheDirectory> {
    let mut caches: BTreeMap<String, CacheDirectory> = BTreeMap::new();
    let mut order = Vec::new();
    for id in plan.order() {
        let stage = plan.stage(id);
        let Some(result) = built.get(&id) else {
            continue;
        };
        let building = Building::new(plan, stage, result, built, kept, lowering);
        for run in stage.runs().filter(|run| !run.settings.caches.is_empty()) {
            let env = building.environment(run);
            let workdir = result.workdir_of(run);
            let context = building.context(&workdir, result.user_of(run), &env);
            for cache in &run.settings.caches {
                let id = lowering.cache_id(cache, &context);
                let file = file_name(&id, &origin(cache, &context, plan));
                let directory = caches.entry(file.clone()).or_insert_with(|| {
                    order.push(file.clone());
                    CacheDirectory {
                        name: cache.name.clone(),
                        id: lowering.namespaced(id),
                        file,
                        span: cache.span,
                        targets: Vec::new(),
                        stages: Vec::new(),
                        is_emptied: false,
                        is_divisible: cache.is_divisible,
                        seed: building.seed(cache, &context).map(|state| (state, SEED)),
                        sharing: sharing(cache),
                    }
                });
                add(&mut directory.targets, context.target(cache));
                add(&mut directory.stages, stage.name.clone());
                directory.is_emptied |= building.no_cache;
            }
        }
    }
    let mut take = |file: &String| caches.remove(file);
    order.iter().filter_map(&mut take).collect()
}

fn add(list: &mut Vec<String>, word: String) {
    if !list.contains(&word) {
        list.push(word);
    }
}

/// Returns the name of a cache's file: a readable part, followed by a unique one.
fn file_name(id: &str, origin: &str) -> String {
    let legible = id.chars().map(|character| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => character,
        _ => '-',
    });
    let legible: String = legible.take(LEGIBLE).collect();
    let digest = Digest::of(format!("{id}\0{origin}").as_bytes());
    let mut name = format!("{}-", legible.trim_matches(['.', '-']));
    for byte in digest.as_bytes().iter().take(8) {
        // Writing to a string never fails.
        _ = write!(name, "{byte:02x}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files_are_plain_and_differ() {
        let name = file_name("go-mod@linux/amd64@root@example.com/a/b", "");
        assert!(
            name.starts_with("go-mod-linux-amd64-root-example.com-a-b-"),
            "{name}"
        );
        let names = [
            file_name("a@b", ""),
            file_name("a-b", ""),
            file_name("A-b", ""),
            file_name("a-b", "1000"),
        ];
        for (index, name) in names.iter().enumerate() {
            let same = |other: &String| other.eq_ignore_ascii_case(name);
            assert_eq!(names.iter().position(same), Some(index), "{name}");
        }
        assert!(file_name(&"x".repeat(1000), "").len() < 128);
        assert_eq!(file_name("../..", "").len(), 17);
    }
}
