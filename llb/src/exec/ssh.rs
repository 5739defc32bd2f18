//! SSH agents of a process.

/// A socket in the container that is connected to one of the client's SSH agents.
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
    /// Creates a socket for the client's default agent, at a default path, accessible by root only.
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

    /// Selects an agent by the ID by which the client knows it.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the path of the socket. The default is `/run/buildkit/ssh_agent.0` and so on.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the owner of the socket.
    pub fn owner(mut self, uid: u32, gid: u32) -> Self {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    /// Sets the permissions of the socket. The default is 0600.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Lets the process run even if the client has no such agent.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// Equivalent to [`SshSocket::new`].
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
