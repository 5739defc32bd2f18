//! The client's options as typed values.
//!
//! Clients pass some forty options as strings, by name. [`Options::parse`] is a pure function that
//! parses all of them and reports everything that is wrong with them. Options that no version of
//! Docker's frontend knows are kept without an error, as in Docker's frontend.
//!
#![doc = include_str!("conventions.md")]

mod attest;
mod cache;
mod csv;
mod epoch;
mod error;
mod files;
mod frontend;
mod given;
mod hosts;
mod no_cache;
mod process;
mod proxy;
mod resources;
mod scan;
mod ulimit;
mod value;

use std::collections::BTreeMap;

use buildkit_llb::{Platform, ResolveMode};

pub use attest::{Attest, Sbom};
pub use cache::CacheImport;
pub use epoch::Epoch;
pub use error::{InvalidOption, InvalidOptions, OptionProblem};
pub use files::FileOptions;
pub use frontend::FrontendOptions;
pub use hosts::ExtraHost;
pub use no_cache::NoCache;
pub use process::ProcessOptions;
pub use scan::SbomScan;
pub(crate) use value::boolean;

use error::Problems;
use given::{BUILD_ARG, Given};

const LABEL: &str = "label:";

/// The client's options.
///
/// ```
/// use buildkit_gateway::options::{NoCache, Options};
///
/// let options = Options::parse([
///     ("target", "app"),
///     ("platform", "linux/arm64,linux/arm"),
///     ("build-arg:VERSION", "2"),
///     ("no-cache", ""),
/// ])?;
/// assert_eq!(options.target.as_deref(), Some("app"));
/// assert_eq!(options.platforms[1].to_string(), "linux/arm/v7");
/// assert!(options.multi_platform);
/// assert_eq!(options.build_args["VERSION"], "2");
/// assert_eq!(options.no_cache, NoCache::All);
/// # Ok::<(), buildkit_gateway::options::InvalidOptions>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The name of a subrequest, which replaces a build (`requestid`).
    pub request: Option<String>,
    /// The target to build; the frontend's default if `None` (`target`).
    pub target: Option<String>,
    /// The platforms to build for, normalized; the build platform if empty (`platform`).
    pub platforms: Vec<Platform>,
    /// Whether the result has to be in the multi-platform form, even for a single platform
    /// (`multi-platform`, `BUILDKIT_MULTI_PLATFORM`).
    pub multi_platform: bool,
    /// The user's build arguments, without those that are meant for BuildKit and without proxies
    /// (`build-arg:NAME`). [`build_arg`](Self::build_arg) finds all of them.
    pub build_args: BTreeMap<String, String>,
    /// Labels for the image (`label:NAME`).
    pub labels: BTreeMap<String, String>,
    /// The time that the build uses for timestamps (`SOURCE_DATE_EPOCH`).
    pub epoch: Epoch,
    /// The checks that the user requests, in the syntax of a `check` directive
    /// (`BUILDKIT_DOCKERFILE_CHECK`).
    pub check: Option<String>,
    /// How images are resolved (`image-resolve-mode`).
    pub resolve_mode: ResolveMode,
    /// What is built without using the cache (`no-cache`).
    pub no_cache: NoCache,
    /// The caches to import (`cache-imports`, `cache-from`). They have no effect unless they are
    /// passed on with the graph.
    pub cache_imports: Vec<CacheImport>,
    /// The prefix for the IDs of all cache mounts (`BUILDKIT_CACHE_MOUNT_NS`).
    pub cache_mount_namespace: Option<String>,
    /// The locations of the file and of contexts.
    pub files: FileOptions,
    /// The properties of every process.
    pub process: ProcessOptions,
    /// The requested attestations.
    pub attest: Attest,
    /// The frontend that the client requested.
    pub frontend: FrontendOptions,
    raw: BTreeMap<String, String>,
}

