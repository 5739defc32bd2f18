//! One instruction, split into its parts.

use std::borrow::Cow;

use super::heredoc::Heredoc;
use super::words;
use crate::case;
use crate::instruction::Pair;
use crate::lines::Lines;

/// An instruction, split into its parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The keyword, as it is written.
    pub keyword: Cow<'static, str>,
    /// The keyword in upper case; empty if it is none that is known.
    pub name: &'static str,
    /// The flags before the arguments, unquoted, each with its dashes.
    pub flags: Vec<String>,
    /// The arguments, of all but `ENV` and `LABEL`.
    pub args: Vec<String>,
    /// The arguments of `ENV` and `LABEL`.
    pub pairs: Vec<Pair>,
    /// Whether the arguments are a JSON array.
    pub json: bool,
    /// The instruction that `ONBUILD` holds.
    pub trigger: Option<Box<Node>>,
    /// The heredocs behind it.
    pub heredocs: Vec<Heredoc>,
    /// The whole text, with continuation lines joined.
    pub original: String,
    /// The comments right before it.
    pub comments: Vec<String>,
    /// Where it is, heredocs included.
    pub lines: Lines,
}

impl Node {
    /// Splits an instruction. Its text is left to the caller to put in.
    pub(super) fn read(line: &str, escape: char, comments: Vec<String>) -> Result<Self, String> {
        let (keyword, rest) = words::split_blank(line.trim());
        let (flags, args) = match rest {
            None => (Vec::new(), Cow::Borrowed("")),
            Some(rest) => words::split_flags(rest, escape),
        };
        let args = args.trim();
        let name = case::keyword(keyword).unwrap_or_default();
        let mut node = Self {
            keyword: if keyword == name {
                Cow::Borrowed(name)
            } else {
                Cow::Owned(keyword.to_owned())
            },
            name,
            flags,
            comments,
            ..Self::default()
        };
        match name {
            "ADD" | "COPY" | "VOLUME" => (node.args, node.json) = words::json_or_list(args)?,
            "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" => {
                (node.args, node.json) = words::json_or_text(args)?;
            }
            "HEALTHCHECK" => (node.args, node.json) = words::healthcheck(args)?,
            "ENV" | "LABEL" => node.pairs = words::pairs(args, name, escape)?,
            "ARG" => {
                let words = words::quoted(args, escape).into_iter();
                node.args = words.map(str::to_owned).collect();
            }
            "EXPOSE" | "FROM" => node.args = words::list(args),
            "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR" => {
                node.args = Some(args)
                    .filter(|args| !args.is_empty())
                    .map(str::to_owned)
                    .into_iter()
                    .collect();
            }
            "ONBUILD" if !args.is_empty() => {
                let trigger = Self::read_trigger(args, escape)?;
                node.args = vec![trigger.keyword.to_string()];
                node.trigger = Some(Box::new(trigger));
            }
            _ => {}
        }
        Ok(node)
    }

    /// Splits the instruction that `ONBUILD` holds. A trigger of a trigger is refused anyway, so it isn't split.
    fn read_trigger(line: &str, escape: char) -> Result<Self, String> {
        let (keyword, _) = words::split_blank(line.trim());
        if keyword.eq_ignore_ascii_case("onbuild") {
            return Ok(Self {
                keyword: Cow::Owned(keyword.to_owned()),
                ..Self::default()
            });
        }
        Self::read(line, escape, Vec::new())
    }

    /// Reports whether heredocs may follow.
    pub(super) fn can_have_heredocs(&self) -> bool {
        let node = self.trigger.as_deref().unwrap_or(self);
        matches!(node.name, "ADD" | "COPY" | "RUN") && !node.json
    }
}
