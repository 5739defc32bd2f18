//! Checks of file operations (`solver/llbsolver/ops/file.go`, `solver/llbsolver/file`).

use buildkit_proto::ops::{self, file_action::Action, user_opt::User};

use super::{Check, Problem, grammar};
use crate::path;

impl Check {
    pub(super) fn file(&mut self, file: &ops::FileOp, inputs: usize) {
        if file.actions.is_empty() {
            self.refuse(format_args!("file.actions"), Problem::Empty);
        }
        let mut outputs: Vec<i64> = Vec::new();
        for (number, action) in file.actions.iter().enumerate() {
            // Inputs come first, then the results of earlier actions.
            let places = inputs + number;
            let field = format_args!("file.actions[{number}].input");
            self.index_or_none(field, action.input, places);
            let field = format_args!("file.actions[{number}].secondaryInput");
            self.index_or_none(field, action.secondary_input, places);
            if action.output != -1 {
                outputs.push(action.output);
            }
            match &action.action {
                None => self.refuse(format_args!("file.actions[{number}]"), Problem::Empty),
                Some(one) => self.action(number, one, places),
            }
        }
        outputs.sort_unstable();
        let counted = outputs.iter().copied().eq((0..).take(outputs.len()));
        let rule = "must number their outputs from 0, each once, and have one";
        let numbered = file.actions.is_empty() || (counted && !outputs.is_empty());
        self.rule(format_args!("file.actions"), numbered, rule);
    }

    fn action(&mut self, number: usize, action: &Action, places: usize) {
        match action {
            Action::Copy(copy) => self.copy(number, copy, places),
            Action::Mkfile(mkfile) => {
                self.made(
                    format_args!("file.actions[{number}].mkfile.path"),
                    &mkfile.path,
                );
                self.mode(
                    format_args!("file.actions[{number}].mkfile.mode"),
                    mkfile.mode.into(),
                );
                self.owner(number, mkfile.owner.as_ref(), places);
            }
            Action::Mkdir(mkdir) => {
                self.required(
                    format_args!("file.actions[{number}].mkdir.path"),
                    &mkdir.path,
                );
                self.mode(
                    format_args!("file.actions[{number}].mkdir.mode"),
                    mkdir.mode.into(),
                );
                self.owner(number, mkdir.owner.as_ref(), places);
            }
            Action::Rm(rm) => {
                let field = format_args!("file.actions[{number}].rm.path");
                if rm.allow_wildcard {
                    self.required(field, &rm.path);
                    self.pattern(field, &rm.path);
                } else {
                    self.made(field, &rm.path);
                }
            }
            Action::Symlink(link) => {
                self.required(
                    format_args!("file.actions[{number}].symlink.oldpath"),
                    &link.oldpath,
                );
                self.made(
                    format_args!("file.actions[{number}].symlink.newpath"),
                    &link.newpath,
                );
                self.owner(number, link.owner.as_ref(), places);
            }
        }
    }

    fn copy(&mut self, number: usize, copy: &ops::FileActionCopy, places: usize) {
        let source = format_args!("file.actions[{number}].copy.src");
        self.text(source, &copy.src);
        if copy.allow_wildcard {
            self.pattern(source, &copy.src);
        }
        self.text(format_args!("file.actions[{number}].copy.dest"), &copy.dest);
        if copy.mode_str.is_empty() {
            if copy.mode != -1 {
                self.mode(
                    format_args!("file.actions[{number}].copy.mode"),
                    copy.mode.into(),
                );
            }
        } else {
            let field = format_args!("file.actions[{number}].copy.modeStr");
            let valid = grammar::is_mode(&copy.mode_str);
            self.form(field, valid, &copy.mode_str, "mode such as `u=rwX,go=rX`");
        }
        let lists = [
            ("include_patterns", &copy.include_patterns),
            ("exclude_patterns", &copy.exclude_patterns),
        ];
        for (name, patterns) in lists {
            for (index, pattern) in patterns.iter().enumerate() {
                let field = format_args!("file.actions[{number}].copy.{name}[{index}]");
                self.text(field, pattern);
                self.ignore_pattern(field, pattern);
            }
        }
        for (index, path) in copy.required_paths.iter().enumerate() {
            self.text(
                format_args!("file.actions[{number}].copy.required_paths[{index}]"),
                path,
            );
        }
        self.owner(number, copy.owner.as_ref(), places);
    }

    /// Checks the path of a file that is created or removed, which can't be the root of a file
    /// system.
    fn made(&mut self, field: std::fmt::Arguments<'_>, path: &str) {
        self.required(field, path);
        if !path.is_empty() && path::join(&["/", path]) == "/" {
            self.refuse(field, Problem::Root);
        }
    }

    fn pattern(&mut self, field: std::fmt::Arguments<'_>, pattern: &str) {
        self.form(
            field,
            grammar::is_pattern(pattern),
            pattern,
            "pattern of paths",
        );
    }

    /// Checks a pattern in `.dockerignore` syntax.
    pub(super) fn ignore_pattern(&mut self, field: std::fmt::Arguments<'_>, pattern: &str) {
        let trimmed = pattern.trim();
        let positive = trimmed.strip_prefix('!').unwrap_or(trimmed);
        let valid = trimmed != "!" && grammar::is_pattern(positive);
        self.form(field, valid, pattern, "pattern of paths");
    }

    fn owner(&mut self, number: usize, owner: Option<&ops::ChownOpt>, places: usize) {
        let Some(owner) = owner else { return };
        for (name, user) in [("user", &owner.user), ("group", &owner.group)] {
            let Some(User::ByName(named)) = user.as_ref().and_then(|user| user.user.as_ref())
            else {
                continue;
            };
            let field = format_args!("file.actions[{number}].owner.{name}");
            self.required(field, &named.name);
            if named.input == -1 {
                let rule = "must be a number where the file system is empty, which has no names";
                self.rule(field, false, rule);
            } else {
                self.index(field, named.input, places);
            }
        }
    }
}