impl Options {
    /// Parses all options, or reports what is wrong with each invalid one.
    pub fn parse<N: Into<String>, V: Into<String>>(
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, InvalidOptions> {
        let options = options.into_iter();
        let options = options.map(|(name, value)| (name.into(), value.into()));
        Self::read(options.collect())
    }

    /// Parses options from a map. It isn't generic, so that a program contains it only once.
    fn read(raw: BTreeMap<String, String>) -> Result<Self, InvalidOptions> {
        let given = Given(&raw);
        let mut problems = Problems::default();
        reject_removed(&raw, &mut problems);
        let platforms = platforms(given, &mut problems);
        let mut build_args = given.with_prefix(BUILD_ARG);
        let epoch = Epoch::parse(build_args.get("SOURCE_DATE_EPOCH").map(String::as_str));
        let check = build_args.get("BUILDKIT_DOCKERFILE_CHECK").cloned();
        build_args.retain(|name, _| !is_for_buildkit(name) && !proxy::is_proxy(name));
        let options = Self {
            request: given.text("requestid"),
            target: given.text("target"),
            multi_platform: multi_platform(&raw, platforms.len(), &mut problems),
            platforms,
            epoch,
            check,
            build_args,
            labels: given.with_prefix(LABEL),
            resolve_mode: problems.parse_or_default(
                &raw,
                "image-resolve-mode",
                value::resolve_mode,
            ),
            process: process::parse(given, &mut problems),
            no_cache: NoCache::parse(raw.get("no-cache").map(String::as_str)),
            cache_imports: cache::parse(&raw, &mut problems),
            cache_mount_namespace: given.argument("BUILDKIT_CACHE_MOUNT_NS").map(str::to_owned),
            attest: attest::parse(given, &mut problems),
            files: files::parse(given, &mut problems),
            frontend: frontend::parse(given),
            raw,
        };
        problems.into_result(options)
    }

    /// Returns a build argument, including those meant for BuildKit.
    pub fn build_arg(&self, name: &str) -> Option<&str> {
        self.raw
            .get(&format!("{BUILD_ARG}{name}"))
            .map(String::as_str)
    }

    /// Returns a build argument that is meant for the frontend itself, and removes it from the
    /// others.
    pub fn take_build_arg(&mut self, name: &str) -> Option<String> {
        self.build_args.remove(name);
        self.raw.remove(&format!("{BUILD_ARG}{name}"))
    }

    /// Returns all options as the client sent them, to pass on to another frontend.
    pub fn raw(&self) -> &BTreeMap<String, String> {
        &self.raw
    }
}

/// Reports whether a build argument is meant for BuildKit rather than the user's own.
fn is_for_buildkit(name: &str) -> bool {
    name.starts_with("BUILDKIT_") || name == "SOURCE_DATE_EPOCH"
}

fn platforms(given: Given<'_>, problems: &mut Problems) -> Vec<Platform> {
    let list = given.get("platform").map(|list| list.split(','));
    let platforms = list.into_iter().flatten().filter_map(|platform| {
        let parsed = Platform::parse(platform).map_err(Into::into);
        problems.take("platform", platform, parsed)
    });
    platforms.map(|platform| platform.normalize()).collect()
}

fn multi_platform(
    raw: &BTreeMap<String, String>,
    platforms: usize,
    problems: &mut Problems,
) -> bool {
    let argument = "build-arg:BUILDKIT_MULTI_PLATFORM";
    let by_argument = problems.parse(raw, argument, value::boolean);
    let asked = by_argument.or_else(|| problems.parse(raw, "multi-platform", value::boolean));
    if asked == Some(false) && platforms > 1 {
        let name = if by_argument.is_some() {
            argument
        } else {
            "multi-platform"
        };
        problems.add(
            name,
            "false",
            OptionProblem::SeveralPlatforms { count: platforms },
        );
    }
    asked.unwrap_or(platforms > 1)
}

/// Rejects options of old clients that BuildKit no longer supports.
fn reject_removed(raw: &BTreeMap<String, String>, problems: &mut Problems) {
    let copy_image = raw
        .get("override-copy-image")
        .filter(|image| !image.is_empty());
    if let Some(image) = copy_image {
        problems.add(
            "override-copy-image",
            image,
            OptionProblem::Removed { since: "0.11" },
        );
    }
    let file_op = "build-arg:BUILDKIT_DISABLE_FILEOP";
    if let Some(flag) = raw.get(file_op)
        && value::boolean(flag).is_ok_and(|disabled| disabled)
    {
        problems.add(file_op, flag, OptionProblem::Removed { since: "0.11" });
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Network;

    use super::*;

    fn parse(options: &[(&str, &str)]) -> Options {
        Options::parse(options.iter().copied()).unwrap()
    }

    fn problems(options: &[(&str, &str)]) -> Vec<String> {
        let InvalidOptions(problems) = Options::parse(options.iter().copied()).unwrap_err();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_asked_for_is_fine() {
        assert_eq!(parse(&[]), Options::default());
        // The options of a plain local build.
        let options = parse(&[
            ("filename", "Stagefile"),
            ("attest:provenance", "mode=min,inline-only=true"),
            ("vcs:source", "https://example.com/x.git"),
            ("vcs:revision", "abc"),
        ]);
        assert_eq!(options.files.filename.as_deref(), Some("Stagefile"));
        assert_eq!(options.raw()["vcs:revision"], "abc");
    }

    #[test]
    fn arguments_are_told_apart() {
        let options = parse(&[
            ("build-arg:A", "1"),
            ("build-arg:B", ""),
            ("build-arg:BUILDKIT_SYNTAX", "x/y"),
            ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"),
            ("build-arg:BUILDKIT_INLINE_CACHE", "1"),
            ("build-arg:SOURCE_DATE_EPOCH", "5"),
            ("build-arg:http_proxy", "p"),
        ]);
        let names: Vec<_> = options.build_args.keys().map(String::as_str).collect();
        assert_eq!(names, ["A", "B"]);
        assert_eq!(options.frontend.syntax.as_deref(), Some("x/y"));
        assert_eq!(options.cache_mount_namespace.as_deref(), Some("ns"));
        assert_eq!(options.epoch, Epoch::Seconds(5));
        assert_eq!(options.process.proxy.http, "p");
        assert_eq!(options.build_arg("http_proxy"), Some("p"));
        assert_eq!(options.build_arg("BUILDKIT_INLINE_CACHE"), Some("1"));
        assert_eq!(options.build_arg("C"), None);
    }

    #[test]
    fn contexts_are_found() {
        let options = parse(&[
            ("contextkey", "elsewhere"),
            ("elsewhere", "https://example.com/x.git"),
            ("contextsubdir", "sub"),
            ("dockerfilekey", "files"),
            ("context:alpine", "docker-image://busybox"),
            ("context:base::linux/amd64", "input:base"),
            ("input-metadata:base", "{}"),
            ("local-sessionid:src", "s1"),
            ("sharedkey:localdir:src", "k1"),
        ]);
        assert_eq!(
            options.files.context.as_deref(),
            Some("https://example.com/x.git")
        );
        assert_eq!(options.files.context_subdir.as_deref(), Some("sub"));
        assert_eq!(options.files.dockerfile_key.as_deref(), Some("files"));
        assert_eq!(
            options.files.named_contexts["alpine"],
            "docker-image://busybox"
        );
        assert_eq!(
            options.files.named_contexts["base::linux/amd64"],
            "input:base"
        );
        assert_eq!(options.files.input_metadata["base"], "{}");
        assert_eq!(options.files.local_sessions["src"], "s1");
        assert_eq!(options.files.shared_keys["src"], "k1");
    }

    #[test]
    fn one_or_several_platforms() {
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[], false),
            (&[("platform", "linux/amd64")], false),
            (&[("platform", "linux/amd64,linux/arm64")], true),
            (
                &[("platform", "linux/amd64"), ("multi-platform", "true")],
                true,
            ),
            (&[("build-arg:BUILDKIT_MULTI_PLATFORM", "1")], true),
            (
                &[
                    ("multi-platform", "1"),
                    ("build-arg:BUILDKIT_MULTI_PLATFORM", "0"),
                ],
                false,
            ),
        ];
        for (options, expected) in cases {
            assert_eq!(parse(options).multi_platform, expected, "{options:?}");
        }
        let conflict = problems(&[
            ("platform", "linux/amd64,linux/arm64"),
            ("multi-platform", "0"),
        ]);
        assert_eq!(conflict.len(), 1);
        assert!(conflict[0].contains("2 platforms"), "{conflict:?}");
    }

    #[test]
    fn platforms_are_normalised() {
        let options = parse(&[("platform", "linux/arm64/v8,linux/x86_64")]);
        let platforms: Vec<_> = options.platforms.iter().map(ToString::to_string).collect();
        assert_eq!(platforms, ["linux/arm64", "linux/amd64"]);
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let found = problems(&[
            ("platform", "a/b/c/d"),
            ("shm-size", "big"),
            ("force-network-mode", "wifi"),
            ("image-resolve-mode", "maybe"),
            ("memory", "0"),
            ("override-copy-image", "x"),
        ]);
        assert_eq!(found.len(), 6, "{found:#?}");
        let InvalidOptions(_) = Options::parse([("ulimit", "nofile")]).unwrap_err();
    }

    #[test]
    fn what_was_removed_is_refused_only_if_used() {
        parse(&[
            ("build-arg:BUILDKIT_DISABLE_FILEOP", "0"),
            ("override-copy-image", ""),
        ]);
        assert_eq!(
            problems(&[("build-arg:BUILDKIT_DISABLE_FILEOP", "1")]).len(),
            1
        );
    }

    #[test]
    fn what_is_said_about_processes_is_kept() {
        let options = parse(&[
            ("force-network-mode", "none"),
            ("shm-size", "65536"),
            ("cgroup-parent", "group"),
            ("hostname", "h"),
            ("add-hosts", "db=10.0.0.1"),
            ("ulimit", "nofile=1024"),
            ("memory", "1048576"),
        ]);
        assert_eq!(options.process.network, Network::None);
        assert_eq!(options.process.shm_size, Some(65536));
        assert_eq!(options.process.cgroup_parent.as_deref(), Some("group"));
        assert_eq!(options.process.hostname.as_deref(), Some("h"));
        assert_eq!(options.process.extra_hosts[0].host, "db");
        assert_eq!(options.process.ulimits[0].name, "nofile");
        assert_eq!(options.process.resources.unwrap().memory, 1 << 20);
        let argument = ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "a");
        assert_eq!(
            parse(&[argument, ("hostname", "h")])
                .process
                .hostname
                .as_deref(),
            Some("a")
        );
    }

    #[test]
    fn what_is_said_about_the_image_is_kept() {
        let options = parse(&[("label:a.b", "c=d"), ("label:e", "")]);
        assert_eq!(options.labels["a.b"], "c=d");
        assert_eq!(options.labels["e"], "");
    }

    #[test]
    fn questions_and_forwarding_are_seen() {
        let options = parse(&[
            ("requestid", "frontend.lint"),
            ("frontend.caps", "a,b+forward"),
            ("cmdline", "x/y --flag"),
            ("source", "x/y"),
            ("build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=all"),
            ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "true"),
            ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "h"),
            ("hostname", "other"),
        ]);
        assert_eq!(options.request.as_deref(), Some("frontend.lint"));
        assert_eq!(options.frontend.capabilities, ["a", "b+forward"]);
        assert_eq!(options.frontend.command_line.as_deref(), Some("x/y --flag"));
        assert_eq!(options.check.as_deref(), Some("skip=all"));
        assert_eq!(options.attest.scan_stage, Some(SbomScan::All));
        assert_eq!(options.process.hostname.as_deref(), Some("h"));
    }
}
