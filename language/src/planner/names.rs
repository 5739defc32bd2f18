//! Names that the user chose, and what names refer to.

use std::rc::Rc;

use buildkit_llb::Reference;
use stagefile_text::suggestion::{closest, slip};

use super::Planner;
use super::instances::Named;
use super::remote::Fragment;
use crate::diagnostics;
use crate::plan::{CACHES_CONTEXT, External, ImageSource, Source, StageId};
use crate::source::{Span, Spanned};
use crate::syntax::{File, Name, Origin, Stage};

const WORD: &str = "it consists of letters, digits, `_` and `-`, and begins with a letter or digit";
const DOTTED: &str =
    "it consists of letters, digits, `_`, `-` and `.`, and begins with a letter or digit";
const VARIABLE: &str = "it consists of letters, digits and `_`, and doesn't begin with a digit";

/// Reports whether an output, a template, a secret or an import can have this name.
pub fn is_word(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.bytes().all(inner)
}

/// Reports whether a stage or a cache can have this name: with dots, as in those of imports and templates.
pub fn is_dotted(name: &str) -> bool {
    let mut parts = name.split('.');
    parts.next().is_some_and(is_word)
        && parts.all(|part| !part.is_empty() && is_word(&format!("0{part}")))
}

/// Reports whether a build argument, an input, or a variable of a matrix or of the environment can have this name.
pub fn is_variable(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(inner)
}

/// Reports whether a name has a special meaning in places where the name of a stage is valid.
pub fn is_reserved(name: &str) -> bool {
    matches!(name, "scratch" | "context")
}

impl Planner<'_> {
    /// Returns the file that defines a name, possibly through other files, and its name there.
    pub(super) fn defining<'n>(&self, name: &'n str) -> (usize, &'n str) {
        let (mut module, mut item) = (self.frame.module, name);
        while let Some((import, rest)) = item.split_once('.')
            && let Some(imported) = self.program.modules[module].imports.get(import)
        {
            (module, item) = (*imported, rest);
        }
        (module, item)
    }

    /// Checks all names in the files. An empty name stands for a key that was refused already.
    pub(super) fn check_names(&mut self) {
        for module in &self.program.modules {
            self.used_at(&module.uses, |planner| planner.check_names_of(&module.file));
        }
    }

    fn check_names_of(&mut self, file: &File) {
        self.check_names_of_stages(&file.stages);
        for (name, template) in &file.templates {
            self.check_word("a template", name);
            for (input, _) in &template.inputs {
                self.check_variable("an input", input);
            }
            self.check_names_of_stages(&template.stages);
        }
        for (name, _) in &file.secrets {
            self.check_word("a secret", name);
        }
        for (name, _) in &file.caches {
            self.check_dotted("a cache", name);
        }
        for (name, _) in &file.args {
            self.check_variable("a build argument", name);
        }
    }

    fn check_names_of_stages(&mut self, stages: &[(Name, Stage)]) {
        for (name, stage) in stages {
            if is_reserved(&name.value) {
                self.found.push(diagnostics::reserved_name(
                    "a stage",
                    &name.value,
                    name.span,
                ));
            }
            self.check_dotted("a stage", name);
            for (output, _) in &stage.outputs {
                self.check_word("an output", output);
            }
            for (report, _) in &stage.reports {
                self.check_word("a report", report);
            }
        }
    }

    pub(super) fn check_word(&mut self, what: &str, name: &Name) {
        if !is_word(&name.value) {
            self.found.push(diagnostics::invalid_name(
                what,
                &name.value,
                name.span,
                WORD,
            ));
        }
    }

    fn check_dotted(&mut self, what: &str, name: &Name) {
        if !is_dotted(&name.value) {
            let error = diagnostics::invalid_name(what, &name.value, name.span, DOTTED);
            self.found.push(error);
        }
    }

    pub(super) fn check_variable(&mut self, what: &str, name: &Name) {
        if !name.value.is_empty() && !is_variable(&name.value) {
            self.found.push(diagnostics::invalid_name(
                what,
                &name.value,
                name.span,
                VARIABLE,
            ));
        }
    }

    /// Finds the stages that a name refers to.
    pub(super) fn named(&mut self, name: &Spanned<String>) -> Option<Named> {
        if let Some((named, None)) = self.visible(&name.value) {
            return Some(named);
        }
        if self.file().is_broken(&name.value) {
            return None;
        }
        let private = Rc::clone(&self.frame.private);
        let own: Vec<&str> = self.stage_names().collect();
        let mut names = own;
        names.extend(private.keys().map(String::as_str));
        let error = diagnostics::unknown_stage(&name.value, name.span, names.iter().copied());
        self.found.push(error);
        None
    }

    /// Finds the stage with a name.
    pub(super) fn stage_named(&mut self, name: &Spanned<String>) -> Option<StageId> {
        let named = self.named(name)?;
        self.one_of(named, name)
    }

    /// Resolves `from` of a step, or of a bind or mount.
    pub(super) fn source(
        &mut self,
        origin: Option<&Origin>,
        place: Span,
    ) -> Option<Spanned<Source>> {
        let Some(origin) = origin else {
            return Some(Spanned::new(Source::MainContext, place));
        };
        let span = origin.text().span();
        let source = match origin {
            Origin::Word(text) => {
                let text = self.text(text)?;
                return Some(Spanned::new(self.word_source(&text)?, text.span));
            }
            Origin::Stage(text) => {
                let text = self.text(text)?;
                self.stage_or_output(&text)?
            }
            Origin::Context(text) => {
                let text = self.text(text)?;
                Source::External(External::Context(self.context(text)?))
            }
            Origin::Image(image) => Source::External(self.image_source(image)?),
            Origin::Git(git) => {
                let git = self.git_source(git, Fragment::Allowed)?;
                Source::External(External::Git(Box::new(git)))
            }
            Origin::Http(http) => {
                let http = self.http_source(http)?;
                Source::External(External::Http(Box::new(http)))
            }
            Origin::OciLayout(layout) => Source::External(self.layout_source(layout)?),
            Origin::Dockerfile(file) => Source::External(self.dockerfile_source(file)?),
        };
        Some(Spanned::new(source, span))
    }

    /// Resolves a word.
    pub(super) fn word_source(&mut self, word: &Spanned<String>) -> Option<Source> {
        if word.value == "context" {
            return Some(Source::MainContext);
        }
        // As in Dockerfiles, named contexts of the client take precedence over names in the file, except for a template's
        // private stages, which the client doesn't know.
        let contexts = self.request.contexts.as_ref();
        let is_private = self.frame.private.contains_key(&word.value);
        if !is_private && contexts.is_some_and(|given| given.contains(&word.value)) {
            return Some(Source::External(External::Context(word.value.clone())));
        }
        if self.visible(&word.value).is_some() {
            return self.stage_or_output(word);
        }
        if let Some(candidate) = self.mistyped_stage(&word.value) {
            if Reference::parse(&word.value).is_err() {
                let error = diagnostics::probably_a_stage(&word.value, candidate, word.span);
                self.found.push(error);
                return None;
            }
            self.doubts.insert(word.span, candidate);
        }
        let reference = self.reference(word)?;
        let image = ImageSource {
            reference,
            resolve: None,
        };
        Some(Source::External(External::Image(image, None)))
    }

    fn stage_or_output(&mut self, word: &Spanned<String>) -> Option<Source> {
        let Some((named, output)) = self.visible(&word.value) else {
            let stage = word.value.split('.').next().unwrap_or_default();
            let name = Spanned::new(stage.to_owned(), word.span);
            return self.stage_named(&name).map(Source::Stage);
        };
        let id = self.one_of(named, word)?;
        Some(match output {
            None => Source::Stage(id),
            Some(output) => Source::Output(id, output),
        })
    }

    pub(super) fn reference(&mut self, text: &Spanned<String>) -> Option<Reference> {
        match Reference::parse(&text.value) {
            Ok(reference) => Some(reference.with_default_tag()),
            Err(error) => {
                let error = diagnostics::invalid_reference(&text.value, &error, text.span);
                let undeclared = self.undeclared(&text.value);
                self.found.push(match undeclared {
                    Some(name) => {
                        let args = &self.program.modules[self.frame.module].args;
                        let known = args.iter().map(|arg| arg.name.as_str());
                        error.help(diagnostics::undeclared(name, closest(name, known)))
                    }
                    None => error,
                });
                None
            }
        }
    }

    pub(super) fn context(&mut self, name: Spanned<String>) -> Option<String> {
        if name.value == CACHES_CONTEXT {
            self.found
                .push(diagnostics::context_of_caches(&name.value, name.span));
            return None;
        }
        Some(name.value)
    }
}

