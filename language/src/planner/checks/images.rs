//! What is wrong of a stage as a whole, and of scripts for the image that they are for.

use std::collections::BTreeSet;

use buildkit_llb::ResolveMode;
use stagefile_text::shell::{Call, commands};

use super::calls::{Doubt, name, preset};
use crate::diagnostics;
use crate::plan::{Action, Base, Command, External, Plan, Run, Source, Stage, StageId};
use crate::planner::Planner;
use crate::source::Span;

/// How many stages that start from one another are looked at.
const DEEPEST: usize = 16;

/// Words of the names of images whose `/bin/sh` is bash.
const BASH: [&str; 19] = [
    "bash",
    "fedora",
    "centos",
    "rocky",
    "alma",
    "redhat",
    "ubi",
    "rhel",
    "oracle",
    "amazon",
    "arch",
    "suse",
    "photon",
    "mariner",
    "azurelinux",
    "mageia",
    "gentoo",
    "bci",
    "devtoolset",
];

/// Which `/bin/sh` an image has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Bash,
    BusyBox,
    Other,
}

impl Planner<'_> {
    /// Warns of stages of the user's own file that will work, and could be better.
    pub(in crate::planner) fn check_images(&mut self, plan: &Plan) {
        let images = images(plan);
        for (index, stage) in plan.stages.iter().enumerate() {
            let is_image = images.contains(&StageId(index));
            self.check_tags(stage);
            self.check_order(plan, StageId(index));
            self.check_doubts(plan, StageId(index), is_image);
            if !is_image {
                self.check_emulation(stage);
            }
        }
        self.check_users(plan);
        self.check_requirements(plan);
    }

    fn is_own(&self, span: Span) -> bool {
        self.program.sources.index(span) == 0
    }

    /// Warns of images whose tag moves.
    fn check_tags(&mut self, stage: &Stage) {
        let base = match &stage.base.value {
            Base::External(external) => Some((external.as_ref(), stage.base.span)),
            _ => None,
        };
        let sources = stage.actions().flat_map(Action::sources);
        let sources = sources.filter_map(|source| match &source.value {
            Source::External(external) => Some((external, source.span)),
            _ => None,
        });
        // Without a client, one word after `from` of a copy may be a context that the client gives.
        let may_be_a_context = |span: Span| {
            let word = self.program.sources.slice(span);
            self.request.contexts.is_none()
                && Some(span) != base.map(|(_, span)| span)
                && !word.contains([':', '/'])
        };
        for (external, span) in base.into_iter().chain(sources) {
            let External::Image(image, _) = external else {
                continue;
            };
            if may_be_a_context(span) {
                continue;
            }
            let moves = image.reference.digest().is_none()
                && image.reference.tag() == Some("latest")
                && image.resolve != Some(ResolveMode::PreferLocal);
            if moves && self.is_own(span) && !self.doubts.contains_key(&span) {
                let reference = image.reference.familiar();
                self.found
                    .push(diagnostics::unpinned_base(&reference, span));
            }
        }
    }

    /// Warns of a stage that has all of the source before it installs dependencies.
    fn check_order(&mut self, plan: &Plan, id: StageId) {
        let mut stages: Vec<&Stage> = chain(plan, id).collect();
        stages.reverse();
        let mut copied: Option<Span> = None;
        let mut installed = BTreeSet::new();
        for step in stages.iter().flat_map(|stage| &stage.steps) {
            match &step.action {
                Action::Copy(copy)
                    if copy.source.value == Source::MainContext
                        && copy.include.is_empty()
                        && copy.exclude.is_empty() =>
                {
                    let is_all = |path: &str| path.trim_matches(['/', '.']).is_empty();
                    let all = copy.paths.iter().find(|path| is_all(&path.value));
                    copied = copied.or(all.map(|path| path.span).filter(|span| self.is_own(*span)));
                }
                Action::Run(run) if run.within.is_none() => {
                    let Command::Script(script) = &run.command else {
                        continue;
                    };
                    for call in commands(script).iter().filter(|call| installs_all(call)) {
                        match copied {
                            None => _ = installed.insert(call.program().to_owned()),
                            Some(span)
                                if !installed.contains(call.program()) && self.is_own(run.span) =>
                            {
                                let line = self.program.sources.first_line(run.span);
                                let warning =
                                    diagnostics::source_before_install(&name(call), span, line);
                                self.found.push(warning);
                                return;
                            }
                            Some(_) => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Decides about what depends on the image of a script.
    fn check_doubts(&mut self, plan: &Plan, id: StageId, is_image: bool) {
        let stage = plan.stage(id);
        let mut shell = None;
        // A cache of the stage helps all of its scripts.
        let mut cached = BTreeSet::new();
        for run in stage.runs() {
            let Some(doubts) = self.doubtful.get(&run.span).cloned() else {
                continue;
            };
            for doubt in doubts {
                let warning = match doubt {
                    Doubt::Lists(command, preset, span) => (is_image && changes(run))
                        .then(|| diagnostics::package_lists(&command, preset, span)),
                    Doubt::Cache(command, preset, span) => cached
                        .insert(preset)
                        .then(|| diagnostics::missing_cache(&command, preset, span)),
                    Doubt::Recommended(span) => {
                        (is_image && changes(run)).then(|| diagnostics::recommended_packages(span))
                    }
                    Doubt::Shell(found, instead, busybox, span, fix) => {
                        let has = *shell.get_or_insert_with(|| shell_of(plan, id));
                        let lacks = has == Shell::Other || has == Shell::BusyBox && !busybox;
                        let is_plain = run.within.is_none() && run.settings.shell.is_none();
                        (lacks && is_plain).then(|| {
                            let warning = diagnostics::shell_syntax(found, instead, span);
                            match fix {
                                Some(fix) => warning.replace(fix),
                                None => warning,
                            }
                        })
                    }
                };
                if let Some(warning) = warning {
                    self.found.push(warning);
                }
            }
        }
    }

    /// Warns of compilers that run on another platform than the machine's, for no reason.
    fn check_emulation(&mut self, stage: &Stage) {
        let build = &self.request.platforms.build;
        let (own, native) = (
            stage.platform.architecture.as_str(),
            build.architecture.as_str(),
        );
        let runs_natively =
            own == native || matches!((native, own), ("amd64", "386") | ("arm64", "arm"));
        if runs_natively || stage.platform.os != build.os {
            return;
        }
        let platform = stage.platform.to_string();
        let needs_c = |run: &Run| {
            let mut env = run.settings.env.iter().rev();
            env.find(|(name, _)| name == "CGO_ENABLED")
                .is_some_and(|(_, value)| value.as_deref() == Some("1"))
        };
        for run in stage.runs().filter(|run| run.within.is_none()) {
            let Command::Script(script) = &run.command else {
                continue;
            };
            if !self.is_own(run.span) {
                continue;
            }
            let compiles = |call: &&Call<'_>| match (call.program(), call.verb()) {
                ("go", "build" | "install") => !needs_c(run) && !script.contains("CGO_ENABLED=1"),
                ("javac" | "tsc", _)
                | ("mvn" | "mvnw", "package" | "install" | "verify" | "compile")
                | ("gradle" | "gradlew", "build" | "assemble" | "jar" | "bootJar") => true,
                _ => false,
            };
            let calls = commands(script);
            if let Some(call) = calls.iter().find(compiles) {
                let help = if call.program() == "go" {
                    "add `platform: build` to the stage, and set `GOOS` and `GOARCH` from `platform.target`"
                } else {
                    "add `platform: build` to the stage: what it makes runs on every platform"
                };
                let line = self.program.sources.first_line(run.span);
                let warning = diagnostics::emulated_compiler(&name(call), &platform, help, line);
                self.found.push(warning);
            }
        }
    }

    /// Warns of images that a build makes by default, and whose programs run as root.
    fn check_users(&mut self, plan: &Plan) {
        for stage in plan.defaults() {
            let Some(index) = plan.stages.iter().position(|one| std::ptr::eq(one, stage)) else {
                continue;
            };
            let chain: Vec<&Stage> = chain(plan, StageId(index)).collect();
            let names_a_program =
                |one: &&Stage| one.image.entrypoint.is_some() || one.image.cmd.is_some();
            let user = chain.iter().find_map(|one| one.image.user.as_ref());
            let is_root = match (user, chain.last().map(|one| &one.base.value)) {
                (Some(user), _) => matches!(user.value.split(':').next(), Some("0" | "root")),
                (None, Some(Base::External(external))) => match external.as_ref() {
                    External::Image(image, _) => !image.reference.to_string().contains("nonroot"),
                    _ => false,
                },
                (None, _) => true,
            };
            if is_root && chain.iter().any(names_a_program) && self.is_own(stage.span) {
                let span = user.map_or(stage.span, |user| user.span);
                self.found.push(diagnostics::root_user(&stage.name, span));
            }
        }
    }

    /// Warns of requirements of stages that the default target doesn't need.
    fn check_requirements(&mut self, plan: &Plan) {
        let defaults = plan.defaults();
        let [default] = defaults.as_slice() else {
            return;
        };
        let reached: BTreeSet<StageId> = plan.order_of(&[plan.default]).into_iter().collect();
        for (index, stage) in plan.stages.iter().enumerate().take(plan.own) {
            if let Some(first) = stage.requires.first()
                && !reached.contains(&StageId(index))
                && self.is_own(first.span)
            {
                let warning =
                    diagnostics::unreached_requires(&stage.name, &default.name, first.span);
                self.found.push(warning);
            }
        }
    }
}

/// Lists a stage and those that it starts from, which may go round in a circle.
fn chain(plan: &Plan, id: StageId) -> impl Iterator<Item = &Stage> {
    let base = |id: &StageId| match plan.stage(*id).base.value {
        Base::Stage(base) => Some(base),
        _ => None,
    };
    let ids = std::iter::successors(Some(id), base).take(DEEPEST);
    ids.map(|id| plan.stage(id))
}

/// Finds the stages that become images: what no other takes files of, or requires, and what these start from.
fn images(plan: &Plan) -> BTreeSet<StageId> {
    let used = |stage: &Stage| -> Vec<StageId> {
        let sources = stage.actions().flat_map(Action::sources);
        let sources = sources.filter_map(|source| source.value.stage());
        sources
            .chain(stage.requires.iter().map(|one| one.value))
            .collect()
    };
    let used: BTreeSet<StageId> = plan.stages.iter().flat_map(used).collect();
    let starts: BTreeSet<StageId> = plan
        .stages
        .iter()
        .filter_map(|stage| match stage.base.value {
            Base::Stage(base) => Some(base),
            _ => None,
        })
        .collect();
    let own = (0..plan.own).map(StageId);
    let ends = own
        .filter(|id| !used.contains(id) && !starts.contains(id))
        .chain([plan.default]);
    let mut images = BTreeSet::new();
    for end in ends {
        let mut next = Some(end);
        while let Some(id) = next.filter(|id| images.insert(*id)) {
            next = match plan.stage(id).base.value {
                Base::Stage(base) => Some(base),
                _ => None,
            };
        }
    }
    images
}

/// Tells whether a script leaves something in its stage.
fn changes(run: &Run) -> bool {
    run.keep && run.within.is_none()
}

/// Tells whether a command installs what files of the project name, and needs no more than these files.
fn installs_all(call: &Call<'_>) -> bool {
    let mut named = call
        .arguments()
        .filter(|word| !word.starts_with('-'))
        .skip(1);
    match (call.program(), call.verb()) {
        ("npm", "ci" | "install" | "i")
        | ("yarn", "" | "install")
        | ("pnpm" | "bun", "install" | "i") => {
            let is_global = call.has("-g") || call.has("--global");
            !is_global
                && named
                    .next()
                    .is_none_or(|word| word.starts_with(['>', '&', '2']))
        }
        ("pip" | "pip3", "install") => call.has("-r") || call.has("--requirement"),
        ("uv", "sync")
        | ("bundle" | "composer", "install")
        | ("cargo", "fetch")
        | ("dotnet", "restore") => true,
        ("poetry", "install") => call.has("--no-root"),
        ("go", "mod") => call.has("download"),
        _ => preset(call).is_some() && call.has("dependency:go-offline"),
    }
}

/// Guesses by its name which shell the image at the start of a stage has; one of an unknown name may have any.
fn shell_of(plan: &Plan, id: StageId) -> Shell {
    let base = chain(plan, id).last().map(|stage| &stage.base.value);
    let Some(Base::External(external)) = base else {
        return Shell::Bash;
    };
    let External::Image(image, _) = external.as_ref() else {
        return Shell::Bash;
    };
    let name = image.reference.to_string();
    if BASH.iter().any(|word| name.contains(word)) {
        Shell::Bash
    } else if name.contains("alpine") || name.contains("busybox") {
        Shell::BusyBox
    } else {
        Shell::Other
    }
}
