//! The file that the client wants built, and what lies beside it.

use std::collections::BTreeSet;

use buildkit_gateway::{
    Client, Environment, Failure, Options, SolveRequest, SourcePosition, Warning,
};
use buildkit_llb::{Constrain, Differ, Local, MarshalOptions, State};

use super::LANGUAGE;
use crate::context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lower::range;
use crate::source::Source;
use crate::syntax::tree::MAX_BYTES;

/// The file's name, where the client names none.
const FILE: &str = "Stagefile";
/// How clients call the directory of the file.
const DIRECTORY: &str = "dockerfile";

/// The file, and what was read with it.
pub(super) struct Loaded {
    /// The file.
    pub source: Source,
    /// The text of the file of ignored paths.
    ignore: Vec<u8>,
    /// The vertex that read the file, which warnings belong to.
    vertex: Option<String>,
}

/// Reads the file and the ignore file.
pub(super) async fn load(
    client: &Client,
    environment: &Environment,
    options: &Options,
) -> Result<Loaded, Failure> {
    let name = options.filename.as_deref().unwrap_or(FILE);
    let own_ignore = format!("{name}.dockerignore");
    let directory = options.entrypoint_key.as_deref().unwrap_or(DIRECTORY);
    let session = options
        .local_sessions
        .get(directory)
        .map_or(environment.session_id.as_str(), String::as_str);
    let file = Local::new(directory)
        .session(session)
        .follow([name, &own_ignore])
        .shared_key_hint(directory)
        .differ(Differ::None)
        .named(format!("[internal] load build definition from {name}"))
        .into_state();
    let definition = file.marshal(&MarshalOptions::new());
    let vertex = definition.head().map(|digest| digest.to_string());
    let solved = client.solve(SolveRequest::definition(&definition)).await?;
    let nothing = || Failure::new(format!("the directory of {name} is empty"));
    let files = solved.single_reference().ok_or_else(nothing)?;
    let bytes = match files.read_file_up_to(name, MAX_BYTES as u64).await {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Err(not_found(name)),
        Err(error) => return Err(Failure::from(error).context(format!("can't read {name}"))),
    };
    let text = String::from_utf8(bytes.to_vec()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(format!("{name} is not UTF-8: its byte {at} can't be read"))
    })?;
    let ignore = match files.read_file_if_present(&own_ignore).await? {
        Some(bytes) => bytes.to_vec(),
        None => shared_ignore(client, environment, options).await?,
    };
    Ok(Loaded {
        source: Source::new(name, text),
        ignore,
        vertex,
    })
}

fn not_found(name: &str) -> Failure {
    let failure = Failure::new(format!("there is no {name}"));
    if name == FILE {
        failure.context("name the file with `-f FILE`")
    } else {
        failure
    }
}

/// Reads the `.dockerignore` of the build context; nothing if there is none.
async fn shared_ignore(
    client: &Client,
    environment: &Environment,
    options: &Options,
) -> Result<Vec<u8>, Failure> {
    const IGNORE: &str = ".dockerignore";
    let file = Local::new(context::NAME)
        .session(context_session(environment, options))
        .follow([IGNORE])
        .shared_key_hint(format!("{}-{IGNORE}", context::NAME))
        .differ(Differ::None)
        .named("[internal] load .dockerignore")
        .into_state();
    let solved = client
        .solve(SolveRequest::definition(
            &file.marshal(&MarshalOptions::new()),
        ))
        .await?;
    let Some(files) = solved.single_reference() else {
        return Ok(Vec::new());
    };
    let bytes = files.read_file_if_present(IGNORE).await?;
    Ok(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

fn context_session<'a>(environment: &'a Environment, options: &'a Options) -> &'a str {
    options
        .local_sessions
        .get(context::NAME)
        .map_or(environment.session_id.as_str(), String::as_str)
}

impl Loaded {
    /// Makes the build context of which only these paths are used; `None` if none is.
    pub(super) fn main_context(&self, paths: &BTreeSet<String>, session: &str) -> Option<State> {
        (!paths.is_empty()).then(|| {
            context::main(paths, &self.ignore)
                .session(session)
                .into_state()
        })
    }

    /// Sends warnings to the client. That they can't be sent is no reason to end a build.
    pub(super) async fn warn(&self, client: &Client, found: &Diagnostics) {
        for warning in found.warnings() {
            let position = place(&self.source, warning, true);
            let line = self.source.position(warning.primary.span.start).line;
            let help = warning
                .help
                .first()
                .map(|help| format!("; {help}"))
                .unwrap_or_default();
            let message = format!(
                "{}: {}{help} (line {line})",
                warning.code.name, warning.message
            );
            let sent = warning
                .help
                .iter()
                .fold(Warning::new(message).at(position), Warning::detail);
            _ = client
                .warn(self.vertex.as_deref().unwrap_or_default(), sent)
                .await;
        }
    }
}

/// Returns the place of a diagnostic as BuildKit knows places, with the file's text or without.
pub(super) fn place(source: &Source, diagnostic: &Diagnostic, with_text: bool) -> SourcePosition {
    let text = if with_text {
        source.text().to_owned()
    } else {
        String::new()
    };
    SourcePosition::new(source.name(), LANGUAGE, text).range(range(source, diagnostic.primary.span))
}
