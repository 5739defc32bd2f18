//! The lock file next to the file: pinned sources are resolved and built as pinned, and missing entries are
//! reported.

mod moving;
pub(super) mod question;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;

use buildkit_dockerfile::{Download, DownloadName, Lines, Pins};
use buildkit_gateway::context::Entrypoint;
use buildkit_gateway::{
    Client, Error, Failure, ImageConfig, Options, ResolveSource, SourceMetadata,
    current_frontend_image, directive,
};
use buildkit_llb::{Checksum, Platform, Reference, ResolveMode};
use stagefile_language::diagnostic::{Diagnostic, Diagnostics, Severity};
use stagefile_language::diagnostics;
use stagefile_language::driver::Checked;
use stagefile_language::lock::{FIRST_WORDS, Kind, Lock, Name, SUFFIX, Use, unpinned};
use stagefile_language::plan::Plan;
use stagefile_language::source::{Source, Sources, Span, Spanned};

use super::mistakes;
use crate::dockerfile::offline::name_of;

/// The build argument that selects how the lock file is used.
const ARGUMENT: &str = "STAGEFILE_LOCK";

/// How the lock file is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is ignored.
    Off,
    /// It is used if it exists.
    On,
    /// It has to exist and to be complete.
    Require,
}

impl Mode {
    /// Takes the mode from the client's options.
    pub(super) fn take(options: &mut Options) -> Result<Self, Failure> {
        match options.take_build_arg(ARGUMENT).as_deref() {
            None | Some("" | "on") => Ok(Self::On),
            Some("off") => Ok(Self::Off),
            Some("require") => Ok(Self::Require),
            Some(other) => Err(Failure::new(format!(
                "{ARGUMENT} can't be `{other}`: it is `off`, `on` or `require`"
            ))),
        }
    }
}

/// The lock file of a build.
#[derive(Debug)]
pub(super) struct Locked {
    mode: Mode,
    /// Its name.
    name: String,
    /// Its entries, with its text for locations; `None` if it isn't used.
    file: Option<(Lock, Sources)>,
    /// The names in Dockerfiles that nothing in them pins.
    seen: RefCell<BTreeMap<Name, Seen>>,
}

/// A name in a Dockerfile.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    /// An image, for a platform.
    Image(Box<(Reference, Platform)>),
    /// A download of an `ADD`, with its lines.
    Download(Lines),
}

impl Locked {
    /// Reads the lock file that was loaded with the file, depending on the mode.
    pub(super) fn read(file: &Entrypoint, mode: Mode) -> Result<Self, Failure> {
        let mut locked = Self {
            mode,
            name: format!("{}{SUFFIX}", file.filename()),
            file: None,
            seen: RefCell::default(),
        };
        if mode == Mode::Off {
            return Ok(locked);
        }
        locked.file = read(file, &locked.name)?;
        if locked.file.is_none() && mode == Mode::Require {
            let name = &locked.name;
            return Err(Failure::new(format!(
                "there is no {name}, and {ARGUMENT}=require asks for it; `docker buildx build --call lock . > {name}` writes it"
            )));
        }
        Ok(locked)
    }

    /// Returns the entries of the lock file; `None` if there is none.
    pub(super) fn lock(&self) -> Option<&Lock> {
        self.file.as_ref().map(|(lock, _)| lock)
    }

    /// Returns the name of the lock file, whether or not it exists.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the names in Dockerfiles so far.
    pub(super) fn seen(&self) -> BTreeMap<Name, Seen> {
        self.seen.borrow().clone()
    }

    fn image(&self, reference: &Reference) -> Option<Spanned<Checksum>> {
        self.lock()?.image(reference)
    }

    /// Creates the error for a mistake in the lock file.
    fn failure(&self, error: Diagnostic) -> Failure {
        let Some((_, sources)) = &self.file else {
            return Failure::new(error.message);
        };
        let mut found = Diagnostics::default();
        found.push(error);
        mistakes::failure(sources, &found)
    }

