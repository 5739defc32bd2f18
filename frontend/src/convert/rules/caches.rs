//! Intermediate stages get the caches of their tools: what a tool caches isn't part of the image anyway.

use super::cache_mounts::{calls, is_of, is_set};
use super::{Takings, go_keeps_paths, observed, touches};
use crate::convert::model::{Action, Cache, File, From, Stage};
use crate::convert::script::Script;

/// A tool: its preset, the commands by which it downloads or compiles, and the directories that it caches in.
struct Tool {
    preset: &'static str,
    programs: &'static [&'static str],
    commands: &'static [&'static str],
    directories: &'static [&'static str],
}

static TOOLS: [Tool; 3] = [
    Tool {
        preset: "go",
        programs: &["go"],
        commands: &[
            "go mod",
            "go build",
            "go test",
            "go install",
            "go vet",
            "go generate",
            "go run",
            "go get",
        ],
        directories: &["/go", "/root/.cache", "/root/go"],
    },
    Tool {
        preset: "npm",
        programs: &["npm"],
        commands: &["npm ci", "npm install", "npm i"],
        directories: &["/root/.npm"],
    },
    Tool {
        preset: "pip",
        programs: &["pip", "pip3"],
        commands: &["pip install", "pip3 install", "pip wheel"],
        directories: &["/root/.cache"],
    },
];

pub(super) fn apply(file: &mut File) {
    let observed = observed(file);
    let takings = Takings::new(file);
    let go_keeps_paths = go_keeps_paths(file);
    for tool in &TOOLS {
        if tool.preset == "go" && go_keeps_paths {
            continue;
        }
        // Whether a stage or one of its bases uses the tool without the cache.
        let mut keeps: Vec<bool> = Vec::with_capacity(file.stages.len());
        for (index, is_observed) in observed.iter().enumerate() {
            let base_keeps = matches!(file.stages[index].from, From::Stage(base) if keeps[base]);
            let scripts = file.stages[index]
                .steps
                .iter()
                .filter_map(|step| step.run()?.script());
            let uses = scripts
                .into_iter()
                .any(|script| calls(&script.text(), tool.programs));
            // What a base has downloaded isn't in the cache.
            let gets = uses && !base_keeps && !is_observed && can_have(file, index, tool, &takings);
            if gets {
                give(file, index, tool);
            }
            let has = gets || has_cache(&file.stages[index], tool);
            keeps.push(base_keeps || uses && !has);
        }
    }
}

/// Reports whether a stage, and all stages based on it, work without what the tool leaves in it.
fn can_have(file: &File, index: usize, tool: &Tool, takings: &Takings) -> bool {
    let Some(taken) = takings.from(index) else {
        return false;
    };
    if tool
        .directories
        .iter()
        .any(|directory| touches(&taken, directory))
    {
        return false;
    }
    let stage = &file.stages[index];
    let mut runs = stage
        .steps
        .iter()
        .filter_map(|step| step.run().map(|run| (step, run)));
    runs.all(|(step, run)| {
        let Some(script) = run.script() else {
            return true;
        };
        let text = script.text();
        let is_root = step
            .at
            .user
            .as_ref()
            .is_none_or(|user| matches!(user.constant(), Some("" | "root" | "0" | "0:0")));
        !calls(&text, tool.programs)
            || is_root
                && !is_set(stage, tool.preset, &text)
                && run.caches.iter().all(|cache| is_of(cache, tool.preset))
                && is_simple(script, tool)
    })
}

/// Reports whether a stage has caches of the tool.
fn has_cache(stage: &Stage, tool: &Tool) -> bool {
    let mut runs = stage.steps.iter().filter_map(|step| step.run());
    runs.any(|run| {
        run.caches.iter().any(|cache| match cache {
            Cache::Preset(name) => *name == tool.preset,
            Cache::Directory(directory) => directory.target.constant().is_some_and(|target| {
                tool.directories
                    .iter()
                    .any(|own| stagefile_text::paths::is_below(target, own) || target == *own)
            }),
        })
    })
}

/// Reports whether a script is independent of where the tool caches.
fn is_simple(script: &Script, tool: &Tool) -> bool {
    let text = script.text();
    let names_it = tool
        .directories
        .iter()
        .any(|directory| text.contains(&format!("{directory}/")))
        || text.contains("GOPATH");
    !names_it
        && !text.contains("go install")
        && !text.contains("cache clean")
        && !text.contains("no-cache-dir")
}

fn give(file: &mut File, index: usize, tool: &Tool) {
    for step in &mut file.stages[index].steps {
        let Action::Run(run) = &mut step.action else {
            continue;
        };
        let Some(script) = run.script() else { continue };
        let text = script.text();
        if tool.commands.iter().any(|command| text.contains(command)) {
            run.caches.retain(|cache| !is_of(cache, tool.preset));
            run.caches.push(Cache::Preset(tool.preset));
        }
    }
}
