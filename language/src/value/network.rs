//! Ports and hosts.

use std::ops::RangeInclusive;

use super::{EXACT, form};
use crate::budget::Size;

/// The maximum length of a host name on Linux.
const MAX_HOST_NAME: usize = 64;

form! {
    /// A port, or a range of ports.
    PORT: Ports = Ports::read;
    name: "port",
    wanted: "a port from 1 to 65535 or a range such as 8000-8010, optionally with /tcp, /udp or /sctp",
    pattern: "^[0-9]+(-[0-9]+)?(/([tT][cC][pP]|[uU][dD][pP]|[sS][cC][tT][pP]))?$",
    numbers: Some((1, 65535)),
}

form! {
    /// The name of a host: as long as Linux takes it, of letters that every resolver takes.
    HOSTNAME: String = |text| is_host_name(text).then(|| text.to_owned());
    name: "host name",
    wanted: "up to 64 letters, digits, `.`, `-` and `_`, with a letter, a digit or `_` at both ends",
    pattern: "^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$",
    numbers: Some((0, EXACT)),
}

/// Reports whether a string is a valid host name.
fn is_host_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let ends = [text.bytes().next(), text.bytes().next_back()];
    text.len() <= MAX_HOST_NAME
        && ends.iter().all(|byte| byte.is_some_and(is_letter))
        && text
            .bytes()
            .all(|byte| is_letter(byte) || matches!(byte, b'.' | b'-'))
}

/// Ports of a container: `8080`, `53/udp`, or a range such as `8000-8010`.
///
/// A few characters can stand for many ports, so they are only expanded on demand.
#[derive(Clone, Debug)]
pub struct Ports {
    range: RangeInclusive<u16>,
    protocol: String,
}

impl Ports {
    fn read(text: &str) -> Option<Self> {
        let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = protocol.to_ascii_lowercase();
        if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
            return None;
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
        let range = port(first)?..=port(last)?;
        (!range.is_empty()).then_some(Self { range, protocol })
    }

    /// Returns an upper bound for the size of the list of ports.
    pub fn size(&self) -> Size {
        Size::of(&format!("{}/{}", self.range.end(), self.protocol)) * self.range.len()
    }

    /// Iterates over the ports in the format of an image's config.
    pub fn written(&self) -> impl Iterator<Item = String> {
        let ports = self.range.clone();
        ports.map(|port| format!("{port}/{}", self.protocol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts() {
        let longest = "a".repeat(64);
        for name in ["a", "db-1.internal", "_x", "10", &longest] {
            assert!(is_host_name(name), "{name}");
        }
        let too_long = "a".repeat(65);
        for name in ["", "-a", "a.", "a b", "a\n127.0.0.1", "a#", "ä", &too_long] {
            assert!(!is_host_name(name), "{name}");
        }
    }

    #[test]
    fn exposed_ports() {
        for (text, expected) in [
            ("8080", Some(vec!["8080/tcp"])),
            ("53/UDP", Some(vec!["53/udp"])),
            ("8000-8001", Some(vec!["8000/tcp", "8001/tcp"])),
            ("0", None),
            ("65536", None),
            ("9-8", None),
            ("80/http", None),
            ("", None),
        ] {
            assert_eq!(
                Ports::read(text).map(|ports| ports.written().collect::<Vec<_>>()),
                expected.map(|list| list.iter().map(ToString::to_string).collect()),
                "{text}"
            );
        }
    }
}
