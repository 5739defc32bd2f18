//! A frontend whose language is a list of packages:
//!
//! ```text
//! # syntax=example/packages
//! from alpine:3.20
//! installer apk add --no-cache
//! secret mirror
//! package curl
//! package jq
//! entrypoint jq
//! ```
//!
//! A single process installs all packages, and sees the secrets below `/run/secrets`. `--call
//! check` reports packages that are listed twice, `--call outline` lists the secrets, and with
//! `--sbom` or `--provenance` the image has the list as an attestation.

use buildkit_gateway::context::{Entrypoint, Line};
use buildkit_gateway::subrequest::{
    Lint, LintWarning, Location, Outline, OutlineSecret, SubrequestHandler, Target, Targets,
};
use buildkit_gateway::{BuildResult, Client, Contexts, Environment, Error, Failure};
use buildkit_llb::{Constrain as _, Exec, Secret};

/// The predicate type of the attestation.
const PREDICATE: &str = "https://example.com/package-list/v1";

/// A parsed file.
struct List<'a> {
    base: Line<'a>,
    installer: &'a str,
    secrets: Vec<Line<'a>>,
    packages: Vec<Line<'a>>,
    entrypoint: Vec<&'a str>,
    /// Repeated packages.
    twice: Vec<Line<'a>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    buildkit_gateway::serve(build).await
}

/// Builds the image, or answers a subrequest.
pub(crate) async fn build(
    client: &Client,
    environment: &Environment,
) -> Result<BuildResult, Failure> {
    let options = environment.parse_options()?;
    let contexts = Contexts::find(client, &options, &environment.session_id).await?;
    let file = contexts.entrypoint("Packages", "Text").await?;
    let list = List::read(&file);
    let target = Target::new("image").description("all packages");
    let answer = SubrequestHandler::new(&options)
        .lint(|| Ok(lint(&file, &list)))
        .outline(|| Ok(outline(&file, list.as_ref().map_err(Failure::clone)?)))
        .targets(|| Ok(Targets::default().target(target.as_default())))
        .finish()?;
    if let Some(answer) = answer {
        return Ok(answer);
    }
    for warning in lint(&file, &list).build_warnings() {
        contexts.warn(&file, warning).await?;
    }
    let list = list?;
    let images = client.images(environment, &options, async |platform| {
        let base = client.resolve_base(list.base.rest(), platform, options.resolve_mode);
        let base = list.base.locate(list.base.at(base.await)?);
        let (mut state, mut image) = base.into_image()?;
        image.config.set_entrypoint(list.entrypoint.iter().copied());
        if !list.packages.is_empty() {
            let exec = list.install()?;
            let exec = exec.located(file.source_map(), list.packages.iter().map(Line::range));
            state = state.run(options.apply_to(exec)).root();
        }
        Ok((state, image))
    });
    let result = images.await?;
    if !options.attest.is_requested() {
        return Ok(result);
    }
    let json = format!("{{\"packages\":{:?}}}", list.names());
    let attestation = client.attestation(PREDICATE, json).await?;
    let platforms = environment.platforms(&options, client.capabilities());
    Ok(result.attestation_for(&platforms, &attestation))
}

impl<'a> List<'a> {
    /// Parses a file.
    fn read(file: &'a Entrypoint) -> Result<Self, Failure> {
        let lines = file.statements()?;
        let all = |word: &'a str| {
            lines
                .iter()
                .copied()
                .filter(move |line| line.word() == word)
        };
        for line in &lines {
            if line.rest().is_empty() {
                return Err(line.mistake(format!("`{}` needs a value", line.word())));
            }
            if !["from", "installer", "secret", "package", "entrypoint"].contains(&line.word()) {
                return Err(line.mistake(format!("there is no word `{}`", line.word())));
            }
        }
        let missing = || Failure::new("a line `from IMAGE` is missing").at(&file.lines(1, 1));
        let (mut packages, mut twice) = (Vec::<Line<'_>>::new(), Vec::new());
        for line in all("package") {
            let is_listed = packages.iter().any(|other| other.rest() == line.rest());
            let lines = if is_listed { &mut twice } else { &mut packages };
            lines.push(line);
        }
        let last = |word: &str| lines.iter().copied().rfind(|line| line.word() == word);
        let installer = last("installer").map(|line| line.rest());
        let entrypoint = last("entrypoint").map(|line| line.rest().split_whitespace());
        Ok(Self {
            base: last("from").ok_or_else(missing)?,
            installer: installer.unwrap_or("apk add --no-cache"),
            secrets: all("secret").collect(),
            entrypoint: entrypoint.into_iter().flatten().collect(),
            packages,
            twice,
        })
    }

    fn names(&self) -> Vec<&'a str> {
        self.packages.iter().map(Line::rest).collect()
    }

    /// Creates the process that installs everything.
    fn install(&self) -> Result<Exec, Failure> {
        let names = self.names();
        let exec = Exec::words(&format!("{} {}", self.installer, names.join(" ")))?;
        let exec = exec.named(format!("install {}", names.join(", ")));
        let ids = self.secrets.iter().map(Line::rest);
        let secrets = ids.map(|id| Secret::file(format!("/run/secrets/{id}")).id(id));
        Ok(secrets.fold(exec, Exec::secret))
    }
}

fn lint(file: &Entrypoint, list: &Result<List<'_>, Failure>) -> Lint {
    let lint = Lint::default().source(file.source_map().file().clone());
    match list {
        Err(failure) => lint.failure(failure),
        Ok(list) => list.twice.iter().fold(lint, |lint, line| {
            let detail = format!("package {} is listed twice", line.rest());
            let warning = LintWarning::new("DuplicatePackage", detail);
            let warning = warning.description("List each package once");
            lint.warning(warning.at(Location::new([line.range()])))
        }),
    }
}

fn outline(file: &Entrypoint, list: &List<'_>) -> Outline {
    let outline = Outline::new("image").source(file.text().clone());
    list.secrets.iter().fold(outline, |outline, line| {
        let secret = OutlineSecret::new(line.rest()).required();
        outline.secret(secret.at(Location::new([line.range()])))
    })
}
