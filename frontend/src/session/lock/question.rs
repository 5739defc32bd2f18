//! `--call lock`: the current content of the names in a file.

use std::collections::BTreeMap;

use buildkit_dockerfile::Lines;
use buildkit_gateway::context::Entrypoint;
use buildkit_gateway::{BuildResult, Client, Failure, Options};
use buildkit_llb::{Platform, Reference};
use futures_util::future::try_join_all;
use serde_json::json;
use stagefile_language::lock::{Lock, Name, SUFFIX, unpinned};
use stagefile_language::source::{Sources, Span};
use stagefile_text::suggestion::closest;

use super::moving::Moving;
use super::{Locked, Seen, frontend_of, read};
use crate::session::dockerfile::position;
use crate::session::request::result;
use crate::session::{Build, mistakes};
use crate::tools::lock;

/// What is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// A new lock file.
    Fresh,
    /// Whether the lock file is up to date.
    Check,
    /// The existing lock file, with new pins for these names.
    Update(Vec<String>),
}

impl Wanted {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        match words {
            [] => Ok(Self::Fresh),
            ["check"] => Ok(Self::Check),
            ["update", names @ ..] if !names.is_empty() => Ok(Self::Update(
                names.iter().map(|name| (*name).to_owned()).collect(),
            )),
            _ => Err(Failure::new(format!(
                "`lock {}` can't be asked: it is `lock`, `lock check` or `lock update NAME…`, in quotes",
                words.join(" ")
            ))),
        }
    }
}

/// A name to ask the daemon about.
struct Asked {
    what: Moving,
    location: NameLocation,
}

/// The location of a name.
#[derive(Clone, Copy)]
enum NameLocation {
    Nowhere,
    Span(Span),
    Lines(Lines),
}

/// The parameters for asking the daemon.
struct Asking<'a> {
    client: &'a Client,
    options: &'a Options,
    file: &'a Entrypoint,
    lock_name: &'a str,
    native: &'a Platform,
    sources: Option<&'a Sources>,
}

/// Answers for a Stagefile.
pub(in crate::session) async fn answer(
    build: &Build<'_>,
    words: &[&str],
) -> Result<BuildResult, Failure> {
    let wanted = Wanted::parse(words)?;
    let mut names = BTreeMap::new();
    let mut first = None;
    for platform in build.targets() {
        let mut checked = build.check(&platform).await?;
        let plan = checked.take_plan();
        let mut plan = plan.ok_or_else(|| mistakes::failure(&checked.sources, &checked.found))?;
        plan.want_all_given();
        let imports = checked.imports.iter().map(|(file, span)| (file, *span));
        for one in unpinned(&plan, &plan.order(), imports) {
            let what = Moving::of_use(&one, &build.native);
            let location = NameLocation::Span(checked.sources.first_line(one.span));
            names
                .entry(one.what.name())
                .or_insert(Asked { what, location });
        }
        if !stagefile_lower::needs(&plan).dockerfiles.is_empty() {
            // Names in Dockerfiles are known after these are compiled.
            Box::pin(build.lowering(&plan, &checked.sources, false, build.epoch)).await?;
        }
        first.get_or_insert(checked.sources);
    }
    add_seen(&mut names, build.locked.seen());
    let asking = Asking {
        client: build.client,
        options: build.options,
        file: build.file,
        lock_name: build.locked.name(),
        native: &build.native,
        sources: first.as_ref(),
    };
    asking.answer(wanted, names).await
}

/// Answers for a Dockerfile, all stages of which have been processed.
pub(in crate::session) async fn answer_dockerfile(
    client: &Client,
    options: &Options,
    file: &Entrypoint,
    native: &Platform,
    locked: &Locked,
    words: &[&str],
) -> Result<BuildResult, Failure> {
    let wanted = Wanted::parse(words)?;
    let mut names = BTreeMap::new();
    add_seen(&mut names, locked.seen());
    let asking = Asking {
        client,
        options,
        file,
        lock_name: locked.name(),
        native,
        sources: None,
    };
    asking.answer(wanted, names).await
}

