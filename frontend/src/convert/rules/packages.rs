//! `apt-get update && apt-get install … && rm -rf /var/lib/apt/lists/*` becomes `std.apt`, `apk add --no-cache …` `std.apk`.
//!
//! The result has the same packages, but not the logs of the package managers, which differ from run to run.

use crate::convert::model::{Action, Cache, Command as RunCommand, File, Install, Run, Step};
use crate::convert::script::{Command, Script};

/// The paths of package managers' caches, which the templates mount, too.
const CACHES: [&str; 6] = [
    "/var/cache/apt",
    "/var/lib/apt",
    "/var/lib/apt/lists",
    "/var/cache/apk",
    "/etc/apk/cache",
    "/var/cache/apt/archives",
];

pub(super) fn apply(file: &mut File) {
    for stage in &mut file.stages {
        let steps = std::mem::take(&mut stage.steps);
        for step in steps {
            stage.steps.extend(split(step));
        }
    }
}

/// Splits off what a step installs.
fn split(step: Step) -> Vec<Step> {
    let Some((install, used)) = installation(&step) else {
        return vec![step];
    };
    let Step {
        comments,
        order,
        at,
        action,
    } = step;
    let Action::Run(Run {
        command: RunCommand::Script(Script::Chain(mut commands)),
        ..
    }) = action
    else {
        return Vec::new();
    };
    let rest = commands.split_off(used);
    let inner = commands.into_iter().flat_map(|command| command.comments);
    let mut steps = vec![Step {
        comments: comments.into_iter().chain(inner).collect(),
        order,
        at: at.clone(),
        action: Action::Install(install),
    }];
    if !rest.is_empty() {
        let run = Run::new(RunCommand::Script(Script::Chain(rest)));
        steps.push(Step {
            comments: Vec::new(),
            order,
            at,
            action: Action::Run(run),
        });
    }
    steps
}

/// Parses what a step installs first, and the number of its commands for that.
fn installation(step: &Step) -> Option<(Install, usize)> {
    let run = step.run()?;
    let is_root = step
        .at
        .user
        .as_ref()
        .is_none_or(|user| matches!(user.constant(), Some("root" | "0" | "0:0" | "root:root")));
    if !is_root || step.at.shell.is_some() || !run.is_bare() {
        return None;
    }
    let is_known = |cache: &Cache| match cache {
        Cache::Directory(cache) => {
            cache.from.is_none()
                && cache
                    .target
                    .constant()
                    .is_some_and(|target| CACHES.contains(&target.trim_end_matches('/')))
        }
        Cache::Preset(_) => false,
    };
    if !run.caches.iter().all(is_known) {
        return None;
    }
    let Some(Script::Chain(commands)) = run.script() else {
        return None;
    };
    apt(commands, !run.caches.is_empty()).or_else(|| apk(commands, !run.caches.is_empty()))
}

fn apt(commands: &[Command], has_caches: bool) -> Option<(Install, usize)> {
    let mut rest = commands.iter().enumerate().peekable();
    let (mut updates, mut cleans) = (false, has_caches);
    let mut install: Option<Install> = None;
    let mut used = 0;
    while let Some((index, command)) = rest.peek().copied() {
        let words = apt_words(command);
        match words.as_deref() {
            Some(["apt-get" | "apt", options @ ..]) => {
                let (flags, others): (Vec<&str>, Vec<&str>) =
                    options.iter().partition(|word| word.starts_with('-'));
                match others.as_slice() {
                    ["update"] if install.is_none() && flags.iter().all(|flag| is_quiet(flag)) => {
                        updates = true;
                    }
                    ["install", packages @ ..]
                        if install.is_none() && updates && !packages.is_empty() =>
                    {
                        let recommends = !flags.contains(&"--no-install-recommends");
                        let assumes_yes = flags.iter().any(|flag| is_yes(flag));
                        let known = |flag: &&str| {
                            is_quiet(flag) || is_yes(flag) || *flag == "--no-install-recommends"
                        };
                        if !assumes_yes
                            || !flags.iter().all(known)
                            || packages.iter().any(|package| !is_package(package))
                        {
                            return None;
                        }
                        install = Some(Install {
                            template: "std.apt",
                            packages: packages.iter().map(|&package| package.to_owned()).collect(),
                            recommends,
                        });
                    }
                    ["clean" | "autoclean" | "autoremove"] if install.is_some() => {}
                    _ => break,
                }
            }
            Some(["rm", "-rf" | "-fr" | "-r", paths @ ..])
                if install.is_some() && are_apts(paths) =>
            {
                cleans |= paths.iter().any(|path| path.starts_with("/var/lib/apt"));
            }
            _ => break,
        }
        used = index + 1;
        rest.next();
    }
    // Lists that are kept are files of the image.
    install.filter(|_| cleans).map(|install| (install, used))
}

