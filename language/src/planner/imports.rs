//! `imports`: the files from which a file takes templates, caches, secrets and stages.

use super::Planner;
use super::remote::Fragment;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::Language;
use crate::plan::{Bases, External, ImageSource, Import, ImportedFile, Request};
use crate::program::{Program, STD};
use crate::source::{Span, Spanned};
use crate::syntax::{self, Data, Name, Origin, TemplateUse};

/// The default name of an imported file.
const FILE: &str = "Stagefile";
/// The name for the stages that a manifest provides.
pub const APP: &str = "std.app";
/// Its input that isn't an argument: the directory of the manifest.
const DIR: &str = "dir";
const FROM: &str = "an image, a named context, a git repository, an OCI layout or a file on a server; nothing is built to be read";

/// Evaluates the imports of a file. The imported files need not exist.
pub fn imports(
    program: &Program,
    module: usize,
    language: &Language,
    request: &Request,
    found: &mut Diagnostics,
) -> Vec<Import> {
    let bases = Bases::default();
    let mut planner = Planner::new(program, language, request, &bases, found);
    let frame = planner.top_of(module);
    planner.within(frame, |planner| {
        let written = &planner.file().imports;
        let imports = written
            .iter()
            .filter_map(|(name, import)| planner.import(name, import));
        let mut imports: Vec<Import> = imports.collect();
        let stages = planner.file().stages.iter();
        let projects = stages.filter_map(|(_, stage)| planner.project(stage.template.as_ref()?));
        imports.extend(projects);
        imports
    })
}

/// Reports whether a stage is one that a manifest provides.
pub fn is_project(used: &TemplateUse) -> bool {
    used.template.constant() == Some(APP)
}

/// Returns the internal name of the import for a stage that a manifest provides, which isn't valid in a
/// file.
pub(super) fn project_name(used: &TemplateUse) -> String {
    format!("{APP}@{:?}", used.template.span())
}

impl Planner<'_> {
    /// Evaluates the use of a manifest: an import of a file that is generated from it.
    fn project(&mut self, used: &TemplateUse) -> Option<Import> {
        if !is_project(used) {
            return None;
        }
        let span = used.template.span();
        let mut args = std::collections::BTreeMap::new();
        let mut path = String::new();
        for (name, data) in &used.with {
            let Data::Scalar(text) = data else {
                let error =
                    diagnostics::wrong_input(&name.value, "string", "a list", name.span, None);
                self.found.push(error);
                return None;
            };
            if name.value == DIR {
                let folder = self.source_path(text)?.value;
                folder.trim_matches('/').clone_into(&mut path);
                continue;
            }
            let value = self.text(text).map(|text| text.value);
            args.insert(name.value.clone(), Spanned::new(value, name.span));
        }
        let known = args
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.value.clone()?)));
        let file = ImportedFile {
            from: None,
            path,
            project: Some(known.collect()),
        };
        Some(Import {
            name: Spanned::new(project_name(used), span),
            file,
            span,
            args,
        })
    }

    fn import(&mut self, name: &Name, import: &syntax::Import) -> Option<Import> {
        self.check_word("an import", name);
        if name.value == STD {
            let error = diagnostics::reserved_name("an import", STD, name.span);
            self.found.push(error);
            return None;
        }
        let mut args = std::collections::BTreeMap::new();
        for (name, value) in &import.args {
            let value = self.string(Some(value));
            // For an undeclared argument, the location of its name is more helpful than that of the
            // value.
            args.insert(name.value.clone(), Spanned::new(value, name.span));
        }
        let from = match &import.from {
            Some(origin) => Some(self.import_source(origin)?),
            None => self.program.modules[self.frame.module]
                .origin
                .clone()
                .and_then(|file| file.from),
        };
        let path = match &import.path {
            Some(path) => Some(self.source_path(path)?),
            None => None,
        };
        if let (None, Some(path), Some(External::Http(http))) = (&import.from, &path, &from) {
            let error = diagnostics::unreadable_import(
                &path.value,
                &format!(
                    "`{}` is one file on a server, with no others beside it",
                    http.url
                ),
                path.span,
            );
            self.found
                .push(error.help("give the whole address: `from: { http: … }`"));
            return None;
        }
        let span = path
            .as_ref()
            .map(|path| path.span)
            .or_else(|| import.from.as_ref().map(|origin| origin.text().span()));
        let Some(span) = span else {
            let error = diagnostics::missing_key("path", "an import", import.span);
            self.found.push(error);
            return None;
        };
        let path = match (path, &from) {
            (Some(path), _) => path.value.trim_matches('/').to_owned(),
            (None, Some(External::Http(http))) => http.filename.clone(),
            (None, _) => FILE.to_owned(),
        };
        let file = ImportedFile {
            from,
            path,
            project: None,
        };
        Some(Import {
            name: name.clone(),
            file,
            span,
            args,
        })
    }

    /// Reports a source that the client would have to provide and doesn't: without its files, nothing
    /// can be planned.
    fn given(&mut self, external: External, span: Span) -> Option<External> {
        match self.missing(&external, span) {
            None => Some(external),
            Some(error) => {
                self.found.push(error);
                None
            }
        }
    }

    fn import_source(&mut self, origin: &Origin) -> Option<External> {
        match origin {
            Origin::Word(text) => {
                let word = self.text(text)?;
                if self.request.gives_context(&word.value) {
                    return Some(External::Context(word.value));
                }
                if self.stage_names().any(|stage| stage == word.value) {
                    let error = diagnostics::invalid_value("from", &word.value, word.span, FROM);
                    self.found.push(error);
                    return None;
                }
                let reference = self.reference(&word)?;
                let image = ImageSource {
                    reference,
                    resolve: None,
                };
                Some(External::Image(image, None))
            }
            Origin::Context(text) => {
                let text = self.text(text)?;
                let span = text.span;
                let context = self.context(text).map(External::Context)?;
                self.given(context, span)
            }
            Origin::Image(image) => self.image_source(image),
            Origin::Git(git) => {
                let git = self.git_source(git, Fragment::Allowed)?;
                Some(External::Git(Box::new(git)))
            }
            Origin::Http(http) => {
                let http = self.http_source(http)?;
                Some(External::Http(Box::new(http)))
            }
            Origin::OciLayout(layout) => {
                let span = layout.image.span();
                let layout = self.layout_source(layout)?;
                self.given(layout, span)
            }
            Origin::Stage(text) => {
                let error = diagnostics::invalid_value("from", "stage", text.span(), FROM);
                self.found.push(error);
                None
            }
            Origin::Dockerfile(file) => {
                let span = file.path.span();
                let error = diagnostics::invalid_value("from", "dockerfile", span, FROM);
                self.found.push(error);
                None
            }
        }
    }
}
