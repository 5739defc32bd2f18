//! A file together with its imports: the input for a plan.

mod arguments;
mod files;
mod library;

use std::collections::BTreeMap;
use std::rc::Rc;

pub use arguments::arguments;
pub use files::{Files, Unread, UnreadKind};
pub use library::{STD, STD_TEXT};

use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::{Language, Scope};
use crate::plan::{Args, Import, ImportedFile, Request};
pub use crate::planner::APP;
use crate::planner::{imports, is_project};
use crate::source::{Source, Sources, Span, Spanned};
use crate::syntax::{self, File};

/// The name of a project's stages in messages.
const PROJECT: &str = "app";

/// The maximum number of files that a build may import.
pub const MAX_IMPORTS: usize = 64;

/// The user's file and its imports.
#[derive(Debug)]
pub struct Program {
    /// Their contents, for locations.
    pub sources: Sources,
    /// The files; the user's own is the first one.
    pub modules: Vec<Module>,
    /// The missing files, without which nothing can be planned.
    pub wanted: Vec<Wanted>,
    /// Whether an import has failed permanently. The definitions that it lacks aren't reported.
    pub broken: bool,
}

/// A file of a program.
#[derive(Debug)]
pub struct Module {
    /// The name in the user's file; empty for that file itself.
    pub name: String,
    /// The parsed file.
    pub file: Rc<File>,
    /// The build arguments, with their values.
    pub args: Args,
    /// The imported modules, by their names in this file.
    pub imports: BTreeMap<String, usize>,
    /// The imported file; `None` for the user's file and the library.
    pub origin: Option<ImportedFile>,
    /// The locations of the imports that lead here, the outermost first.
    pub uses: Rc<Vec<Span>>,
    /// The module that imports it.
    importer: Option<usize>,
}

/// A file that has to be read.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The name in the user's file.
    pub name: String,
    /// The file.
    pub file: ImportedFile,
    /// The location of the import.
    pub span: Span,
}

/// The state of reading a program.
struct Reading<'a> {
    files: &'a Files,
    language: &'a Language,
    request: &'a Request,
    found: &'a mut Diagnostics,
}

impl Program {
    /// Reads a file and its imports, as far as they are in `files`. If the file is invalid, there are no modules.
    pub fn read(source: Source, files: &Files, request: &Request, found: &mut Diagnostics) -> Self {
        let language = files.language();
        let mut program = Self {
            sources: Sources::new(source),
            modules: Vec::new(),
            wanted: Vec::new(),
            broken: false,
        };
        syntax::check_syntax_line(program.sources.main(), found);
        let file = files.parsed(program.sources.main(), found);
        let Some(file) = file else {
            return program;
        };
        let given = given(request, &file);
        let args = arguments(
            &file,
            &program.sources,
            language,
            request,
            &given,
            None,
            found,
        );
        program.modules.push(Module {
            args: args.into(),
            ..Module::new("", file)
        });
        let mut reading = Reading {
            files,
            language,
            request,
            found,
        };
        let mut next = 0;
        while next < program.modules.len() {
            program.import(next, &mut reading);
            next += 1;
        }
        program.add_library(&mut reading);
        program
    }

    /// Returns the user's own file.
    pub fn main(&self) -> &Module {
        &self.modules[0]
    }

    /// Reads the imports of a module.
    fn import(&mut self, module: usize, reading: &mut Reading<'_>) {
        let file = &self.modules[module].file;
        let templates = file
            .stages
            .iter()
            .filter_map(|(_, stage)| stage.template.as_ref());
        let written = file.imports.len() + templates.filter(|used| is_project(used)).count();
        if written == 0 {
            return;
        }
        let imports = imports(
            self,
            module,
            reading.language,
            reading.request,
            reading.found,
        );
        self.broken |= imports.len() < written;
        for import in imports {
            let importer = &self.modules[module];
            let uses = importer.uses.iter().copied();
            let uses: Rc<Vec<Span>> = Rc::new(uses.chain([import.span]).collect());
            let description = import.file.description();
            let error = if self.is_on_the_way_to(module, &import.file) {
                diagnostics::import_cycle(&description, import.span)
            } else if self.modules.len() > MAX_IMPORTS {
                diagnostics::too_many_imports(MAX_IMPORTS, import.span)
            } else {
                match reading.files.find(&import.file) {
                    // Only the client knows the path of the file that it builds.
                    Some(Ok(file)) if file.text() == self.sources.main().text() => {
                        diagnostics::import_cycle(&description, import.span)
                    }
                    Some(Ok(file)) => {
                        self.add(module, import, file.clone(), uses, reading);
                        continue;
                    }
                    Some(Err(Unread { reason, kind })) if import.file.project.is_some() => {
                        let report = match kind {
                            UnreadKind::Unknown => diagnostics::undecided_project,
                            UnreadKind::InvalidManifest => diagnostics::invalid_manifest,
                            UnreadKind::UnsupportedProject => diagnostics::unsupported_project,
                        };
                        report(reason, import.span)
                    }
                    Some(Err(Unread { reason, .. })) if import.file.looks_like_address() => {
                        diagnostics::import_of_address(&description, reason, import.span)
                    }
                    Some(Err(Unread { reason, .. })) => {
                        diagnostics::unreadable_import(&description, reason, import.span)
                    }
                    None => {
                        self.wanted.push(Wanted {
                            name: importer.name_of(&import.name.value),
                            file: import.file,
                            span: import.span,
                        });
                        continue;
                    }
                }
            };
            let found = &mut *reading.found;
            found.push_within(&importer.uses, error);
            self.broken = true;
            if self.modules.len() > MAX_IMPORTS {
                return;
            }
        }
    }

