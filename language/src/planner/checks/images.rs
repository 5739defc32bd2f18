//! Checks of whole stages, and of scripts together with their image.

use std::collections::BTreeSet;

use buildkit_llb::{Reference, ResolveMode};
use stagefile_text::shell::{Call, commands};

use super::calls::{Doubt, name, preset};
use crate::diagnostics;
use crate::plan::{Action, Base, Command, External, Plan, Run, Source, Stage, StageId};
use crate::planner::Planner;
use crate::source::Span;

/// The maximum number of stages in a chain of bases that are checked.
const DEEPEST: usize = 16;

/// Docker official images based on Debian or Ubuntu, unless their tag says otherwise.
const DEBIAN: [&str; 17] = [
    "debian",
    "ubuntu",
    "buildpack-deps",
    "eclipse-temurin",
    "elixir",
    "erlang",
    "gcc",
    "golang",
    "haskell",
    "julia",
    "node",
    "perl",
    "php",
    "python",
    "ruby",
    "rust",
    "swift",
];

/// Parts of official images' tags that indicate Debian or Ubuntu, for any image.
const DEBIAN_TAGS: [&str; 9] = [
    "bullseye", "bookworm", "trixie", "debian", "focal", "jammy", "noble", "ubuntu", "temurin",
];

/// Parts of official images' tags that indicate something else, whose `/bin/sh` may be bash.
const OTHER_TAGS: [&str; 14] = [
    "alma", "amazon", "bash", "centos", "corretto", "fedora", "nano", "oracle", "photon", "rhel",
    "rocky", "suse", "ubi", "windows",
];

/// The `/bin/sh` of an image, as far as its name shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Dash,
    BusyBox,
    Unknown,
}

/// What the steps of a stage and of its bases have done so far.
#[derive(Clone, Debug, Default)]
struct Order {
    /// The location at which all of the source is copied.
    copied: Option<Span>,
    /// The package managers that had installed dependencies by then.
    installed: BTreeSet<String>,
    /// Whether a warning was given.
    is_told: bool,
}

