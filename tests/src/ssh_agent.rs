//! An SSH agent with one key, for tests of forwarding.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread;

use tempfile::TempDir;

/// The request for the list of keys (`SSH_AGENTC_REQUEST_IDENTITIES` of the SSH agent protocol).
const REQUEST_IDENTITIES: u8 = 11;

/// The answer to it (`SSH_AGENT_IDENTITIES_ANSWER`).
const IDENTITIES_ANSWER: u8 = 12;

/// The request to sign data with a key (`SSH_AGENTC_SIGN_REQUEST`).
const SIGN_REQUEST: u8 = 13;

/// The answer to it (`SSH_AGENT_SIGN_RESPONSE`).
const SIGN_RESPONSE: u8 = 14;

/// The answer to anything else (`SSH_AGENT_FAILURE`).
const FAILURE: u8 = 5;

/// The type of the key and of its signatures. A client between the agent and the script decodes
/// both, so they are well-formed.
const ALGORITHM: &[u8] = b"ssh-ed25519";

/// An agent with one key, with a given comment, which runs until the tests end.
///
/// The key and its signatures are fake: a signature is the data that was to be signed.
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
                // It doesn't matter to the agent if a client disconnects.
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
            Some(&REQUEST_IDENTITIES) => identities(comment)?,
            Some(&SIGN_REQUEST) => signature(&message[1..])?,
            _ => vec![FAILURE],
        };
        let mut frame = Vec::new();
        text(&mut frame, &answer)?;
        stream.write_all(&frame)?;
    }
}

/// Returns the list with the key.
fn identities(comment: &str) -> io::Result<Vec<u8>> {
    let mut key = Vec::new();
    text(&mut key, ALGORITHM)?;
    text(&mut key, &[0; 32])?;
    let mut answer = vec![IDENTITIES_ANSWER];
    answer.extend(1_u32.to_be_bytes());
    text(&mut answer, &key)?;
    text(&mut answer, comment.as_bytes())?;
    Ok(answer)
}

/// Signs the data in a request, which contains a key, data and flags.
fn signature(request: &[u8]) -> io::Result<Vec<u8>> {
    let (_key, rest) = split_text(request)?;
    let (data, _flags) = split_text(rest)?;
    let mut signature = Vec::new();
    text(&mut signature, ALGORITHM)?;
    text(&mut signature, data)?;
    let mut answer = vec![SIGN_RESPONSE];
    text(&mut answer, &signature)?;
    Ok(answer)
}

/// Splits off the string at the beginning.
fn split_text(bytes: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let (length, rest) = bytes
        .split_first_chunk()
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(io::Error::other)?;
    Ok(rest
        .split_at_checked(length)
        .ok_or(io::ErrorKind::UnexpectedEof)?)
}

/// Appends bytes preceded by their length, which is the protocol's format of strings and messages.
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
    fn the_key_is_listed_with_its_comment_and_signs() {
        let agent = SshAgent::start("comment");
        let mut stream = UnixStream::connect(agent.socket()).unwrap();
        stream.write_all(&[0, 0, 0, 1, REQUEST_IDENTITIES]).unwrap();
        let mut answer = [0; 75];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(
            &answer[..28],
            b"\0\0\0\x47\x0c\0\0\0\x01\0\0\0\x33\0\0\0\x0bssh-ed25519"
        );
        assert!(answer.ends_with(b"\0\0\0\x07comment"));

        stream
            .write_all(b"\0\0\0\x10\x0d\0\0\0\x03key\0\0\0\0\0\0\0\0")
            .unwrap();
        let mut answer = [0; 28];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(
            &answer,
            b"\0\0\0\x18\x0e\0\0\0\x13\0\0\0\x0bssh-ed25519\0\0\0\0"
        );
    }
}
