//! Conditional steps in method chains.

use crate::build::Build;
use crate::constraints::Constraints;
use crate::diff::Diff;
use crate::exec::{BindMount, CacheMount, Device, Exec, Mount, Secret, SshSocket, Tmpfs};
use crate::file::{Copy, FileAction, Mkdir, Mkfile, Remove, Symlink};
use crate::marshal::MarshalOptions;
use crate::merge::Merge;
use crate::passthrough::Passthrough;
use crate::source::{Blob, Git, Http, Image, Local, OciLayout};
use crate::state::State;

/// Makes a step in a chain of setters conditional.
///
/// ```
/// use buildkit_llb::{Constrain, Exec, State, When};
///
/// # let (no_cache, user) = (true, Some("app"));
/// let exec = Exec::shell("make")
///     .when(no_cache, Exec::ignore_cache)
///     .when_some(user, |exec, user| exec.user(user))
///     .named("make it");
/// # let _ = State::scratch().run(exec);
/// ```
pub trait When: Sized {
    /// Applies a change if the condition holds, and returns the value.
    #[must_use]
    fn when(self, condition: bool, change: impl FnOnce(Self) -> Self) -> Self {
        if condition { change(self) } else { self }
    }

    /// Applies a change if there is a value to apply, and returns the result.
    #[must_use]
    fn when_some<T>(self, value: Option<T>, change: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => change(self, value),
            None => self,
        }
    }
}

macro_rules! builders {
    ($($builder:ident),* $(,)?) => {$(impl When for $builder {})*};
}

builders!(
    BindMount,
    Blob,
    Build,
    CacheMount,
    Constraints,
    Copy,
    Device,
    Diff,
    Exec,
    FileAction,
    Git,
    Http,
    Image,
    Local,
    MarshalOptions,
    Merge,
    Mkdir,
    Mkfile,
    Mount,
    OciLayout,
    Passthrough,
    Remove,
    Secret,
    SshSocket,
    State,
    Symlink,
    Tmpfs,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_depend_on_conditions() {
        let state = State::scratch()
            .when(true, |state| state.dir("/a"))
            .when(false, |state| state.dir("/b"))
            .when_some(Some("x"), |state, user| state.user(user))
            .when_some(None, |state, user: &str| state.user(user));
        assert_eq!(state.get_dir(), "/a");
        assert_eq!(state.get_user(), Some("x"));
    }
}