    /// Resolves an image, pinned if there is an entry for it. An invalid entry is the outer error.
    pub(super) async fn resolve(
        &self,
        client: &Client,
        reference: &Reference,
        platform: &Platform,
        mode: ResolveMode,
        shown: &str,
    ) -> Result<Result<SourceMetadata, Error>, Failure> {
        let request = |reference: &Reference| {
            ResolveSource::image(reference)
                .platform(platform)
                .mode(mode)
        };
        let Some(pin) = self.image(reference) else {
            let answer = client.resolve_source(request(reference).named(shown));
            return Ok(answer.await);
        };
        let digest = pin.value;
        let pinned = reference
            .clone()
            .with_default_tag()
            .with_digest(digest.clone());
        let request_pinned = request(&pinned).named(format!("{shown}@{digest}"));
        let name = reference.clone().with_default_tag().familiar();
        let metadata = match client.resolve_source(request_pinned).await {
            Ok(metadata) => metadata,
            Err(error @ Error::Daemon(_)) => {
                let failure = Failure::from(error);
                let reason = failure.message();
                let error = diagnostics::pinned_image_missing(&name, reason, pin.span);
                return Err(self.failure(error));
            }
            Err(error) => return Ok(Err(error)),
        };
        if let Some(other) = other_platform(&metadata, platform) {
            // An image may be for one platform only; then its index is of no more use.
            let asked = request(reference).named(format!("[internal] look up {name}"));
            let now = client.resolve_source(asked).await;
            if now.is_ok_and(|now| other_platform(&now, platform).is_none()) {
                let (other, wanted) = (other.to_string(), platform.to_string());
                let error = diagnostics::pinned_to_platform(&name, &other, &wanted, pin.span);
                return Err(self.failure(error));
            }
        }
        Ok(Ok(metadata))
    }

    /// Reports what a plan uses and the lock file lacks, and removes warnings about downloads that it pins.
    pub(super) fn check(&self, plan: &Plan, file: &Entrypoint, checked: &mut Checked) {
        let Some(lock) = self.lock() else {
            return;
        };
        let imports = checked.imports.iter().map(|(file, span)| (file, *span));
        let uses = unpinned(plan, &plan.order(), imports);
        let (there, lacking): (Vec<Use>, Vec<Use>) = uses
            .into_iter()
            .partition(|one| lock.get(&one.what.name()).is_some());
        let there: Vec<Span> = there.into_iter().map(|one| one.span).collect();
        for code in [&diagnostics::UNPINNED_SOURCE, &diagnostics::UNPINNED_BASE] {
            checked.found.forgive(code, &there);
        }
        for one in lacking {
            let span = checked.sources.first_line(one.span);
            self.report(
                diagnostics::not_locked(&one.what.name(), &self.name, span),
                &mut checked.found,
            );
        }
        let start = checked.sources.main().span(0, 0);
        if let Some(warning) = self.frontend(lock, file, start) {
            self.report(warning, &mut checked.found);
        }
    }

    fn report(&self, mut warning: Diagnostic, found: &mut Diagnostics) {
        if self.mode == Mode::Require {
            warning.severity = Severity::Error;
        }
        found.push(warning);
    }

    /// Reports if this frontend differs from the one in the lock file.
    fn frontend(&self, lock: &Lock, file: &Entrypoint, span: Span) -> Option<Diagnostic> {
        let wanted = frontend_of(file)?;
        let name = Name::frontend(&wanted);
        let Some(pin) = lock.get(&name) else {
            return Some(diagnostics::not_locked(&name, &self.name, span));
        };
        // Another one may have been selected on the command line.
        let running = current_frontend_image().filter(|image| image.name() == wanted.name())?;
        let digest = running.digest()?.as_str();
        let differs = digest != pin.value;
        differs
            .then(|| diagnostics::other_frontend(&name.text, digest, &pin.value, &self.name, span))
    }

    /// Returns the expected content of downloads in Dockerfiles.
    pub(super) fn pins(&self) -> Pins {
        let mut pins = Pins::default();
        for (name, pin) in self.lock().into_iter().flat_map(Lock::iter) {
            match name.kind {
                Kind::Git => {
                    let text = name.text.as_str();
                    let (remote, git_ref) = match text.split_once('#') {
                        Some((remote, git_ref)) => (remote, Some(git_ref.to_owned())),
                        None => (text, None),
                    };
                    let name = DownloadName::Git {
                        remote: remote.to_owned(),
                        git_ref,
                    };
                    pins.commits.insert(name, pin.value.clone());
                }
                Kind::Http => {
                    let name = DownloadName::Http(name.text.clone());
                    let checksum = Checksum::parse(&pin.value).ok();
                    pins.checksums
                        .extend(checksum.map(|checksum| (name, checksum)));
                }
                Kind::Image | Kind::Frontend => {}
            }
        }
        pins
    }

