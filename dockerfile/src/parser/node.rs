//! One instruction, split into its parts.

use std::borrow::Cow;

use super::heredoc::Heredoc;
use super::words;
use crate::case;
use crate::instruction::Pair;
use crate::lines::Lines;
use crate::text::Text;

/// An instruction, split into its parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The keyword, as written.
    pub keyword: Cow<'static, str>,
    /// The keyword in upper case; empty if it is unknown.
    pub name: &'static str,
    /// The flags before the arguments, unquoted, including the dashes.
    pub flags: Vec<Text>,
    /// The arguments, except for `ENV` and `LABEL`.
    pub args: Vec<Text>,
    /// The arguments of `ENV` and `LABEL`.
    pub pairs: Vec<Pair>,
    /// Whether the arguments are a JSON array.
    pub json: bool,
    /// The trigger of `ONBUILD`.
    pub trigger: Option<Box<Node>>,
    /// The heredocs after it.
    pub heredocs: Vec<Heredoc>,
    /// The full text, with continuation lines joined.
    pub original: Text,
    /// The comments directly before it.
    pub comments: Vec<String>,
    /// The lines of the instruction, including heredocs.
    pub lines: Lines,
}

impl Node {
    /// Splits an instruction.
    pub(super) fn read(line: &Text, escape: char, comments: Vec<String>) -> Result<Self, String> {
        let (keyword, rest) = words::split_blank(line.trim());
        let (flags, args) = match rest {
            None => (Vec::new(), Text::default()),
            Some(rest) => words::split_flags(&line.part(rest), escape),
        };
        let args = args.part(args.trim());
        let name = case::keyword(keyword).unwrap_or_default();
        let mut node = Self {
            keyword: if keyword == name {
                Cow::Borrowed(name)
            } else {
                Cow::Owned(keyword.to_owned())
            },
            name,
            flags,
            original: line.clone(),
            comments,
            ..Self::default()
        };
        match name {
            "ADD" | "COPY" | "VOLUME" => (node.args, node.json) = words::json_or_list(&args)?,
            "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" => {
                (node.args, node.json) = words::json_or_text(&args)?;
            }
            "HEALTHCHECK" => (node.args, node.json) = words::healthcheck(&args)?,
            "ENV" | "LABEL" => node.pairs = words::pairs(&args, name, escape)?,
            "ARG" => {
                let words = words::quoted(&args, escape).into_iter();
                node.args = words.map(|word| args.part(word)).collect();
            }
            "EXPOSE" | "FROM" => node.args = words::list(&args),
            "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR" => {
                node.args = Some(args)
                    .filter(|args| !args.is_empty())
                    .into_iter()
                    .collect();
            }
            "ONBUILD" if !args.is_empty() => {
                let trigger = Self::read_trigger(&args, escape)?;
                node.args = vec![args.part(words::split_blank(&args).0)];
                node.trigger = Some(Box::new(trigger));
            }
            _ => {}
        }
        Ok(node)
    }

    /// Splits the trigger of `ONBUILD`. A trigger of a trigger isn't split, since it is refused anyway.
    fn read_trigger(line: &Text, escape: char) -> Result<Self, String> {
        let (keyword, _) = words::split_blank(line.trim());
        if keyword.eq_ignore_ascii_case("onbuild") {
            return Ok(Self {
                keyword: Cow::Owned(keyword.to_owned()),
                ..Self::default()
            });
        }
        Self::read(line, escape, Vec::new())
    }

    /// Reports whether the instruction can have heredocs.
    pub(super) fn can_have_heredocs(&self) -> bool {
        let node = self.trigger.as_deref().unwrap_or(self);
        matches!(node.name, "ADD" | "COPY" | "RUN") && !node.json
    }
}
