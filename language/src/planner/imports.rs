//! `imports`: which files a file takes templates, caches, secrets and stages from.

use super::Planner;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::Language;
use crate::plan::{Bases, External, ImageSource, Import, ImportedFile, Request};
use crate::program::{Program, STD};
use crate::source::{Span, Spanned};
use crate::syntax::{self, Name, Origin};

/// The file's name, where an import doesn't say it.
const FILE: &str = "Stagefile";
const FROM: &str = "an image, a named context, a git repository, an OCI layout or a file on a server; nothing is built to be read";

/// Evaluates the imports of a file. What they name needn't be there.
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
        imports.collect()
    })
}

impl Planner<'_> {
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
            // The value's place would say nothing of an argument that isn't declared.
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
        let file = ImportedFile { from, path };
        Some(Import {
            name: name.clone(),
            file,
            span,
            args,
        })
    }

    /// Reports what the client would have to give and doesn't: without its files nothing can be planned.
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
            Origin::Git(git) => self.git_source(git),
            Origin::Http(http) => self.http_source(http),
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