fn add_seen(names: &mut BTreeMap<Name, Asked>, seen: BTreeMap<Name, Seen>) {
    for (name, seen) in seen {
        let asked = match seen {
            Seen::Image(image) => Asked {
                what: Moving::Image(image.0, image.1),
                location: NameLocation::Nowhere,
            },
            Seen::Download(lines) => Asked {
                what: Moving::of_download(&name),
                location: NameLocation::Lines(lines),
            },
        };
        names.entry(name).or_insert(asked);
    }
}

impl Asking<'_> {
    async fn answer(
        &self,
        wanted: Wanted,
        mut names: BTreeMap<Name, Asked>,
    ) -> Result<BuildResult, Failure> {
        if let Some(frontend) = frontend_of(self.file) {
            let asked = Asked {
                what: Moving::Image(frontend.clone(), self.native.clone()),
                location: NameLocation::Nowhere,
            };
            names.insert(Name::frontend(&frontend), asked);
        }
        let lock_name = self.lock_name;
        let known = match wanted {
            Wanted::Fresh => Lock::default(),
            Wanted::Check | Wanted::Update(_) => {
                let known = read(self.file, lock_name)?.ok_or_else(|| {
                    Failure::new(format!(
                        "there is no {lock_name}; `docker buildx build --call lock . > {lock_name}` writes it"
                    ))
                })?;
                known.0
            }
        };
        if let Wanted::Update(updated) = &wanted {
            let updated = chosen(updated, &names)?;
            names.retain(|name, _| updated.contains(name));
        }
        let pins = names.iter().map(async |(name, asked)| {
            let pin = asked.what.pin(self.client, self.options.resolve_mode);
            let pin = pin.await.map_err(|failure| {
                let reason = failure.message();
                let message = format!("{} can't be locked: {reason}", name.text);
                self.at(asked.location, failure.with_message(message))
            })?;
            Ok::<_, Failure>((name.clone(), pin))
        });
        let pins = try_join_all(pins).await?;
        if wanted == Wanted::Check {
            let names = pins.into_iter().map(|(name, pin)| (name, Some(pin)));
            let rows = lock::compare(&names.collect(), &known);
            let (json, text) = (lock::json(&rows, lock_name), lock::text(&rows, lock_name));
            let is_stale = lock::is_stale(&rows);
            return Ok(result(&json, &text).status_code(u8::from(is_stale)));
        }
        let mut lock = known;
        for (name, pin) in pins {
            lock.insert(name, pin);
        }
        let text = lock.to_yaml(lock_name.trim_end_matches(SUFFIX));
        let names = lock.iter().map(|(name, pin)| {
            json!({ "kind": lock::kind(name.kind), "name": name.text, "pin": pin.value })
        });
        let names: Vec<_> = names.collect();
        let json = json!({ "filename": lock_name, "data": text, "names": names });
        Ok(result(&json, &text))
    }

    fn at(&self, location: NameLocation, failure: Failure) -> Failure {
        match (location, self.sources) {
            (NameLocation::Span(span), Some(sources)) => {
                failure.at_if_unlocated(&mistakes::excerpt(sources, span))
            }
            (NameLocation::Lines(lines), _) => failure.at_if_unlocated(&position(self.file, lines)),
            _ => failure,
        }
    }
}

/// Finds the names that are to be pinned again.
fn chosen(wanted: &[String], names: &BTreeMap<Name, Asked>) -> Result<Vec<Name>, Failure> {
    let mut chosen = Vec::new();
    for text in wanted {
        let image = Reference::parse(text).map(|reference| Name::image(&reference).text);
        let is_meant = |name: &&Name| {
            name.text == *text || image.as_ref().is_ok_and(|image| name.text == *image)
        };
        let meant: Vec<Name> = names.keys().filter(is_meant).cloned().collect();
        if meant.is_empty() {
            let known: Vec<&str> = names.keys().map(|name| name.text.as_str()).collect();
            let help = match closest(text, known.iter().copied()) {
                Some(candidate) => format!("did you mean `{candidate}`?"),
                None if known.is_empty() => "nothing in it can be locked".to_owned(),
                None => format!("it names: {}", known.join(", ")),
            };
            return Err(Failure::new(format!("the file doesn't name `{text}`")).note(help));
        }
        chosen.extend(meant);
    }
    Ok(chosen)
}
