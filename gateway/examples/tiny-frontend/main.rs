//! A frontend whose language has four words, one to a line:
//!
//! ```text
//! # syntax=example/tiny
//! from golang:1.22
//! copy . /src
//! run cd /src && go build -o /server .
//! entrypoint /server
//! ```
//!
//! It transfers only what `copy` names, honours `.dockerignore`, builds all platforms at the same time, keeps the configuration of the
//! base image, does what clients ask of any frontend, and shows the line of a mistake or of a failing command.

use buildkit_gateway::{BuildResult, Client, Contexts, Environment, Error, Failure, ImageConfig};
use buildkit_llb::{Constrain as _, Copy, Exec, Range, State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    buildkit_gateway::serve(build).await
}

/// Builds what the client asks for.
pub(crate) async fn build(
    client: &Client,
    environment: &Environment,
) -> Result<BuildResult, Failure> {
    let options = environment.parse_options()?;
    if let Some(question) = &options.request {
        return Err(Failure::unsupported_subrequest(question));
    }
    let contexts = Contexts::find(client, &options, &environment.session_id).await?;
    let file = contexts.entrypoint("Tinyfile", "Text").await?;
    let text = String::from_utf8_lossy(file.text());
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let lines =
        lines.map(|(number, line)| (number, line, line.split_once(' ').unwrap_or((line, ""))));
    let lines: Vec<(i32, &str, (&str, &str))> = lines.collect();
    let paths = |rest: &'_ str| {
        rest.split_once(' ')
            .map(|(from, to)| (from.to_owned(), to.trim().to_owned()))
    };
    let copied = lines.iter().filter(|(_, _, (word, _))| *word == "copy");
    let copied = copied.filter_map(|(_, _, (_, rest))| paths(rest));
    let context = contexts
        .main(&file)
        .await?
        .with_paths(copied.map(|(from, _)| from));

    let platforms = environment.platforms(&options, client.capabilities());
    BuildResult::each_platform(&platforms, options.multi_platform, async |platform| {
        let (mut state, mut image) = (State::scratch(), ImageConfig::scratch(platform));
        for &(number, line, (word, rest)) in &lines {
            let at_line = |failure: Failure| failure.at_if_nowhere(&file.lines(number, number));
            let place = || (file.source_map(), [Range::line(number)]);
            match word {
                "from" => {
                    let base = client
                        .base(rest, platform, options.resolve_mode)
                        .await
                        .map_err(at_line)?;
                    image = base.config().inherit();
                    // Some images don't say what they are for, or say it otherwise.
                    image.set_platform(platform);
                    state = base
                        .named(line)
                        .located(place().0, place().1)
                        .into_state()
                        .map_err(at_line)?;
                }
                "copy" => {
                    let (from, to) = paths(rest)
                        .ok_or_else(|| at_line(Failure::new("`copy` needs two paths")))?;
                    let copy = Copy::new(&context, format!("/{from}"), to)
                        .contents()
                        .parents();
                    state = state.file(copy.named(line).located(place().0, place().1));
                }
                "run" => {
                    let exec = Exec::shell(rest).named(line).located(place().0, place().1);
                    state = state.run(options.apply_to(exec)).root();
                }
                "entrypoint" => image.config.set_entrypoint(rest.split_whitespace()),
                _ => return Err(at_line(Failure::new(format!("there is no word `{word}`")))),
            }
        }
        client.image(&state, image, platform, &options).await
    })
    .await
}
