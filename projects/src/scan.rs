//! Quick inspection of sources: without a parser, only by words that are written in one way.

use std::collections::BTreeSet;

/// Returns the port on which a program listens, if its sources name exactly one: `:8080`, in quotes, or after a word about
/// ports.
pub(crate) fn port<'a>(sources: impl IntoIterator<Item = &'a str>) -> Option<u16> {
    let mut ports = BTreeSet::new();
    for source in sources {
        for line in source.lines().filter(|line| says_port(line)) {
            ports.extend(numbers(line));
        }
    }
    let first = ports.pop_first();
    first.filter(|_| ports.is_empty())
}

fn says_port(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with("//") || line.starts_with('#') {
        return false;
    }
    let line = line.to_ascii_lowercase();
    ["port", "listen", "addr", "bind", "serve"]
        .iter()
        .any(|word| line.contains(word))
}

/// Returns the numbers in a line that may be ports, judging by their context.
fn numbers(line: &str) -> Vec<u16> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
        let before = start.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(at);
        let alone = before.is_none_or(|byte| b"\"'`:( =|,".contains(&byte))
            && after.is_none_or(|byte| b"\"'`); ,}/".contains(byte));
        let number: Option<u16> = line[start..at].parse().ok();
        // Powers of two are numbers of connections, or sizes.
        let number = number.filter(|port| {
            matches!(port, 80 | 443 | 8192) || *port > 1024 && !port.is_power_of_two()
        });
        found.extend(number.filter(|_| alone));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_where_there_is_one() {
        for (line, expected) in [
            ("log.Fatal(http.ListenAndServe(\":8080\", nil))", Some(8080)),
            ("const port = process.env.PORT || 3000;", Some(3000)),
            ("app.listen(3000, () => {})", Some(3000)),
            ("port := os.Getenv(\"PORT\")", None),
            (
                "    uvicorn.run(app, host='0.0.0.0', port=8000)",
                Some(8000),
            ),
            ("TcpListener::bind(\"0.0.0.0:3000\").await", Some(3000)),
            ("// listens to :9090", None),
            ("let timeout = 5000;", None),
            ("server.listen(port1024)", None),
            ("listen(\":8080\"); listen(\":9090\")", None),
            ("port 10", None),
            ("let listener = socket.listen(1024);", None),
            ("let serve = vec![0; 65536];", None),
        ] {
            assert_eq!(port([line]), expected, "{line}");
        }
    }
}
