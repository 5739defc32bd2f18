//! SSH agents of a process.

/// Describes a socket in the container that leads to an SSH agent of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a socket is given to an exec"]
pub struct SshSocket {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mode: u32,
    pub(crate) optional: bool,
}

impl SshSocket {
    /// Leads to the client's default agent, at a path of its own, for root alone.
    pub fn new() -> Self {
        Self {
            id: String::new(),
            path: String::new(),
            uid: 0,
            gid: 0,
            mode: 0o600,
            optional: false,
        }
    }

    /// Chooses one of several agents, by the name by which the client knows it.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the path of the socket, `/run/buildkit/ssh_agent.0` and so on unless this is called.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the owner of the socket.
    pub fn owner(mut self, uid: u32, gid: u32) -> Self {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    /// Sets the permissions of the socket, 0600 unless this is called.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Lets the process run also when the client has no such agent.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// The same as [`SshSocket::new`].
impl Default for SshSocket {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_can_be_opened() {
        assert_eq!(SshSocket::default(), SshSocket::new());
        assert_eq!(SshSocket::default().mode, 0o600);
    }
}