    /// Reports whether a file is a module, or one of its importers.
    fn is_on_the_way_to(&self, module: usize, file: &ImportedFile) -> bool {
        let mut modules = std::iter::successors(Some(module), |one| self.modules[*one].importer);
        modules.any(|one| self.modules[one].origin.as_ref() == Some(file))
    }

    /// Adds an imported file.
    fn add(
        &mut self,
        importer: usize,
        import: Import,
        source: Source,
        uses: Rc<Vec<Span>>,
        reading: &mut Reading<'_>,
    ) {
        let index = self.sources.add(source);
        let (sources, files) = (&self.sources, reading.files);
        let (language, request) = (reading.language, reading.request);
        let read = reading.found.within(&uses, |found| {
            let file = files.parsed(&sources.files()[index], found)?;
            let import_at = Some(import.span);
            let given = &import.args;
            let args = arguments(&file, sources, language, request, given, import_at, found);
            Some((file, args))
        });
        let Some((file, args)) = read else {
            self.broken = true;
            return;
        };
        let name = match import.file.project {
            Some(_) => PROJECT,
            None => import.name.value.as_str(),
        };
        let module = Module {
            args: args.into(),
            importer: Some(importer),
            origin: Some(import.file),
            uses,
            ..Module::new(self.modules[importer].name_of(name), file)
        };
        let index = self.modules.len();
        self.modules.push(module);
        self.modules[importer]
            .imports
            .insert(import.name.value, index);
    }

    /// Adds the standard library, if a file uses it.
    fn add_library(&mut self, reading: &mut Reading<'_>) {
        // If there are still files to be read, nothing is planned yet.
        let names = library::used_in(self.sources.files().iter().map(Source::text));
        if !self.wanted.is_empty() || names.is_empty() {
            return;
        }
        let index = self.sources.add(reading.files.library(names));
        let source = &self.sources.files()[index];
        if let Some(file) = reading.files.parsed(source, reading.found) {
            let index = self.modules.len();
            for module in &mut self.modules {
                module.imports.insert(STD.to_owned(), index);
            }
            self.modules.push(Module::new(STD, file));
        }
    }

    /// Creates the scope for expressions in a module.
    pub fn scope<'a>(
        &'a self,
        module: usize,
        language: &Language,
        request: &'a Request,
    ) -> Scope<'a> {
        let args = self.modules[module].args.iter();
        let values = args.map(|arg| {
            (
                arg.name.as_str(),
                arg.is_known.then_some(arg.value.as_str()),
            )
        });
        Scope::new(&self.sources, language, values, request)
    }
}

impl Module {
    fn new(name: impl Into<String>, file: Rc<File>) -> Self {
        Self {
            name: name.into(),
            file,
            args: Args::default(),
            imports: BTreeMap::new(),
            origin: None,
            uses: Rc::default(),
            importer: None,
        }
    }

    /// Returns the name in the user's file of what is called `name` in this file.
    pub fn name_of(&self, name: &str) -> String {
        if self.name.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.name)
        }
    }
}

/// Returns the arguments from the client, each with the location that declares it.
fn given(request: &Request, file: &File) -> BTreeMap<String, Spanned<Option<String>>> {
    let place = |name: &str| {
        let declared = file.args.iter().find(|(one, _)| one.value == name);
        let first = file.args.first();
        declared
            .or(first)
            .map_or_else(Span::default, |(name, _)| name.span)
    };
    request
        .args
        .iter()
        .map(|(name, value)| (name.clone(), Spanned::new(Some(value.clone()), place(name))))
        .collect()
}
