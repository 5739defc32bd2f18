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
//! All packages are installed by one process, which sees the secrets below `/run/secrets`. `--call check` finds packages that are
//! listed twice, `--call outline` lists the secrets, and with `--sbom` or
//! `--provenance` the image carries the list as an attestation.

use buildkit_gateway::context::Entrypoint;
use buildkit_gateway::subrequest::{
    self, Description, Lint, LintWarning, Location, Outline, OutlineSecret, Target, Targets,
};
use buildkit_gateway::{
    Attestation, BuildResult, Client, Contexts, Environment, Error, Failure, PlatformResult,
    SolveRequest, Warning,
};
use buildkit_llb::{Constrain as _, Exec, FileAction, MarshalOptions, Range, Secret, State};

/// What the attestation is of.
const PREDICATE: &str = "https://example.com/package-list/v1";

/// A file, read. Everything has the number of its line.
#[derive(Default)]
struct List<'a> {
    base: Option<(i32, &'a str)>,
    installer: Option<(i32, &'a str)>,
    secrets: Vec<(i32, &'a str)>,
    packages: Vec<(i32, &'a str)>,
    entrypoint: Vec<&'a str>,
    /// Packages that are listed above already.
    twice: Vec<(i32, &'a str)>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    buildkit_gateway::serve(build).await
}

/// Builds, or answers what the client asks instead.
pub(crate) async fn build(
    client: &Client,
    environment: &Environment,
) -> Result<BuildResult, Failure> {
    let options = environment.parse_options()?;
    let contexts = Contexts::find(client, &options, &environment.session_id).await?;
    let file = contexts.entrypoint("Packages", "Text").await?;
    let text = String::from_utf8_lossy(file.text());
    let read = List::read(&text);
    match options.request.as_deref() {
        None => {}
        Some(subrequest::LINT) => return Ok(lint(&file, &read).answer()),
        Some(subrequest::OUTLINE) => return Ok(outline(&file, &at_line(&file, read)?).answer()),
        Some(subrequest::TARGETS) => {
            let image = Target::new("image")
                .description("all packages")
                .as_default();
            return Ok(Targets::default().target(image).answer());
        }
        Some(subrequest::DESCRIBE) => {
            let known = [subrequest::LINT, subrequest::OUTLINE, subrequest::TARGETS];
            return Ok(Description::of(known).answer());
        }
        Some(other) => return Err(Failure::unsupported_subrequest(other)),
    }
    let list = at_line(&file, read)?;
    for &(line, package) in &list.twice {
        let warning = Warning::new(format!("package {package} is listed twice"));
        contexts
            .warn(&file, warning.at(file.lines(line, line)))
            .await?;
    }
    let platforms = environment.platforms(&options, client.capabilities());
    let image = async |platform: &_| -> Result<PlatformResult, Failure> {
        let (line, name) = list.base.unwrap_or((1, "scratch"));
        let here = |failure: Failure| failure.at_if_nowhere(&file.lines(line, line));
        let base = client
            .base(name, platform, options.resolve_mode)
            .await
            .map_err(here)?;
        let mut config = base.config().inherit();
        config.set_platform(platform);
        config
            .config
            .set_entrypoint(list.entrypoint.iter().copied());
        let base = base.named(format!("from {name}"));
        let base = base.located(file.source_map(), [Range::line(line)]);
        let state = match list.install()? {
            Some(exec) => {
                let lines = list.packages.iter().map(|(line, _)| Range::line(*line));
                let exec = exec.located(file.source_map(), lines);
                base.into_state()?.run(options.apply_to(exec)).root()
            }
            None => base.into_state()?,
        };
        client.image(&state, config, platform, &options).await
    };
    let mut result = BuildResult::each_platform(&platforms, options.multi_platform, image).await?;
    if options.attest.sbom.is_some() || options.attest.provenance.is_some() {
        let statement = list.statement(client).await?;
        for platform in &platforms {
            result = result.attestation(platform, statement.clone());
        }
    }
    Ok(result)
}

impl<'a> List<'a> {
    /// Reads a file. A mistake is told with the line that it is in.
    fn read(text: &'a str) -> Result<Self, (i32, String)> {
        let mut list = Self::default();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match (word, rest.trim()) {
                _ if line.is_empty() || line.starts_with('#') => {}
                (word, "") => return Err((number, format!("`{word}` needs a value"))),
                ("from", name) => list.base = Some((number, name)),
                ("installer", command) => list.installer = Some((number, command)),
                ("secret", id) => list.secrets.push((number, id)),
                ("entrypoint", words) => list.entrypoint = words.split_whitespace().collect(),
                ("package", name) if list.packages.iter().any(|(_, listed)| *listed == name) => {
                    list.twice.push((number, name));
                }
                ("package", name) => list.packages.push((number, name)),
                (word, _) => return Err((number, format!("there is no word `{word}`"))),
            }
        }
        match list.base {
            Some(_) => Ok(list),
            None => Err((1, "a line `from IMAGE` is missing".to_owned())),
        }
    }

    /// Makes the process that installs everything, if there is anything.
    fn install(&self) -> Result<Option<Exec>, Failure> {
        let names: Vec<&str> = self.packages.iter().map(|(_, name)| *name).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let installer = self
            .installer
            .map_or("apk add --no-cache", |(_, words)| words);
        let exec = Exec::words(&format!("{installer} {}", names.join(" ")))?;
        let exec = exec.named(format!("install {}", names.join(", ")));
        let secrets = self.secrets.iter();
        let secret = |id: &str| Secret::file(format!("/run/secrets/{id}")).id(id);
        Ok(Some(
            secrets.fold(exec, |exec, (_, id)| exec.secret(secret(id))),
        ))
    }

    /// States which packages were asked for.
    async fn statement(&self, client: &Client) -> Result<Attestation, Failure> {
        let names: Vec<String> =
            (self.packages.iter().map(|(_, name)| format!("{name:?}"))).collect();
        let json = format!("{{\"packages\":[{}]}}", names.join(","));
        let file = State::scratch().file(FileAction::mkfile("/packages.json", 0o644, json));
        let request = SolveRequest::definition(file.marshal(&MarshalOptions::new()));
        let solved = client.solve(request).await?;
        let directory = solved.single_reference().cloned();
        Ok(Attestation::new(PREDICATE, directory, "/packages.json"))
    }
}

/// Says where a mistake is.
fn at_line<T>(file: &Entrypoint, read: Result<T, (i32, String)>) -> Result<T, Failure> {
    read.map_err(|(line, message)| Failure::new(message).at(&file.lines(line, line)))
}

fn place(line: i32) -> Location {
    Location::new([Range::line(line)])
}

fn lint(file: &Entrypoint, read: &Result<List<'_>, (i32, String)>) -> Lint {
    let lint = Lint::default().source(file.source_map().file().clone());
    match read {
        Err((line, message)) => lint.error(message, place(*line)),
        Ok(list) => list.twice.iter().fold(lint, |lint, (line, package)| {
            let detail = format!("package {package} is listed twice");
            let warning = LintWarning::new("DuplicatePackage", detail);
            lint.warning(
                warning
                    .description("List each package once")
                    .at(place(*line)),
            )
        }),
    }
}

fn outline(file: &Entrypoint, list: &List<'_>) -> Outline {
    let outline = Outline::new("image").source(file.text().clone());
    list.secrets.iter().fold(outline, |outline, (line, id)| {
        outline.secret(OutlineSecret::new(*id).required().at(place(*line)))
    })
}
