//! What the client asks for, as typed values.
//!
//! Clients say what they want in some forty options, text by name. [`Options::parse`] makes sense of
//! all of them at once and reports everything that is wrong with them; it is a pure function. Options
//! that no version of Docker's frontend knows are kept, and are no error, as there.
//!
#![doc = include_str!("conventions.md")]

mod attest;
mod cache;
mod csv;
mod epoch;
mod error;
mod hosts;
mod no_cache;
mod process;
mod proxy;
mod resources;
mod scan;
mod ulimit;
mod value;

use std::collections::BTreeMap;

use buildkit_llb::{LinuxResources, Network, Platform, ProxyEnvironment, ResolveMode, Ulimit};

pub use attest::{Attest, Sbom};
pub use cache::CacheImport;
pub use epoch::Epoch;
pub use error::{InvalidOption, InvalidOptions, OptionProblem};
pub use hosts::ExtraHost;
pub use no_cache::NoCache;
pub use scan::SbomScan;
pub(crate) use value::boolean;

use error::Problems;

const BUILD_ARG: &str = "build-arg:";
const LABEL: &str = "label:";
const CONTEXT: &str = "context:";
const LOCAL_SESSION: &str = "local-sessionid:";
const SHARED_KEY: &str = "sharedkey:localdir:";
const INPUT_METADATA: &str = "input-metadata:";

/// What the client asks for.
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
    /// The frontend's file (`filename`). Clients send `Dockerfile` only if they are told to; what the
    /// default is, is up to the frontend.
    pub filename: Option<String>,
    /// The local directory that has the frontend's file, whatever the build context is
    /// (`dockerfilekey`).
    pub entrypoint_key: Option<String>,
    /// Where the build context comes from if it isn't a local directory or an input: a URL of git or
    /// HTTP (`context`, or the option that `contextkey` names).
    pub context: Option<String>,
    /// The folder of a remote build context that takes its place (`contextsubdir`).
    pub context_subdir: Option<String>,
    /// What to build; the frontend's default if absent (`target`).
    pub target: Option<String>,
    /// Arguments of the user, without those that are meant for BuildKit and without proxies
    /// (`build-arg:NAME`). [`build_arg`](Self::build_arg) finds all of them.
    pub build_args: BTreeMap<String, String>,
    /// Labels for the image (`label:NAME`).
    pub labels: BTreeMap<String, String>,
    /// The platforms to build for, normalised; the build platform if empty (`platform`).
    pub platforms: Vec<Platform>,
    /// Whether the result has to be by platform, be it for one or for several
    /// (`multi-platform`, `BUILDKIT_MULTI_PLATFORM`).
    pub multi_platform: bool,
    /// What is built although the cache has it (`no-cache`).
    pub no_cache: NoCache,
    /// Where images may come from (`image-resolve-mode`).
    pub resolve_mode: ResolveMode,
    /// Further lines for `/etc/hosts` of every process (`add-hosts`).
    pub extra_hosts: Vec<ExtraHost>,
    /// The network of every process that doesn't choose its own (`force-network-mode`).
    pub network: Network,
    /// Bytes of `/dev/shm` of every process (`shm-size`).
    pub shm_size: Option<u64>,
    /// Limits of every process (`ulimit`).
    pub ulimits: Vec<Ulimit>,
    /// The control group that processes are put under (`cgroup-parent`).
    pub cgroup_parent: Option<String>,
    /// Limits of memory and processors of every process (`memory`, `cpuquota`…).
    pub resources: Option<LinuxResources>,
    /// The host name of every process (`hostname`, `BUILDKIT_SANDBOX_HOSTNAME`).
    pub hostname: Option<String>,
    /// Caches to look at (`cache-imports`, `cache-from`). They do nothing unless they are handed on
    /// with the graph.
    pub cache_imports: Vec<CacheImport>,
    /// Which attestations are wanted (`attest:NAME`, `BUILDKIT_ATTEST_NAME`).
    pub attest: Attest,
    /// Whether the list of software covers the build context (`BUILDKIT_SBOM_SCAN_CONTEXT`).
    pub sbom_scan_context: Option<SbomScan>,
    /// Which stages the list of software covers (`BUILDKIT_SBOM_SCAN_STAGE`).
    pub sbom_scan_stage: Option<SbomScan>,
    /// Named contexts, each `NAME` or `NAME::PLATFORM` with what it stands for (`context:NAME`).
    pub named_contexts: BTreeMap<String, String>,
    /// JSON about inputs, by the input's name (`input-metadata:NAME`).
    pub input_metadata: BTreeMap<String, String>,
    /// Sessions that have local directories other than the build's (`local-sessionid:NAME`).
    pub local_sessions: BTreeMap<String, String>,
    /// What tells apart the transfers of equally named local directories (`sharedkey:localdir:NAME`).
    pub shared_keys: BTreeMap<String, String>,
    /// A question to the frontend in place of a build (`requestid`).
    pub request: Option<String>,
    /// What the client needs the frontend to know (`frontend.caps`).
    pub frontend_capabilities: Vec<String>,
    /// The image that this frontend was started from (`source`).
    pub source: Option<String>,
    /// The syntax directive that led to this frontend (`cmdline`). If it is there, the build has been
    /// forwarded already.
    pub command_line: Option<String>,
    /// The frontend that the user wants, whatever the file says (`BUILDKIT_SYNTAX`).
    pub syntax: Option<String>,
    /// The time that the build is meant to happen at (`SOURCE_DATE_EPOCH`).
    pub epoch: Epoch,
    /// What comes before the name of every cache mount (`BUILDKIT_CACHE_MOUNT_NS`).
    pub cache_mount_namespace: Option<String>,
    /// Whether a git context keeps its `.git` (`BUILDKIT_CONTEXT_KEEP_GIT_DIR`).
    pub keep_git_dir: Option<bool>,
    /// What the user wants checked, in the words of a `check` directive
    /// (`BUILDKIT_DOCKERFILE_CHECK`).
    pub check: Option<String>,
    /// Proxies for every process, which must not count for the cache (`HTTP_PROXY`…).
    pub proxy: ProxyEnvironment,
    raw: BTreeMap<String, String>,
}

