//! Reading and planning a file with all of its imports: the language as one function.

use buildkit_image_config::ImageConfig;

use crate::diagnostic::{Diagnostics, failure, render};
use crate::diagnostics;
use crate::plan::{Bases, ImportedFile, Plan, Request, WantedBase};
use crate::planner::plan;
use crate::program::{Files, Program, Unread, Wanted};
use crate::source::{Source, Sources, Span};

/// The result of reading and planning a file.
#[derive(Debug)]
pub struct Checked {
    /// The file, and its imports.
    pub sources: Sources,
    /// The plan, if the file is good enough for one. With errors it can be inspected, but not built.
    pub plan: Option<Plan>,
    /// The files that have to be read before planning.
    pub wanted: Vec<Wanted>,
    /// The imported files, each with the location of its import.
    pub imports: Vec<(ImportedFile, Span)>,
    /// The diagnostics.
    pub found: Diagnostics,
}

impl Checked {
    /// Takes the plan for a build, unless there are errors. If the client names no target, the file must have a default
    /// one.
    pub fn take_plan_to_build(&mut self, target: Option<&str>) -> Option<Plan> {
        if let Some(plan) = &self.plan
            && target.is_none()
            && let defaults @ [_, _, ..] = plan.defaults().as_slice()
        {
            let names: Vec<&str> = defaults.iter().map(|stage| stage.name.as_str()).collect();
            let error = diagnostics::ambiguous_default(defaults[0].span, &names);
            self.found.push(error);
        }
        self.take_plan()
    }

    /// Returns the bases whose configs are needed for a complete plan; none if there are errors.
    pub fn wanted_bases(&self) -> Vec<WantedBase> {
        let plan = self.plan.as_ref().filter(|_| !self.found.has_errors());
        plan.map(Plan::wanted_bases).unwrap_or_default()
    }

    /// Reports the bases whose configs are needed, if nobody can be asked.
    pub fn refuse_wanted_bases(&mut self) {
        for base in self.wanted_bases() {
            let name = base.external.description();
            self.found.push(diagnostics::unknown_base(&name, base.span));
        }
    }

    /// Takes the plan, unless there are errors. A file that is only for importing can't be built.
    pub fn take_plan(&mut self) -> Option<Plan> {
        if self.plan.is_none() && !self.found.has_errors() {
            let start = self.sources.main().span(0, 0);
            self.found.push(diagnostics::no_stages(start));
        }
        self.plan.take().filter(|_| !self.found.has_errors())
    }

    /// Formats the diagnostics, errors first; empty if there are none.
    pub fn report(&self) -> String {
        let (errors, warnings) = (self.found.errors(), self.found.warnings());
        let all: Vec<_> = errors.into_iter().chain(warnings).collect();
        render(&self.sources, &all)
    }

    /// Formats the errors, with their number.
    pub fn failure(&self) -> String {
        failure(&self.sources, &self.found)
    }
}

/// Reads and plans a file that only imports files in `files`; other imports are in [`Checked::wanted`].
pub fn check_with(source: Source, files: &mut Files, bases: &Bases, request: &Request) -> Checked {
    files.begin();
    let mut found = Diagnostics::default();
    let program = Program::read(source, files, request, &mut found);
    let ready = !program.modules.is_empty() && program.wanted.is_empty() && !program.broken;
    let plan = ready.then(|| plan(&program, files.language(), request, bases, &mut found));
    let modules = program.modules.iter();
    let imports = modules.filter_map(|module| Some((module.origin.clone()?, *module.uses.last()?)));
    Checked {
        imports: imports.collect(),
        sources: program.sources,
        plan: plan.flatten(),
        wanted: program.wanted,
        found,
    }
}

/// Reads and plans a file, with a function that reads its imports or returns the reason why they can't be read.
pub fn check_reading(
    source: &Source,
    request: &Request,
    read: impl FnMut(&Wanted) -> Result<String, Unread>,
) -> Checked {
    check_asking(source, request, read, |_| None)
}

/// Reads and plans a file, with a function that reads its imports, and one that returns the configs of images, or `None` if
/// they are unknown.
pub fn check_asking(
    source: &Source,
    request: &Request,
    mut read: impl FnMut(&Wanted) -> Result<String, Unread>,
    mut config: impl FnMut(&WantedBase) -> Option<ImageConfig>,
) -> Checked {
    let mut files = Files::default();
    let mut bases = Bases::default();
    loop {
        let checked = check_with(source.clone(), &mut files, &bases, request);
        if checked.wanted.is_empty() {
            let wanted = checked.wanted_bases().into_iter();
            let known: Vec<_> = wanted
                .filter_map(|base| config(&base).map(|config| (base, config)))
                .collect();
            if known.is_empty() {
                return checked;
            }
            for (base, config) in known {
                bases.add(base.external, base.platform, Some(config));
            }
            continue;
        }
        for wanted in checked.wanted {
            // Two imports may want the same file.
            if !files.has(&wanted.file) {
                let text = read(&wanted);
                files.add(wanted.file, text);
            }
        }
    }
}

/// Reads and plans a file without imports.
pub fn check(source: &Source, request: &Request) -> Checked {
    check_reading(source, request, |_| {
        Err("no other files can be read here".into())
    })
}