impl Planner<'_> {
    /// Warns of stages in the user's own file that work, but could be improved.
    pub(in crate::planner) fn check_images(&mut self, plan: &Plan) {
        let images = images(plan);
        let mut orders = vec![None; plan.stages.len()];
        for (index, stage) in plan.stages.iter().enumerate() {
            let is_image = images.contains(&StageId(index));
            self.check_tags(stage);
            self.check_order(plan, StageId(index), &mut orders);
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

    /// Warns of images with a mutable tag.
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
        // Without a client, a single word after `from` of a copy may be a named context.
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

    /// Warns of a stage that copies all of the source before it installs dependencies.
    fn check_order(&mut self, plan: &Plan, id: StageId, known: &mut [Option<Order>]) {
        // The stages that aren't checked yet, this one first.
        let mut stages = Vec::new();
        let mut order = Order::default();
        let mut next = Some(id);
        while let Some(id) = next {
            if let Some(known) = &known[id.0] {
                order = known.clone();
                break;
            }
            // A cycle has no result.
            known[id.0] = Some(Order::default());
            stages.push(id);
            next = base_of(plan, id);
        }
        for id in stages.into_iter().rev() {
            for step in &plan.stage(id).steps {
                self.check_order_of(&step.action, &mut order);
            }
            known[id.0] = Some(order.clone());
        }
    }

    /// Updates the state with a step.
    fn check_order_of(&mut self, action: &Action, order: &mut Order) {
        match action {
            Action::Copy(copy)
                if copy.source.value == Source::MainContext
                    && copy.include.is_empty()
                    && copy.exclude.is_empty() =>
            {
                let is_all = |path: &str| path.trim_matches(['/', '.']).is_empty();
                let all = copy.paths.iter().find(|path| is_all(&path.value));
                let all = all.map(|path| path.span).filter(|span| self.is_own(*span));
                order.copied = order.copied.or(all);
            }
            Action::Run(run) if run.within.is_none() && !order.is_told => {
                let Command::Script(script) = &run.command else {
                    return;
                };
                for call in commands(script).iter().filter(|call| installs_all(call)) {
                    match order.copied {
                        None => _ = order.installed.insert(call.program().to_owned()),
                        Some(span)
                            if !order.installed.contains(call.program())
                                && self.is_own(run.span) =>
                        {
                            let line = self.program.sources.first_line(run.span);
                            let warning =
                                diagnostics::source_before_install(&name(call), span, line);
                            self.found.push(warning);
                            order.is_told = true;
                            return;
                        }
                        Some(_) => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Decides about checks that depend on the image of a script.
    fn check_doubts(&mut self, plan: &Plan, id: StageId, is_image: bool) {
        let stage = plan.stage(id);
        let mut shell = None;
        // A cache of the stage applies to all of its scripts.
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
                        let lacks = has == Shell::Dash || has == Shell::BusyBox && !busybox;
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

    /// Warns of compilers that run on another platform than the machine's without a reason.
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
            let sets_c = script.contains("CGO_ENABLED=1");
            let compiles = |call: &&Call<'_>| match (call.program(), call.verb()) {
                ("go", "build" | "install") => !sets_c && !needs_c(run),
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

    /// Warns of images that are built by default, and whose programs run as root.
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

/// Iterates over a stage and its bases, which may form a cycle.
fn chain(plan: &Plan, id: StageId) -> impl Iterator<Item = &Stage> {
    let ids = std::iter::successors(Some(id), |id| base_of(plan, *id)).take(DEEPEST);
    ids.map(|id| plan.stage(id))
}

/// Returns the base of a stage.
fn base_of(plan: &Plan, id: StageId) -> Option<StageId> {
    match plan.stage(id).base.value {
        Base::Stage(base) => Some(base),
        _ => None,
    }
}

/// Returns the stages that become images: those that no other stage takes files from or requires, and their
/// bases.
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
            next = base_of(plan, id);
        }
    }
    images
}

/// Reports whether a script leaves changes in its stage.
fn changes(run: &Run) -> bool {
    run.keep && run.within.is_none()
}

/// Reports whether a command installs the dependencies in files of the project, and needs only these files.
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

/// Determines the shell of the first base image of a stage by the image's name.
fn shell_of(plan: &Plan, id: StageId) -> Shell {
    let base = chain(plan, id).last().map(|stage| &stage.base.value);
    match base {
        Some(Base::External(external)) => match external.as_ref() {
            External::Image(image, _) => shell_of_image(&image.reference),
            _ => Shell::Unknown,
        },
        _ => Shell::Unknown,
    }
}

/// Determines the shell of an official image, also from a mirror; that of other images is unknown.
fn shell_of_image(reference: &Reference) -> Shell {
    let repository = reference.name();
    let Some((folder, name)) = repository.rsplit_once('/') else {
        return Shell::Unknown;
    };
    let tag = reference.tag();
    let has = |words: &[&str]| tag.is_some_and(|tag| words.iter().any(|word| tag.contains(word)));
    if !folder.ends_with("/library") || has(&OTHER_TAGS) {
        return Shell::Unknown;
    }
    // A digest alone may be that of any variant.
    let is_debian = DEBIAN.contains(&name) && (tag.is_some() || reference.digest().is_none());
    if matches!(name, "alpine" | "busybox") || has(&["alpine"]) {
        Shell::BusyBox
    } else if is_debian || has(&DEBIAN_TAGS) {
        Shell::Dash
    } else {
        Shell::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_those_of_images_that_are_known() {
        for (name, expected) in [
            ("debian:12", Shell::Dash),
            ("ubuntu", Shell::Dash),
            ("python:3.13-slim", Shell::Dash),
            ("node:22-alpine", Shell::BusyBox),
            ("alpine:3.20", Shell::BusyBox),
            ("busybox:1.36", Shell::BusyBox),
            ("maven:3-eclipse-temurin-21", Shell::Dash),
            ("maven:3-amazoncorretto-21", Shell::Unknown),
            ("eclipse-temurin:21-jre-ubi9-minimal", Shell::Unknown),
            ("mysql:8", Shell::Unknown),
            ("mysql:8-debian", Shell::Dash),
            ("openjdk:17", Shell::Unknown),
            ("openjdk:17-slim-bullseye", Shell::Dash),
            ("fedora:40", Shell::Unknown),
            ("public.ecr.aws/lambda/python:3.12", Shell::Unknown),
            ("public.ecr.aws/docker/library/python:3.12", Shell::Dash),
            ("registry.example.com/base:debian", Shell::Unknown),
            ("example/alpine:3", Shell::Unknown),
        ] {
            let reference = Reference::parse(name).unwrap();
            assert_eq!(shell_of_image(&reference), expected, "{name}");
        }
    }
}