impl Options {
    /// Makes sense of all options, or says what is wrong with each that makes none.
    pub fn parse<N: Into<String>, V: Into<String>>(
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, InvalidOptions> {
        let raw: BTreeMap<String, String> = options
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let mut problems = Problems::default();
        let given = |name: &str| raw.get(name).filter(|value| !value.is_empty());
        let text = |name: &str| given(name).cloned();
        let with_prefix = |prefix: &str| -> BTreeMap<String, String> {
            let matching = raw.iter().filter_map(|(name, value)| {
                Some((name.strip_prefix(prefix)?.to_owned(), value.clone()))
            });
            matching.collect()
        };
        let all_args = with_prefix(BUILD_ARG);
        let argument = |name: &str| all_args.get(name).filter(|value| !value.is_empty());

        reject_removed(&raw, &mut problems);
        let platforms = given("platform").map_or_else(Vec::new, |list| {
            let platforms = list.split(',').map(|platform| {
                problems.take(
                    "platform",
                    platform,
                    Platform::parse(platform).map_err(Into::into),
                )
            });
            platforms
                .flatten()
                .map(|platform| platform.normalize())
                .collect()
        });
        let multi_platform = multi_platform(&raw, platforms.len(), &mut problems);
        let context_key = given("contextkey").map_or("context", String::as_str);

        let options = Self {
            filename: text("filename"),
            entrypoint_key: text("dockerfilekey"),
            context: text(context_key),
            context_subdir: text("contextsubdir"),
            target: text("target"),
            build_args: all_args
                .iter()
                .filter(|(name, _)| !is_for_buildkit(name) && !proxy::is_proxy(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            labels: with_prefix(LABEL),
            multi_platform,
            no_cache: NoCache::parse(raw.get("no-cache").map(String::as_str)),
            resolve_mode: problems.parse_or_default(
                &raw,
                "image-resolve-mode",
                value::resolve_mode,
            ),
            extra_hosts: problems.parse_or_default(&raw, "add-hosts", hosts::parse),
            network: problems.parse_or_default(&raw, "force-network-mode", value::network),
            shm_size: problems.parse(&raw, "shm-size", value::bytes),
            ulimits: problems.parse_or_default(&raw, "ulimit", ulimit::parse),
            cgroup_parent: text("cgroup-parent"),
            resources: resources::parse(&raw, &mut problems),
            hostname: argument("BUILDKIT_SANDBOX_HOSTNAME")
                .cloned()
                .or_else(|| text("hostname")),
            cache_imports: cache::parse(&raw, &mut problems),
            attest: attest::parse(&raw, &mut problems),
            sbom_scan_context: argument("BUILDKIT_SBOM_SCAN_CONTEXT")
                .map(|list| list.as_str().into()),
            sbom_scan_stage: argument("BUILDKIT_SBOM_SCAN_STAGE").map(|list| list.as_str().into()),
            named_contexts: with_prefix(CONTEXT),
            input_metadata: with_prefix(INPUT_METADATA),
            local_sessions: with_prefix(LOCAL_SESSION),
            shared_keys: with_prefix(SHARED_KEY),
            request: text("requestid"),
            frontend_capabilities: given("frontend.caps")
                .map(|list| list.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
            source: text("source"),
            command_line: text("cmdline"),
            syntax: argument("BUILDKIT_SYNTAX").cloned(),
            epoch: Epoch::parse(all_args.get("SOURCE_DATE_EPOCH").map(String::as_str)),
            cache_mount_namespace: argument("BUILDKIT_CACHE_MOUNT_NS").cloned(),
            keep_git_dir: problems.parse(
                &raw,
                "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR",
                value::boolean,
            ),
            check: all_args.get("BUILDKIT_DOCKERFILE_CHECK").cloned(),
            proxy: proxy::of(&all_args),
            platforms,
            raw,
        };
        problems.into_result(options)
    }

    /// Gives a build argument, whoever it is meant for.
    pub fn build_arg(&self, name: &str) -> Option<&str> {
        self.raw
            .get(&format!("{BUILD_ARG}{name}"))
            .map(String::as_str)
    }

    /// Takes a build argument that is meant for the frontend itself: afterwards it isn't among the others.
    pub fn take_build_arg(&mut self, name: &str) -> Option<String> {
        self.build_args.remove(name);
        self.raw.remove(&format!("{BUILD_ARG}{name}"))
    }

    /// Gives everything as the client sent it, for handing on to another frontend.
    pub fn raw(&self) -> &BTreeMap<String, String> {
        &self.raw
    }
}

/// Tells whether an argument is an order to BuildKit rather than the user's own.
fn is_for_buildkit(name: &str) -> bool {
    name.starts_with("BUILDKIT_") || name == "SOURCE_DATE_EPOCH"
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

/// Refuses what old clients could ask for and no BuildKit of today does.
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
        // As a plain local build has it.
        let options = parse(&[
            ("filename", "Stagefile"),
            ("attest:provenance", "mode=min,inline-only=true"),
            ("vcs:source", "https://example.com/x.git"),
            ("vcs:revision", "abc"),
        ]);
        assert_eq!(options.filename.as_deref(), Some("Stagefile"));
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
        assert_eq!(options.syntax.as_deref(), Some("x/y"));
        assert_eq!(options.cache_mount_namespace.as_deref(), Some("ns"));
        assert_eq!(options.epoch, Epoch::Seconds(5));
        assert_eq!(options.proxy.http, "p");
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
            options.context.as_deref(),
            Some("https://example.com/x.git")
        );
        assert_eq!(options.context_subdir.as_deref(), Some("sub"));
        assert_eq!(options.entrypoint_key.as_deref(), Some("files"));
        assert_eq!(options.named_contexts["alpine"], "docker-image://busybox");
        assert_eq!(options.named_contexts["base::linux/amd64"], "input:base");
        assert_eq!(options.input_metadata["base"], "{}");
        assert_eq!(options.local_sessions["src"], "s1");
        assert_eq!(options.shared_keys["src"], "k1");
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
        assert_eq!(options.network, Network::None);
        assert_eq!(options.shm_size, Some(65536));
        assert_eq!(options.cgroup_parent.as_deref(), Some("group"));
        assert_eq!(options.hostname.as_deref(), Some("h"));
        assert_eq!(options.extra_hosts[0].host, "db");
        assert_eq!(options.ulimits[0].name, "nofile");
        assert_eq!(options.resources.unwrap().memory, 1 << 20);
        let argument = ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "a");
        assert_eq!(
            parse(&[argument, ("hostname", "h")]).hostname.as_deref(),
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
        assert_eq!(options.frontend_capabilities, ["a", "b+forward"]);
        assert_eq!(options.command_line.as_deref(), Some("x/y --flag"));
        assert_eq!(options.check.as_deref(), Some("skip=all"));
        assert_eq!(options.sbom_scan_stage, Some(SbomScan::All));
        assert_eq!(options.hostname.as_deref(), Some("h"));
    }
}