/// Returns the words of an apt command; a pattern counts unchanged.
fn apt_words(command: &Command) -> Option<Vec<&str>> {
    let text = command.text.as_str();
    let special = |letter: char| "\\'\"`$&|;<>()?[]{}!#~\n".contains(letter);
    if text.contains(special) {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    // A variable before the command, which the template sets, too.
    match words.as_slice() {
        ["DEBIAN_FRONTEND=noninteractive", rest @ ..] => Some(rest.to_vec()),
        _ => Some(words),
    }
}

fn is_quiet(flag: &str) -> bool {
    matches!(
        flag,
        "-q" | "-qq" | "--quiet" | "--fix-missing" | "-y" | "--yes"
    )
}

fn is_yes(flag: &str) -> bool {
    matches!(
        flag,
        "-y" | "--yes" | "-qy" | "-yq" | "-qqy" | "-yqq" | "--assume-yes"
    )
}

/// Reports whether a word is a package, possibly with its version.
fn is_package(word: &str) -> bool {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "+-.:=~*_/".contains(letter);
    word.starts_with(|first: char| first.is_ascii_alphanumeric())
        && word.chars().all(known)
        // A local file, which isn't a package of the archive.
        && !word.contains(".deb")
        // A sign at the end removes a package, or ensures that it is installed.
        && !word.ends_with('-')
}

fn are_apts(paths: &[&str]) -> bool {
    !paths.is_empty()
        && paths.iter().all(|path| {
            ["/var/lib/apt/lists", "/var/cache/apt"]
                .iter()
                .any(|start| path.starts_with(start))
                || *path == "/tmp/*" && paths.len() > 1
        })
        && !paths.contains(&"/tmp/*")
}

fn apk(commands: &[Command], has_caches: bool) -> Option<(Install, usize)> {
    let first = commands.first()?;
    let (first, skipped) = match first.words()?.as_slice() {
        ["apk", "update"] if commands.len() > 1 => (commands.get(1)?, 1),
        _ => (first, 0),
    };
    let text = first.text.as_str();
    if text.contains(|letter: char| "\\'\"`$&|;()?*[]{}!#\n".contains(letter)) {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let ["apk", options @ ..] = words.as_slice() else {
        return None;
    };
    let (flags, others): (Vec<&str>, Vec<&str>) =
        options.iter().partition(|word| word.starts_with('-'));
    let ["add", packages @ ..] = others.as_slice() else {
        return None;
    };
    let keeps_nothing = flags.contains(&"--no-cache") || has_caches;
    let known = |flag: &&str| {
        matches!(
            *flag,
            "--no-cache"
                | "--update"
                | "--update-cache"
                | "-U"
                | "-u"
                | "-q"
                | "--quiet"
                | "--no-progress"
        )
    };
    let is_package = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_alphanumeric())
            && word
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "+-._=~<>@".contains(letter))
    };
    if packages.is_empty()
        || skipped > 0 && !has_caches
        || !keeps_nothing
        || !flags.iter().all(known)
        || !packages.iter().all(is_package)
    {
        return None;
    }
    let install = Install {
        template: "std.apk",
        packages: packages.iter().map(|&package| package.to_owned()).collect(),
        recommends: false,
    };
    Some((install, skipped + 1))
}
