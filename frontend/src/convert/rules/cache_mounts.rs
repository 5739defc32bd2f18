//! Replaces cache mounts with presets for the same directories.

use std::collections::BTreeSet;

use stagefile_language::plan::preset;

use super::{Takings, go_keeps_paths, observed, touches};
use crate::convert::model::{Action, Cache, CacheDirectory, File, From, Run, Stage, Step};
use crate::convert::script::Script;

/// A preset, and the default directories of tools for what it caches.
struct Known {
    preset: &'static str,
    /// Directories that the preset caches, one from each list; all must be mounted if their neighbors matter.
    directories: &'static [&'static [&'static str]],
}

static KNOWN: [Known; 8] = [
    Known {
        preset: "go",
        directories: &[
            &["/go/pkg/mod", "/go/pkg", "/root/go/pkg/mod"],
            &["/root/.cache/go-build", "/root/.cache"],
        ],
    },
    Known {
        preset: "npm",
        directories: &[&["/root/.npm", "/root/.npm/_cacache"]],
    },
    Known {
        preset: "pip",
        directories: &[&["/root/.cache/pip", "/root/.cache"]],
    },
    Known {
        preset: "uv",
        directories: &[&["/root/.cache/uv"]],
    },
    Known {
        preset: "cargo",
        directories: &[
            &["/usr/local/cargo/registry", "/root/.cargo/registry"],
            &["/usr/local/cargo/git", "/root/.cargo/git"],
        ],
    },
    Known {
        preset: "maven",
        directories: &[&["/root/.m2/repository"]],
    },
    Known {
        preset: "composer",
        directories: &[&["/root/.composer/cache", "/tmp/cache"]],
    },
    Known {
        preset: "yarn",
        directories: &[&[
            "/usr/local/share/.cache/yarn",
            "/usr/local/share/.cache/yarn/v6",
            "/root/.yarn/berry/cache",
        ]],
    },
];

/// Words that identify the tools in scripts.
fn tools(preset: &str) -> &'static [&'static str] {
    match preset {
        "go" => &["go"],
        "npm" => &["npm", "npx"],
        "pip" => &["pip", "pip3", "python", "python3"],
        "uv" => &["uv"],
        "cargo" => &["cargo"],
        "maven" => &["mvn", "./mvnw", "mvnw"],
        "composer" => &["composer"],
        "yarn" => &["yarn"],
        _ => &[],
    }
}

pub(super) fn apply(file: &mut File) {
    let observed = observed(file);
    let takings = Takings::new(file);
    let go_keeps_paths = go_keeps_paths(file);
    for known in &KNOWN {
        if known.preset == "go" && go_keeps_paths {
            continue;
        }
        // Whether a stage or one of its bases calls the tool without any of its caches: its files are then outside of the preset.
        let mut keeps: Vec<bool> = Vec::with_capacity(file.stages.len());
        for (index, is_observed) in observed.iter().enumerate() {
            let stage = &file.stages[index];
            let base_keeps = matches!(stage.from, From::Stage(base) if keeps[base]);
            let calling = stage.steps.iter().filter(|step| calls_tool(step, known));
            let keeps_here = base_keeps
                || calling
                    .into_iter()
                    .any(|step| !step.run().is_some_and(|run| has_some(run, known)));
            keeps.push(keeps_here);
            let uses = stage
                .steps
                .iter()
                .any(|step| step.run().is_some_and(|run| has_some(run, known)));
            if !uses {
                continue;
            }
            let taken = takings.from(index);
            let counts = |directory: &str| {
                *is_observed || taken.as_ref().is_none_or(|taken| touches(taken, directory))
            };
            let part_will_do = !keeps_here
                && !known
                    .directories
                    .iter()
                    .flat_map(|one| one.iter())
                    .any(|one| counts(one));
            let changes: Vec<usize> = (0..stage.steps.len())
                .filter(|number| fits(stage, &stage.steps[*number], known, part_will_do))
                .collect();
            for number in changes {
                if let Action::Run(run) = &mut file.stages[index].steps[number].action
                    && let Some(first) = run.caches.iter().position(|cache| is_one_of(cache, known))
                {
                    run.caches.insert(first, Cache::Preset(known.preset));
                    run.caches.retain(|cache| !is_one_of(cache, known));
                }
            }
        }
    }
}

/// Reports whether the mounts of a step correspond to the preset: all of them, or a part if the others don't matter.
fn fits(stage: &Stage, step: &Step, known: &Known, part_will_do: bool) -> bool {
    let Some(run) = step.run() else { return false };
    let mounted = run.caches.iter().filter(|cache| is_one_of(cache, known));
    let mounted: BTreeSet<usize> = mounted.filter_map(|cache| place(cache, known)).collect();
    let is_root = step
        .at
        .user
        .as_ref()
        .is_none_or(|user| matches!(user.constant(), Some("" | "root" | "0" | "0:0")));
    let text = run.script().map(Script::text).unwrap_or_default();
    !mounted.is_empty()
        && (mounted.len() == known.directories.len() || part_will_do)
        && is_root
        && calls(&text, tools(known.preset))
        && !is_set(stage, known.preset, &text)
}

fn calls_tool(step: &Step, known: &Known) -> bool {
    step.run()
        .and_then(Run::script)
        .is_some_and(|script| calls(&script.text(), tools(known.preset)))
}

fn has_some(run: &Run, known: &Known) -> bool {
    run.caches
        .iter()
        .any(|cache| is_one_of(cache, known) || *cache == Cache::Preset(known.preset))
}

/// Reports whether a cache is one of the preset with this name, without other options.
pub(super) fn is_of(cache: &Cache, preset: &str) -> bool {
    KNOWN
        .iter()
        .any(|known| known.preset == preset && is_one_of(cache, known))
}

/// Reports whether a cache is one of a preset, without other options.
fn is_one_of(cache: &Cache, known: &Known) -> bool {
    let Cache::Directory(directory) = cache else {
        return false;
    };
    let CacheDirectory {
        from: None,
        mode: None,
        uid: None | Some(0),
        gid: None | Some(0),
        ..
    } = directory.as_ref()
    else {
        return false;
    };
    // A cache with a name is shared with others; one that builds don't share differs from the preset.
    let is_private = directory.sharing == Some("private");
    !is_private && place(cache, known).is_some()
}

fn place(cache: &Cache, known: &Known) -> Option<usize> {
    let Cache::Directory(directory) = cache else {
        return None;
    };
    let target = directory.target.constant()?.trim_end_matches('/');
    known
        .directories
        .iter()
        .position(|places| places.contains(&target))
}

/// Reports whether a script calls one of several programs.
pub(super) fn calls(script: &str, programs: &[&str]) -> bool {
    script
        .split(|letter: char| letter.is_whitespace() || ";&|()".contains(letter))
        .any(|word| {
            programs.contains(&word)
                || word
                    .rsplit_once("/bin/")
                    .is_some_and(|(_, name)| programs.contains(&name))
        })
}

/// Reports whether a stage or a script sets the tool's directory itself.
pub(super) fn is_set(stage: &Stage, name: &str, script: &str) -> bool {
    let Some(preset) = preset::find(name) else {
        return true;
    };
    if name == "pip" && stage.end.variables.get("PIP_NO_CACHE_DIR").is_some() {
        return true;
    }
    preset.env.iter().any(|(variable, _)| {
        stage.config_env.get(variable).is_some()
            || stage.end.variables.get(variable).is_some()
            || script.contains(variable)
    }) || script.contains("--cache") && script.contains("cache-dir")
}
