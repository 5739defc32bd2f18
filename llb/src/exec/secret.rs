//! Secrets of a process.

/// A secret that the client gives to a process: as a file, as an environment variable, or as both.
/// It is never part of a result or of the cache key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a secret is given to an exec"]
pub struct Secret {
    pub(crate) id: String,
    pub(crate) file: Option<String>,
    pub(crate) variable: Option<String>,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mode: u32,
    pub(crate) optional: bool,
}

impl Secret {
    /// Gives the secret as a file that only its owner may read (root by default). Its ID is the
    /// path, unless [`Secret::id`] sets another.
    pub fn file(path: impl Into<String>) -> Self {
        let path = path.into();
        Self::new(path.clone(), Some(path), None)
    }

    /// Gives the secret as an environment variable. Its ID is the variable's name, unless
    /// [`Secret::id`] sets another. Needs
    /// [`Capability::ExecSecretEnv`](crate::Capability::ExecSecretEnv).
    pub fn env(name: impl Into<String>) -> Self {
        let name = name.into();
        Self::new(name.clone(), None, Some(name))
    }

    fn new(id: String, file: Option<String>, variable: Option<String>) -> Self {
        Self {
            id,
            file,
            variable,
            uid: 0,
            gid: 0,
            mode: 0o400,
            optional: false,
        }
    }

    /// Sets the ID by which the client knows the secret.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Also gives the secret as an environment variable.
    pub fn and_env(mut self, name: impl Into<String>) -> Self {
        self.variable = Some(name.into());
        self
    }

    /// Sets the owner of the file.
    pub fn owner(mut self, uid: u32, gid: u32) -> Self {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    /// Sets the permissions of the file. The default is 0400.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Lets the process run even if the client has no such secret.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}
