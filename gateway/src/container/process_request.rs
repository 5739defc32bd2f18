//! Requests to start a process.

use buildkit_proto::gateway::InitMessage;
use buildkit_proto::ops::{Meta, SecretEnv, SecurityMode};

/// A request to start a process.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ProcessRequest {
    message: InitMessage,
}

impl ProcessRequest {
    /// Creates a request to run a program with arguments.
    pub fn new<A: Into<String>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let meta = Meta {
            args: arguments.into_iter().map(Into::into).collect(),
            cwd: "/".to_owned(),
            // The mount points created for mounts are removed afterwards. Exec operations always
            // request that, too.
            remove_mount_stubs_recursive: true,
            ..Meta::default()
        };
        let message = InitMessage {
            meta: Some(meta),
            fds: vec![0, 1, 2],
            ..InitMessage::default()
        };
        Self { message }
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.meta().env.push(format!("{name}={value}"));
        self
    }

    /// Sets an environment variable to one of the client's secrets. Without the secret, the process
    /// doesn't start.
    pub fn secret_env(self, name: impl Into<String>, id: impl Into<String>) -> Self {
        self.secret(name.into(), id.into(), false)
    }

    /// Sets an environment variable to one of the client's secrets, and omits it if the client
    /// doesn't have the secret.
    pub fn optional_secret_env(self, name: impl Into<String>, id: impl Into<String>) -> Self {
        self.secret(name.into(), id.into(), true)
    }

    fn secret(mut self, name: String, id: String, optional: bool) -> Self {
        let secret = SecretEnv { id, name, optional };
        self.message.secretenv.push(secret);
        self
    }

    /// Sets the working directory. The default is `/`.
    pub fn dir(mut self, path: impl Into<String>) -> Self {
        self.meta().cwd = path.into();
        self
    }

    /// Sets the user, by name or numeric ID, optionally followed by a colon and a group.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.meta().user = user.into();
        self
    }

    /// Starts the process without standard input.
    pub fn without_input(mut self) -> Self {
        self.message.fds.retain(|&fd| fd != 0);
        self
    }

    /// Gives the process a terminal. All of its output is then standard output.
    pub fn terminal(mut self) -> Self {
        self.message.tty = true;
        // A terminal has no separate standard error.
        self.message.fds.retain(|&fd| fd != 2);
        self
    }

    /// Gives the process all privileges. The client and the daemon must allow this, too.
    pub fn privileged(mut self) -> Self {
        self.message.set_security(SecurityMode::Insecure);
        self
    }

    fn meta(&mut self) -> &mut Meta {
        self.message.meta.get_or_insert_default()
    }

    pub(super) fn has_input(&self) -> bool {
        self.message.fds.contains(&0)
    }

    pub(super) fn has_secrets(&self) -> bool {
        !self.message.secretenv.is_empty()
    }

    pub(super) fn into_wire(self, container_id: &str) -> InitMessage {
        InitMessage {
            container_id: container_id.to_owned(),
            ..self.message
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_what_is_sent() {
        let request = ProcessRequest::new(["make", "test"])
            .secret_env("TOKEN", "token")
            .optional_secret_env("KEY", "key")
            .dir("/src");
        let sent = request.into_wire("c");
        let meta = sent.meta.expect("always");
        assert_eq!((meta.args.len(), meta.cwd.as_str()), (2, "/src"));
        assert!(meta.remove_mount_stubs_recursive);
        let secrets = sent.secretenv.iter();
        let secrets = secrets.map(|secret| (&*secret.name, &*secret.id, secret.optional));
        let secrets: Vec<_> = secrets.collect();
        assert_eq!(secrets, [("TOKEN", "token", false), ("KEY", "key", true)]);
    }
}
