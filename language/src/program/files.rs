//! The files of a program, each read once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::library::{self, Names, STD};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Language;
use crate::plan::ImportedFile;
use crate::source::Source;
use crate::syntax::{self, File};

/// The reason why an imported file isn't available, as a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The reason.
    pub reason: String,
    /// The kind of mistake.
    pub kind: UnreadKind,
}

/// The kind of mistake if an imported file isn't available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadKind {
    /// It can't be read; for a file generated from a manifest, something has to be decided.
    Unknown,
    /// The content of its manifest doesn't match the name.
    InvalidManifest,
    /// There are no rules for generating it.
    UnsupportedProject,
}

impl From<String> for Unread {
    fn from(reason: String) -> Self {
        Self {
            reason,
            kind: UnreadKind::Unknown,
        }
    }
}

impl From<&str> for Unread {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}

/// The contents of imported files, or the reasons why they can't be read, and what is known about all files.
///
/// A program lists its missing files and is read again when they are available, and once for each platform. If all files
/// were parsed again each time, a chain of imports would take quadratic time.
#[derive(Debug, Default)]
pub struct Files {
    read: Vec<(ImportedFile, Result<Source, Unread>)>,
    language: Language,
    /// By the position of a file among all and its length: spans count through all files.
    parsed: RefCell<HashMap<(usize, usize), Parsed>>,
    /// The part of the standard library that was read last.
    library: RefCell<Option<(Names, Source)>>,
}

/// The result of parsing a file.
#[derive(Debug)]
struct Parsed {
    source: Source,
    file: Option<Rc<File>>,
    found: Vec<Diagnostic>,
}

impl Files {
    /// Reports whether a file is available, or known to be unreadable.
    pub fn has(&self, file: &ImportedFile) -> bool {
        self.find(file).is_some()
    }

    /// Adds a file, unless it is there already.
    pub fn add(&mut self, file: ImportedFile, text: Result<String, Unread>) {
        if !self.has(&file) {
            let source = text.map(|text| Source::new(file.description(), text));
            self.read.push((file, source));
        }
    }

    /// Returns the compiler for the files' expressions.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Begins with a program: the budget for reading counts from here on.
    pub(crate) fn begin(&mut self) {
        self.language.begin();
    }

    /// Returns the text of a file, or the reason why it can't be read; `None` if that hasn't been tried.
    pub(super) fn find(&self, file: &ImportedFile) -> Option<&Result<Source, Unread>> {
        let known = self.read.iter().find(|(known, _)| known == file);
        known.map(|(_, source)| source)
    }

    /// Parses a file as YAML, or returns the stored result.
    pub(super) fn parsed(&self, source: &Source, found: &mut Diagnostics) -> Option<Rc<File>> {
        let key = (source.start(), source.text().len());
        if let Some(known) = self.parsed.borrow().get(&key)
            && known.source.is(source)
        {
            let size = known.file.as_ref().map(|file| file.size);
            self.language.budget().add_file(size.unwrap_or_default());
            known.found.iter().cloned().for_each(|one| found.push(one));
            return known.file.clone();
        }
        let mut own = Diagnostics::default();
        let file = syntax::read(source, &self.language, &mut own).map(Rc::new);
        let own = own.into_found();
        own.iter().cloned().for_each(|one| found.push(one));
        let parsed = Parsed {
            source: source.clone(),
            file: file.clone(),
            found: own,
        };
        self.parsed.borrow_mut().insert(key, parsed);
        file
    }

    /// Returns templates of the standard library as a file: the same one each time.
    pub(super) fn library(&self, names: Names) -> Source {
        let mut library = self.library.borrow_mut();
        if let Some((known, source)) = &*library
            && *known == names
        {
            return source.clone();
        }
        let source = Source::new(STD, library::text_of(&names));
        *library = Some((names, source.clone()));
        source
    }
}
