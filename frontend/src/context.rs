//! The build context: which of the client's files are asked for.

use std::collections::BTreeSet;

use buildkit_gateway::ignore;
use buildkit_llb::{Constrain, Local, State};

/// How clients call the build context.
pub const NAME: &str = "context";

/// Makes the build context of which only these paths are used, without those that the ignore file names.
pub fn main(paths: &BTreeSet<String>, ignore_file: &[u8]) -> Local {
    let local = Local::new(NAME)
        .exclude(ignore::read(ignore_file))
        .shared_key_hint(NAME)
        .named("[internal] load build context");
    if paths.contains("/") {
        return local;
    }
    local.follow(paths.iter().map(|path| path.trim_start_matches('/')))
}

/// Makes a state of a local directory that belongs to a session.
pub fn of_session(local: Local, session: &str) -> State {
    local.session(session).into_state()
}
