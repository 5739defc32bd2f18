//! Users and groups.

use std::fmt;

use super::form;

/// The highest number of a user or a group that a process can have.
const MAX_ID: u32 = i32::MAX as u32;

/// A user with an optional group, by names or numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: String,
    /// The group.
    pub group: Option<String>,
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.user)?;
        match &self.group {
            Some(group) => write!(formatter, ":{group}"),
            None => Ok(()),
        }
    }
}

form! {
    /// A user with or without a group.
    OWNER: Account = account;
    name: "user",
    wanted: "a user, or `user:group`, as names or as numbers from 0 to 2147483647",
    pattern: "^[^: ]+(:[^: ]+)?$",
    numbers: Some((0, MAX_ID as u64)),
}

fn account(text: &str) -> Option<Account> {
    let (user, group) = text
        .split_once(':')
        .map_or((text, None), |(user, group)| (user, Some(group)));
    (is_account(user) && group.is_none_or(is_account)).then(|| Account {
        user: user.to_owned(),
        group: group.map(str::to_owned),
    })
}

/// Reports whether a string names a user or a group. Anything that looks like a number must be valid for
/// processes.
fn is_account(text: &str) -> bool {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_number {
        return text.parse::<u32>().is_ok_and(|id| id <= MAX_ID);
    }
    !text.is_empty() && !text.contains([':', ' ']) && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_written_as_they_are_read() {
        for text in ["root", "0", "1000:1000", "app:app"] {
            assert_eq!(account(text).unwrap().to_string(), text);
        }
        for text in ["", ":", "a:", ":b", "a:b:c", "a b", "-1", "2147483648"] {
            assert_eq!(account(text), None, "{text}");
        }
    }
}
