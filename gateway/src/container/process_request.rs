//! What a process is started with.

use buildkit_proto::gateway::InitMessage;
use buildkit_proto::ops::{Meta, SecretEnv, SecurityMode};

/// What a process is started with.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ProcessRequest {
    message: InitMessage,
}

impl ProcessRequest {
    /// Takes the program and its arguments.
    pub fn new<A: Into<String>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let meta = Meta {
            args: arguments.into_iter().map(Into::into).collect(),
            cwd: "/".to_owned(),
            // The directories that mounts are put into are no trace of the process. Exec operations
            // ask for it always, too.
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

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.meta().env.push(format!("{name}={value}"));
        self
    }

    /// Sets a variable to a secret of the client, without which it doesn't start.
    pub fn secret_env(self, name: impl Into<String>, id: impl Into<String>) -> Self {
        self.secret(name.into(), id.into(), false)
    }

    /// Sets a variable to a secret of the client, and leaves it out where the client doesn't have
    /// the secret.
    pub fn optional_secret_env(self, name: impl Into<String>, id: impl Into<String>) -> Self {
        self.secret(name.into(), id.into(), true)
    }

    fn secret(mut self, name: String, id: String, optional: bool) -> Self {
        let secret = SecretEnv { id, name, optional };
        self.message.secretenv.push(secret);
        self
    }

    /// Chooses the directory that it starts in; `/` if nothing is said.
    pub fn dir(mut self, path: impl Into<String>) -> Self {
        self.meta().cwd = path.into();
        self
    }

    /// Chooses the user, by name or number, with an optional group after a colon.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.meta().user = user.into();
        self
    }

    /// Gives it nothing to read.
    pub fn without_input(mut self) -> Self {
        self.message.fds.retain(|&fd| fd != 0);
        self
    }

    /// Gives it a terminal. Then all of its output is standard output.
    pub fn terminal(mut self) -> Self {
        self.message.tty = true;
        // A terminal has no standard error of its own.
        self.message.fds.retain(|&fd| fd != 2);
        self
    }

    /// Lets it do everything; the client and the daemon have to allow it, too.
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