/// Images that are often named without a tag, which aren't mistyped stages.
const IMAGES: [&str; 31] = [
    "alpine",
    "almalinux",
    "amazonlinux",
    "archlinux",
    "bash",
    "buildpack-deps",
    "busybox",
    "caddy",
    "composer",
    "debian",
    "docker",
    "eclipse-temurin",
    "fedora",
    "gcc",
    "golang",
    "gradle",
    "haproxy",
    "httpd",
    "maven",
    "memcached",
    "nginx",
    "node",
    "php",
    "postgres",
    "python",
    "redis",
    "rockylinux",
    "ruby",
    "rust",
    "ubuntu",
    "wordpress",
];

impl<'a> Planner<'a> {
    /// Returns the stage whose name is similar to a single word: an image with that name is unlikely.
    fn mistyped_stage(&self, name: &str) -> Option<&'a str> {
        let bare = !name.contains(['/', ':', '@']);
        let stage = name.split_once('.').map_or(name, |(stage, _)| stage);
        if !bare || IMAGES.contains(&stage) {
            return None;
        }
        let others = self.stage_names().filter(|one| *one != stage);
        slip(stage, others)
    }
}

#[cfg(test)]
mod tests {
    use super::{is_dotted, is_variable, is_word};

    #[test]
    fn what_names_consist_of() {
        for (name, word, dotted, variable) in [
            ("a-1_B", true, true, false),
            ("1a", true, true, false),
            ("_a", false, false, true),
            ("A_1", true, true, true),
            ("-a", false, false, false),
            ("", false, false, false),
            ("\u{e4}", false, false, false),
            ("a.b", false, true, false),
            ("a-1.22.-b", false, true, false),
            ("a..b", false, false, false),
            ("a.", false, false, false),
            (".a", false, false, false),
        ] {
            assert_eq!(
                (is_word(name), is_dotted(name), is_variable(name)),
                (word, dotted, variable),
                "{name}"
            );
        }
    }
}
