//! An SSH agent with one key, for the tests of forwarding.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread;

use tempfile::TempDir;

/// Request for the list of keys (`SSH_AGENTC_REQUEST_IDENTITIES` of the SSH agent protocol).
const REQUEST_IDENTITIES: u8 = 11;

/// Answer to it (`SSH_AGENT_IDENTITIES_ANSWER`).
const IDENTITIES_ANSWER: u8 = 12;

/// Answer to anything else (`SSH_AGENT_FAILURE`).
const FAILURE: u8 = 5;

/// Agent that lists one key with a given comment; it answers until the tests end.
#[derive(Debug)]
pub struct SshAgent {
    directory: TempDir,
}

impl SshAgent {
    /// Starts an agent whose key has this comment.
    #[must_use]
    #[track_caller]
    pub fn start(comment: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder can be made");
        let agent = Self { directory };
        let listener = UnixListener::bind(agent.socket()).expect("a socket can be made");
        let comment = comment.to_owned();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let comment = comment.clone();
                // A client that goes away is no concern of the agent.
                thread::spawn(move || serve(stream, &comment));
            }
        });
        agent
    }

    /// Returns the path of the socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("agent.sock")
    }
}

fn serve(mut stream: UnixStream, comment: &str) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
        let mut message = vec![0; length];
        stream.read_exact(&mut message)?;
        let answer = match message.first() {
            Some(&REQUEST_IDENTITIES) => {
                let mut answer = vec![IDENTITIES_ANSWER];
                answer.extend(1_u32.to_be_bytes());
                text(&mut answer, b"key")?;
                text(&mut answer, comment.as_bytes())?;
                answer
            }
            _ => vec![FAILURE],
        };
        let mut frame = Vec::new();
        text(&mut frame, &answer)?;
        stream.write_all(&frame)?;
    }
}

/// Appends bytes behind their length, as the protocol writes texts and messages.
fn text(output: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
    output.extend(
        u32::try_from(bytes.len())
            .map_err(io::Error::other)?
            .to_be_bytes(),
    );
    output.extend(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_listed_with_its_comment() {
        let agent = SshAgent::start("comment");
        let mut stream = UnixStream::connect(agent.socket()).unwrap();
        stream.write_all(&[0, 0, 0, 1, REQUEST_IDENTITIES]).unwrap();
        let mut answer = [0; 27];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(
            &answer,
            b"\0\0\0\x17\x0c\0\0\0\x01\0\0\0\x03key\0\0\0\x07comment"
        );
    }
}
