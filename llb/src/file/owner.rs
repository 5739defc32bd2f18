//! Owners of files.

/// The owner of files that a file action creates.
///
/// Names are looked up in `/etc/passwd` and `/etc/group` of the state that the action changes,
/// which must not be empty then. Without a user or group, new files belong to root, and copies keep
/// that of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Owner {
    pub(crate) user: Option<UserId>,
    pub(crate) group: Option<UserId>,
}

/// A user or a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserId {
    /// A name. An empty name counts as number 0.
    Name(String),
    /// A numeric ID.
    Number(u32),
}

impl Owner {
    /// Creates an owner without user and group; [`Owner::user`] and [`Owner::group`] set them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an owner from a numeric user ID and group ID.
    pub fn ids(uid: u32, gid: u32) -> Self {
        Self::new().user(uid).group(gid)
    }

    /// Parses `user`, `user:group`, `uid` or `uid:gid`. Digits are numeric IDs, `root` is 0,
    /// anything else is a name.
    pub fn parse(text: &str) -> Self {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        Self {
            user: Some(UserId::parse(user)),
            group: group.map(UserId::parse),
        }
    }

    /// Sets the user.
    #[must_use]
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Sets the group.
    #[must_use]
    pub fn group(mut self, group: impl Into<UserId>) -> Self {
        self.group = Some(group.into());
        self
    }
}

impl UserId {
    fn parse(text: &str) -> Self {
        if text == "root" {
            return Self::Number(0);
        }
        // Go parses a signed 32-bit number and writes it as unsigned.
        match text.parse::<i32>() {
            Ok(number) => Self::Number(number.cast_unsigned()),
            Err(_) => Self::Name(text.to_owned()),
        }
    }
}

impl From<u32> for UserId {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for UserId {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for UserId {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, expected) in [
            ("app", Owner::new().user("app")),
            ("app:grp", Owner::new().user("app").group("grp")),
            ("1000:1001", Owner::ids(1000, 1001)),
            ("root:0", Owner::ids(0, 0)),
            ("-1", Owner::new().user(u32::MAX)),
            ("+5", Owner::new().user(5)),
            ("3000000000", Owner::new().user("3000000000")),
            (":grp", Owner::new().user("").group("grp")),
            ("a:b:c", Owner::new().user("a").group("b:c")),
        ] {
            assert_eq!(Owner::parse(text), expected, "{text}");
        }
    }
}