    /// Records an image that a Dockerfile names. Returns an error if the lock file must have it and doesn't.
    pub(super) fn note_image(
        &self,
        reference: &Reference,
        platform: &Platform,
    ) -> Result<(), String> {
        if reference.digest().is_some() {
            return Ok(());
        }
        let name = Name::image(reference);
        let is_lacking = self.lock().is_some_and(|lock| lock.get(&name).is_none());
        let mut seen = self.seen.borrow_mut();
        let reference = reference.clone().with_default_tag();
        seen.insert(
            name.clone(),
            Seen::Image(Box::new((reference, platform.clone()))),
        );
        if is_lacking && self.mode == Mode::Require {
            return Err(diagnostics::not_locked(&name, &self.name, Span::default()).message);
        }
        Ok(())
    }

    /// Records the downloads of a Dockerfile. Returns the first one that the lock file must have and doesn't,
    /// with the error.
    pub(super) fn note_downloads(&self, downloads: &[Download]) -> Option<(Lines, String)> {
        let mut lacking = None;
        for download in downloads {
            let Some(name) = name_of(download) else {
                continue;
            };
            let is_lacking = self.lock().is_some_and(|lock| lock.get(&name).is_none());
            if is_lacking && self.mode == Mode::Require && lacking.is_none() {
                let warning = diagnostics::not_locked(&name, &self.name, Span::default());
                lacking = Some((download.lines, warning.message));
            }
            let seen = Seen::Download(download.lines);
            self.seen.borrow_mut().insert(name, seen);
        }
        lacking
    }

    /// Returns what the lock file lacks for a Dockerfile, one line for each, with the instruction's lines if
    /// known.
    pub(super) fn lacking(&self, file: &Entrypoint) -> Vec<(Option<Lines>, String)> {
        let Some(lock) = self.lock() else {
            return Vec::new();
        };
        let seen = self.seen();
        let lacking = seen
            .into_iter()
            .filter(|(name, _)| lock.get(name).is_none());
        let said = lacking.map(|(name, seen)| {
            let warning = diagnostics::not_locked(&name, &self.name, Span::default());
            let lines = match seen {
                Seen::Image(..) => None,
                Seen::Download(lines) => Some(lines),
            };
            (lines, warning)
        });
        let frontend = self.frontend(lock, file, Span::default());
        let said = said.chain(frontend.map(|warning| (None, warning)));
        said.map(|(lines, warning)| {
            let help = warning.help.first().map_or("", String::as_str);
            let said = format!("{}: {}; {help}", warning.code.name, warning.message);
            (lines, said)
        })
        .collect()
    }
}

/// Reports whether a file with the lock file's name is something else, such as `Gemfile.lock`.
pub(super) fn is_foreign(file: &Entrypoint) -> bool {
    let beside = file.beside(SUFFIX);
    beside.is_some_and(|text| !text.is_ok_and(|text| text.starts_with(FIRST_WORDS.as_bytes())))
}

/// Reads the lock file that was loaded with a file; `None` if there was none.
fn read(file: &Entrypoint, name: &str) -> Result<Option<(Lock, Sources)>, Failure> {
    let Some(text) = file.beside(SUFFIX) else {
        return Ok(None);
    };
    let text = text.map_err(|reason| Failure::new(format!("{name} can't be read: {reason}")))?;
    let text = str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to();
        Failure::new(format!("{name} is not UTF-8: its byte {at} can't be read"))
    })?;
    let sources = Sources::new(Source::new(name, text));
    let mut found = Diagnostics::default();
    let lock = Lock::read(sources.main(), &mut found);
    if found.has_errors() {
        return Err(mistakes::failure(&sources, &found));
    }
    Ok(Some((lock, sources)))
}

/// Returns the frontend that a file requests, unless the file pins it.
fn frontend_of(file: &Entrypoint) -> Option<Reference> {
    let directive = directive::syntax(file.text())?;
    let reference = Reference::parse(directive.image()).ok()?;
    let moves = reference.digest().is_none();
    moves.then(|| reference.with_default_tag())
}

/// Returns the platform of an image, if it differs from the requested one.
fn other_platform(metadata: &SourceMetadata, platform: &Platform) -> Option<Platform> {
    let image = metadata.image.as_ref()?;
    let config = ImageConfig::from_json(&image.config).ok()?;
    let own = config.platform().normalize();
    let is_known = !own.os.is_empty() && !own.architecture.is_empty();
    let is_another = own.os != platform.os || own.architecture != platform.architecture;
    (is_known && is_another).then_some(own)
}
