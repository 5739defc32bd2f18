//! The group of a numeric user.

use std::fs;

/// The list of users.
const USERS: &str = "/etc/passwd";

/// Returns the group of a user in the image whose root is this process's root. As in containers, it is root's group if no
/// list has the user.
pub(super) fn group_of(user: u32) -> u32 {
    let users = fs::read(USERS).unwrap_or_default();
    group_in(&String::from_utf8_lossy(&users), user).unwrap_or(0)
}

fn group_in(users: &str, user: u32) -> Option<u32> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let number: u32 = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        (number == user).then_some(group)
    })
}

#[cfg(test)]
mod tests {
    use super::group_in;

    #[test]
    fn groups_are_found_by_the_number_of_the_user() {
        let users = "root:x:0:0::/root:/bin/sh\nbroken\n# no:x:7\nweb:x:65532:100::/:\nlate:x:65532:7::/:\n";
        assert_eq!(group_in(users, 65532), Some(100));
        assert_eq!(group_in(users, 0), Some(0));
        assert_eq!(group_in(users, 7), None);
        assert_eq!(group_in("", 1), None);
    }
}
