//! A frontend whose language has four words, one per line:
//!
//! ```text
//! # syntax=example/tiny
//! from golang:1.22
//! copy . /src
//! run cd /src && go build -o /server .
//! entrypoint /server
//! ```
//!
//! It transfers only the files that `copy` names, respects `.dockerignore`, builds all platforms concurrently, keeps the
//! configuration of the base image, supports what clients expect of any frontend, and shows the line of a mistake or of a failing
//! command.

use buildkit_gateway::{
    BuildResult, Client, Contexts, Environment, Error, Failure, ImageConfig, subrequest,
};
use buildkit_llb::{Copy, Exec, State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    buildkit_gateway::serve(build).await
}

/// Builds what the client requests.
pub(crate) async fn build(
    client: &Client,
    environment: &Environment,
) -> Result<BuildResult, Failure> {
    let options = environment.parse_options()?;
    subrequest::reject_all(&options)?;
    let contexts = Contexts::find(client, &options, &environment.session_id).await?;
    let file = contexts.entrypoint("Tinyfile", "Text").await?;
    let lines = file.statements()?;
    let copies = lines.iter().filter(|line| line.word() == "copy");
    let copied = copies.filter_map(|line| line.rest().split_whitespace().next());
    let context = contexts.main(&file).await?.with_paths(copied);

    client
        .images(environment, &options, async |platform| {
            let (mut state, mut image) = (State::scratch(), ImageConfig::scratch(platform));
            for line in &lines {
                match (line.word(), line.rest()) {
                    ("from", name) => {
                        let base = client
                            .resolve_base(name, platform, options.resolve_mode)
                            .await;
                        (state, image) = line.at(line.locate(line.at(base)?).into_image())?;
                    }
                    ("copy", paths) => {
                        let paths = paths.split_once(' ');
                        let (from, to) =
                            paths.ok_or_else(|| line.mistake("`copy` needs two paths"))?;
                        let copy = Copy::new(&context, format!("/{from}"), to.trim());
                        state = state.file(line.locate(copy.contents().parents()));
                    }
                    ("run", script) => {
                        let exec = line.locate(Exec::shell(script));
                        state = state.run(options.apply_to(exec)).root();
                    }
                    ("entrypoint", words) => image.config.set_entrypoint(words.split_whitespace()),
                    (word, _) => return Err(line.mistake(format!("there is no word `{word}`"))),
                }
            }
            Ok((state, image))
        })
        .await
}
