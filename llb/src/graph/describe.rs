//! Names and summaries of operations (`solver/llbsolver/vertex.go`).

use buildkit_proto::ops::{self, file_action, op::Op};

use crate::platform::Platform;

/// Returns the name that the daemon gives an operation.
pub(super) fn name(op: &ops::Op) -> String {
    match &op.op {
        None => String::new(),
        Some(Op::Source(source)) => source.identifier.clone(),
        Some(Op::Exec(exec)) => exec
            .meta
            .as_ref()
            .map(|meta| meta.args.join(" "))
            .unwrap_or_default(),
        Some(Op::File(file)) => {
            let actions: Vec<String> = file.actions.iter().map(action).collect();
            actions.join(", ")
        }
        Some(Op::Build(_)) => "build".to_owned(),
        Some(Op::Merge(merge)) => format!("merge {}", merge.inputs.len()),
        Some(Op::Diff(_)) => "diff".to_owned(),
        Some(Op::Passthrough(passthrough)) => format!("passthrough {}", passthrough.id),
    }
}

/// Returns the kind of an operation: the name of the field of `Op` that holds it.
pub(super) fn kind(op: &ops::Op) -> &'static str {
    match &op.op {
        None => "unknown",
        Some(Op::Source(_)) => "source",
        Some(Op::Exec(_)) => "exec",
        Some(Op::File(_)) => "file",
        Some(Op::Build(_)) => "build",
        Some(Op::Merge(_)) => "merge",
        Some(Op::Diff(_)) => "diff",
        Some(Op::Passthrough(_)) => "passthrough",
    }
}

/// Returns the name that the daemon gives a file action.
pub(super) fn action(action: &ops::FileAction) -> String {
    use file_action::Action;
    match &action.action {
        None => "nothing".to_owned(),
        Some(Action::Copy(copy)) => format!("copy {} {}", copy.src, copy.dest),
        Some(Action::Mkfile(mkfile)) => format!("mkfile {}", mkfile.path),
        Some(Action::Mkdir(mkdir)) => format!("mkdir {}", mkdir.path),
        Some(Action::Rm(rm)) => format!("rm {}", rm.path),
        Some(Action::Symlink(symlink)) => {
            format!("symlink {} -> {}", symlink.newpath, symlink.oldpath)
        }
    }
}

/// Returns an operation's kind, name and platform on one line.
pub(super) fn headline(op: &ops::Op, name: &str) -> String {
    let kind = kind(op);
    // A name such as `merge 2` already includes the kind.
    let says_kind = name
        .strip_prefix(kind)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let prefix = if says_kind {
        String::new()
    } else {
        format!("{kind} ")
    };
    let platform = op.platform.as_ref().map(platform);
    let platform = platform.map(|platform| format!(" ({platform})"));
    format!(
        "{prefix}{}{}",
        printable(name),
        platform.unwrap_or_default()
    )
}

fn platform(platform: &ops::Platform) -> Platform {
    Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
        os_version: platform.os_version.clone(),
        os_features: platform.os_features.clone(),
    }
}

/// Makes a string fit on one line of a terminal: control characters and non-characters are escaped,
/// and line ends are replaced by a symbol.
pub(super) fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => line.push('⏎'),
            '\'' | '"' | '\\' => line.push(character),
            other => line.extend(other.escape_debug()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_safe_from_names() {
        assert_eq!(printable("a\nb\t'\"\\"), "a⏎b\\t'\"\\");
        assert_eq!(
            printable("\u{1b}[31mé\u{10ffff}"),
            "\\u{1b}[31mé\\u{10ffff}"
        );
    }
}
