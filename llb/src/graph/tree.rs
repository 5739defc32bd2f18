//! Graphs as text.

use std::fmt;

use super::{Graph, describe};
use crate::reading::Reference;

/// Deeper levels are not indented further, so that the text's size stays proportional to the
/// graph's.
const DEEPEST: usize = 40;

/// Writes each vertex once, with its number in the order of the definition. Further uses show only
/// the number.
impl fmt::Display for Graph {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(result) = self.result else {
            return formatter.write_str("scratch\n");
        };
        let mut written = vec![false; self.vertices.len()];
        let mut pending = vec![Line::Vertex(result, 0)];
        while let Some(line) = pending.pop() {
            let (reference, depth) = match line {
                Line::Text(text, depth) => {
                    write_line(formatter, depth, &describe::printable(&text))?;
                    continue;
                }
                Line::Vertex(reference, depth) => (reference, depth),
            };
            let vertex = &self.vertices[reference.vertex];
            let known = std::mem::replace(&mut written[reference.vertex], true);
            let output = match reference.output {
                0 => String::new(),
                output => format!("[{output}]"),
            };
            let number = format!("#{}{output}", reference.vertex + 1);
            if known {
                write_line(formatter, depth, &format!("{number} (above)"))?;
                continue;
            }
            let headline = vertex.headline();
            write_line(formatter, depth, &format!("{number} {headline}"))?;
            // The last edge pushed is the first one written.
            for edge in vertex.edges().into_iter().rev() {
                let indent = if edge.role.is_empty() { 0 } else { 2 };
                pending.extend(edge.input.map(|input| Line::Vertex(input, depth + indent)));
                if !edge.role.is_empty() {
                    pending.push(Line::Text(edge.role, depth + 1));
                }
            }
        }
        Ok(())
    }
}

enum Line {
    Text(String, usize),
    Vertex(Reference, usize),
}

fn write_line(formatter: &mut fmt::Formatter<'_>, depth: usize, text: &str) -> fmt::Result {
    for _ in 0..depth.min(DEEPEST) {
        formatter.write_str("  ")?;
    }
    writeln!(formatter, "{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Constrain as _, Copy, Exec, FileAction, MarshalOptions, Mount, Platform, Secret, Sharing,
        SshSocket, State,
    };

    fn text(state: &State) -> String {
        let options = MarshalOptions::new()
            .on_platform(Platform::new("linux", "amd64"))
            .local_unique_id("u");
        let definition = state.marshal(&options);
        Graph::read(&definition).expect("valid").to_string()
    }

    #[test]
    fn everything_is_in_the_tree() {
        let context = State::local("context");
        let base = State::image("alpine").expect("valid");
        let run = base.run(
            Exec::shell("make\nmake install")
                .mount(Mount::bind("/src", &context).readonly().selector("sub"))
                .mount(Mount::cache("/cache").id("c").sharing(Sharing::Locked))
                .mount(Mount::tmpfs("/tmp").size(4096))
                .mount(Mount::scratch("/out"))
                .mount(Mount::bind("/work", &context).without_output())
                .secret(Secret::file("/key").id("k"))
                .secret(Secret::env("TOKEN"))
                .ssh(SshSocket::new()),
        );
        let output = run.output("/out").expect("an output");
        let image = State::scratch().file(
            Copy::new(&output, "/", "/")
                .contents()
                .then(FileAction::mkdir("/etc", 0o755)),
        );
        let merged = State::merge([&image, &State::diff(&base, &run.root())]);
        let result = merged.requires("gate", [&context]).expect("valid");
        assert_eq!(
            text(&result),
            "\
#7 passthrough gate
  if
    #2 source local://context
#6 merge 2
  with
    #5 diff
      to
        #3 exec /bin/sh -c make⏎make install (linux/amd64)
          /cache: cache c, locked
          /out: writable
          /src: read-only sub path sub
            #2 (above)
          /tmp: in memory, 4096 bytes
          /work: writable, dropped
            #2 (above)
          /key: secret k
          /run/buildkit/ssh_agent.0: SSH agent default
          $TOKEN: secret TOKEN
        #1 source docker-image://docker.io/library/alpine:latest (linux/amd64)
    #1 (above)
#4 file copy / /, mkdir /etc
  copy / /
    #3[1] (above)
  mkdir /etc
"
        );
    }

    #[test]
    fn nothing_is_scratch() {
        assert_eq!(text(&State::scratch()), "scratch\n");
    }

    #[test]
    fn names_that_were_given_are_shown() {
        let state = State::scratch().file(FileAction::mkdir("/a", 0o755).named("prepare"));
        assert_eq!(text(&state), "#1 file prepare\n  mkdir /a\n");
    }

    #[test]
    fn depth_is_no_recursion() {
        let mut state = State::local("x");
        for _ in 0..10_000 {
            state = State::diff(&State::local("y"), &state);
        }
        assert!(text(&state).lines().count() >= 10_000);
    }
}
