//! A file together with those that it imports: what a plan is made of.

mod arguments;

use std::collections::BTreeMap;

pub use arguments::arguments;

use crate::diagnostic::Diagnostics;
use crate::expression::{Language, Scope};
use crate::plan::{Arg, Request};
use crate::source::{Source, Sources, Span, Spanned};
use crate::syntax::{self, File};

/// The name under which the standard library is there without an import.
pub const STD: &str = "std";
/// The standard library, written in the language.
pub const STD_TEXT: &str = include_str!("../std/std.yaml");

/// The user's file and those that it imports.
#[derive(Debug)]
pub struct Program {
    /// Their texts, for places.
    pub sources: Sources,
    /// The files; the user's own is the first.
    pub modules: Vec<Module>,
}

/// One file of a program.
#[derive(Debug)]
pub struct Module {
    /// How the user's file calls it; empty for that file itself.
    pub name: String,
    /// What it says.
    pub file: File,
    /// Its build arguments, with their values.
    pub args: Vec<Arg>,
    /// The modules that it imports, by its own names for them.
    pub imports: BTreeMap<String, usize>,
}

impl Program {
    /// Reads a file. What is none has no modules.
    pub fn read(
        source: Source,
        language: &Language,
        request: &Request,
        found: &mut Diagnostics,
    ) -> Self {
        let mut sources = Sources::new(source);
        let file = syntax::read(sources.main(), language, found);
        let Some(file) = file else {
            let modules = Vec::new();
            return Self { sources, modules };
        };
        let given = given(request, &file);
        let args = arguments(&file, &sources, language, request, &given, found);
        let mut main = Module {
            name: String::new(),
            file,
            args,
            imports: BTreeMap::new(),
        };
        let mut modules = Vec::new();
        // Reading the library takes longer than reading most files.
        if sources.main().text().contains("std.") {
            let index = sources.add(Source::new(STD, STD_TEXT));
            let library = syntax::read(&sources.files()[index], language, found);
            main.imports.insert(STD.to_owned(), 1);
            modules.extend(library.map(|file| Module {
                name: STD.to_owned(),
                file,
                args: Vec::new(),
                imports: BTreeMap::new(),
            }));
        }
        modules.insert(0, main);
        Self { sources, modules }
    }

    /// Makes the names that expressions of a module may use.
    pub fn scope<'a>(&'a self, module: usize, language: &Language, request: &Request) -> Scope<'a> {
        let args = self.modules[module].args.iter();
        let values = args.map(|arg| (arg.name.clone(), arg.value.clone()));
        let target = request.target.as_deref().unwrap_or_default();
        Scope::new(&self.sources, language, values, &request.platforms, target)
    }
}

/// Lists the arguments that the client gives, each at the place that declares it.
fn given(request: &Request, file: &File) -> BTreeMap<String, Spanned<String>> {
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
        .map(|(name, value)| (name.clone(), Spanned::new(value.clone(), place(name))))
        .collect()
}
