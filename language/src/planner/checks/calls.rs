//! Commands in scripts that certainly do something undesirable.
//!
//! Checks that depend on the script's image are deferred as a [`Doubt`] until all stages are known: see
//! [`images`](super::images).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use stagefile_text::shell::{Call, Joint, commands};

use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Network, Settings, Target};
use crate::planner::Planner;
use crate::source::Span;

/// The maximum number of fixes of one kind in a script, each with its location. Mistakes without a fix are only reported at the
/// first location: finding one takes time in proportion to the script.
const MAX_CORRECTIONS: usize = 16;

/// Something in a script that is wrong in some images.
#[derive(Clone, Debug)]
pub(in crate::planner) enum Doubt {
    /// A feature of bash, or also of the `BusyBox` shell (`true`): what it is, what to write, where, and the fix.
    Shell(&'static str, &'static str, bool, Span, Option<&'static str>),
    /// The lists of a package manager are left in the layer: the command, the preset, and the location.
    Lists(String, &'static str, Span),
    /// A package manager has no cache: the command, the preset, and the location.
    Cache(String, &'static str, Span),
    /// `apt-get install` installs all recommended packages.
    Recommended(Span),
}

/// Programs that cache downloads, with the subcommands that download; none for all. Then the preset.
const DOWNLOADS: [(&str, &[&str], &str); 22] = [
    ("npm", &["ci", "install", "i"], "npm"),
    ("yarn", &["", "install", "add"], "yarn"),
    ("pnpm", &["install", "i", "add", "fetch"], "pnpm"),
    ("bun", &["install", "i", "add"], "bun"),
    ("pip", &["install", "wheel"], "pip"),
    ("pip3", &["install", "wheel"], "pip"),
    ("uv", &["sync", "pip"], "uv"),
    ("poetry", &["install"], "poetry"),
    ("go", &["build", "install", "test", "mod"], "go"),
    (
        "cargo",
        &["build", "test", "install", "fetch", "check"],
        "cargo",
    ),
    ("mvn", &[], "maven"),
    ("mvnw", &[], "maven"),
    ("gradle", &[], "gradle"),
    ("gradlew", &[], "gradle"),
    ("dotnet", &["restore", "build", "publish"], "nuget"),
    ("composer", &["install", "update"], "composer"),
    ("bundle", &["install"], "bundler"),
    // These change the system.
    ("apt-get", &["install"], "apt"),
    ("apt", &["install"], "apt"),
    ("apk", &["add"], "apk"),
    ("dnf", &["install"], "dnf"),
    ("yum", &["install"], "dnf"),
];
/// Presets of system package managers.
const SYSTEMS: [&str; 3] = ["apt", "apk", "dnf"];
/// Options and texts in scripts that show that nothing should be kept or downloaded.
const DELIBERATE: [&str; 10] = [
    "--no-cache",
    "--offline",
    "-mod=vendor",
    "cache clean",
    "cache purge",
    "store prune",
    "/.npm",
    "/.cache",
    "clean-cache",
    "clear-cache",
];
/// Programs that hardly ever fail.
const SAFE: [&str; 7] = ["echo", "printf", "cat", "date", "yes", "true", "ls"];
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

/// Returns the preset for a command that downloads packages.
pub(super) fn preset(call: &Call<'_>) -> Option<&'static str> {
    let (program, verb) = match (call.program(), call.verb()) {
        // `python -m pip install`
        ("python" | "python3", "pip") if call.has("-m") && call.has("install") => {
            ("pip", "install")
        }
        ("go", "mod") if !call.has("download") => return None,
        ("npm" | "yarn", _) if call.has("--version") || call.has("-v") => return None,
        ("apt-get" | "apt" | "dnf" | "yum", _) if call.has("install") => {
            (call.program(), "install")
        }
        ("apk", _) if call.has("add") => ("apk", "add"),
        own => own,
    };
    let known = |(name, verbs, _): &&(&str, &[&str], &str)| {
        *name == program && (verbs.is_empty() || verbs.contains(&verb))
    };
    DOWNLOADS.iter().find(known).map(|(_, _, preset)| *preset)
}

/// Returns the program of a command with its subcommand.
pub(super) fn name(call: &Call<'_>) -> String {
    let mut words = vec![call.program()];
    let verb = |word: &&str| !word.starts_with('-') && !word.contains(['/', '$']);
    match (call.program(), call.verb()) {
        ("python" | "python3", _) => words.extend(["-m", "pip", "install"]),
        ("go", "mod") => words.extend(["mod", "download"]),
        ("apt-get" | "apt" | "dnf" | "yum", _) => words.push("install"),
        ("apk", _) => words.push("add"),
        (_, word) => words.extend(Some(word).filter(|word| !word.is_empty()).filter(verb)),
    }
    words.join(" ")
}

impl Planner<'_> {
    /// Warns of commands in a script in the user's own file.
    pub(super) fn check_calls(&mut self, text: &Text, settings: &Settings, is_own_shell: bool) {
        let script = text.scalar().text.as_str();
        let calls = commands(script);
        let source = self.program.sources.file(text.span()).clone();
        let place = |start: usize, end: usize| {
            let end = script[start..end].find('\n').map_or(end, |at| start + at);
            text.scalar().locate(&source, start, end)
        };
        // The program and its subcommand, without the rest.
        let whole = |call: &Call<'_>| {
            let named = name(call);
            let last = named.rsplit(' ').next();
            let end = call.words.iter().find(|word| Some(word.text) == last);
            let end = end.or(call.words.first()).map_or(0, |word| word.range.end);
            place(call.range().start, end)
        };

        let has_pipefail = script.contains("pipefail")
            || settings
                .shell
                .iter()
                .flatten()
                .any(|word| word.contains("pipefail"));
        let (mut has_pipe, mut ignored) = (has_pipefail, BTreeSet::new());
        for pair in calls.windows(2) {
            let [call, next] = pair else { continue };
            let downloads = matches!(call.program(), "curl" | "wget");
            let ends = next.program() == "tee" || downloads && SHELLS.contains(&next.program());
            if call.joint == Joint::Pipe && ends && !has_pipe && !SAFE.contains(&call.program()) {
                has_pipe = true;
                let warning =
                    diagnostics::failure_in_pipe(&name(call), next.program(), whole(call));
                self.found.push(warning);
            }
            let succeeds = next.words.len() == 1 && matches!(next.words[0].text, "true" | ":");
            if call.joint == Joint::Or
                && succeeds
                && preset(call).is_some_and(|preset| ignored.insert(preset))
            {
                let rest = &script[call.range().end..];
                let start = call.range().end + (rest.len() - rest.trim_start().len());
                let rest = place(start, next.range().end);
                self.found
                    .push(diagnostics::ignored_failure(&name(call), whole(call), rest));
            }
        }

        let mut doubts = Vec::new();
        Self::check_downloads(script, &calls, settings, &mut doubts, &whole);
        if is_own_shell && !script.starts_with("#!") {
            let mut kinds = BTreeMap::new();
            for call in &calls {
                foreign_words(script, call, &mut |found, instead, busybox, range, fix| {
                    let count: &mut usize = kinds.entry((found, fix)).or_default();
                    *count += 1;
                    let most = if fix.is_some() { MAX_CORRECTIONS } else { 1 };
                    if *count <= most {
                        let span = place(range.start, range.end);
                        doubts.push(Doubt::Shell(found, instead, busybox, span, fix));
                    }
                });
            }
        }
        if !doubts.is_empty() {
            self.doubtful.insert(text.span(), doubts);
        }
    }

    fn check_downloads(
        script: &str,
        calls: &[Call<'_>],
        settings: &Settings,
        doubts: &mut Vec<Doubt>,
        whole: &dyn Fn(&Call<'_>) -> Span,
    ) {
        let caches = settings.caches.iter();
        let has_system = |directory: &str, name: &str| {
            caches.clone().any(|cache| {
                let is_there =
                    matches!(&cache.target, Target::Path(path) if path.starts_with(directory));
                is_there || cache.name.starts_with(name)
            })
        };
        let has_other = caches.clone().any(|cache| {
            let name = cache.name.as_str();
            !SYSTEMS.iter().any(|system| name.starts_with(system)) && name != "libdnf5"
        });
        let keeps_nothing = settings.network == Network::None
            || settings
                .env
                .iter()
                .any(|(name, _)| name == "PIP_NO_CACHE_DIR");
        let mut is_said = ["--no-install-recommends", "Install-Recommends"]
            .iter()
            .any(|option| script.contains(option));
        let mut seen = BTreeSet::new();
        for call in calls {
            let Some(preset) = preset(call) else { continue };
            let is_apt = preset == "apt" && call.program() == "apt-get";
            if is_apt && !is_said && !call.has("--download-only") {
                is_said = true;
                doubts.push(Doubt::Recommended(whole(call)));
            }
            if !seen.insert(preset) {
                continue;
            }
            match preset {
                "apt" => {
                    let is_clean =
                        script.contains("/var/lib/apt/lists") || script.contains("/var/lib/apt");
                    if !is_clean && !has_system("/var/lib/apt", "apt") {
                        doubts.push(Doubt::Lists(name(call), preset, whole(call)));
                    }
                }
                "apk" => {
                    let is_clean = call.has("--no-cache") || script.contains("/var/cache/apk");
                    // Without an index, apk downloads one itself.
                    let updates =
                        call.has("-U") || call.has("--update") || script.contains("apk update");
                    if updates
                        && !is_clean
                        && !has_system("/etc/apk", "apk")
                        && !has_system("/var/cache/apk", "apk")
                    {
                        doubts.push(Doubt::Lists(name(call), preset, whole(call)));
                    }
                }
                "dnf" => {}
                _ => {
                    let is_meant =
                        keeps_nothing || DELIBERATE.iter().any(|word| script.contains(word));
                    let is_offline = preset == "maven" && call.has("-o");
                    if !is_meant && !is_offline && !has_other {
                        doubts.push(Doubt::Cache(name(call), preset, whole(call)));
                    }
                }
            }
        }
    }
}

/// Receives a word that only larger shells support: as in [`Doubt::Shell`], with its position in the script.
type Push<'p> =
    dyn FnMut(&'static str, &'static str, bool, Range<usize>, Option<&'static str>) + 'p;

/// Finds words that only larger shells support.
fn foreign_words(script: &str, call: &Call<'_>, push: &mut Push<'_>) {
    let first = &call.words[0];
    let start = first.range.start;
    match first.text {
        "[[" => push(
            "`[[`",
            "write `[ … ]`, or `case` for a pattern",
            true,
            first.range.clone(),
            None,
        ),
        "source" => {
            // Without a slash, the file is searched in other directories.
            let is_path = call
                .words
                .get(1)
                .is_some_and(|word| word.text.contains('/'));
            push(
                "`source`",
                "write `.`",
                true,
                first.range.clone(),
                is_path.then_some("."),
            );
        }
        "function" if call.words.len() > 1 => {
            push(
                "`function`",
                "write `name() {`",
                true,
                first.range.clone(),
                None,
            );
        }
        "[" => {
            for word in call.words.iter().filter(|word| word.text == "==") {
                push(
                    "`==` in `[`",
                    "write `=`",
                    true,
                    word.range.clone(),
                    Some("="),
                );
            }
        }
        text if text.ends_with('=') && script[first.range.end..].starts_with('(') => {
            push(
                "arrays",
                "use the arguments, `set -- a b` and `\"$@\"`",
                false,
                start..first.range.end + 1,
                None,
            );
        }
        _ => {}
    }
    for word in &call.words {
        let next = script[word.range.end..].starts_with('(');
        if word.text.starts_with("<<<") {
            push(
                "`<<<`",
                "write `printf '%s\\n' … |` before the command",
                false,
                word.range.start..word.range.start + 3,
                None,
            );
        } else if next && matches!(word.text, "<" | ">") {
            push(
                "`<(…)`",
                "write to a file first",
                false,
                word.range.start..word.range.end + 1,
                None,
            );
        } else if word.text.starts_with("&>") {
            push(
                "`&>`",
                "write `>file 2>&1`",
                true,
                word.range.start..word.range.start + 2,
                None,
            );
        }
    }
}
