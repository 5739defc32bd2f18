//! Repositories and files on servers, in steps and in `from`.

use super::{Fields, Reader};
use crate::expression::Text;
use crate::syntax::keys::{FETCH, GIT, GIT_SSH};
use crate::syntax::tree::Value;
use crate::syntax::{Action, Fetch, Git, GitOrigin, HttpOrigin};

impl Reader<'_> {
    pub(super) fn fetch(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let url = self.string_of(fields, FETCH.main());
        let to = self.string_of(fields, "to");
        let owner = self.string_of(fields, "owner");
        let mode = self.string_of(fields, "mode");
        Some(Action::Fetch(Box::new(Fetch {
            source: self.http(fields, url?),
            to,
            owner,
            mode,
        })))
    }

    pub(super) fn git_step(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let url = self.string_of(fields, GIT.main());
        let to = self.string_of(fields, "to");
        let source = self.git(fields, url?)?;
        Some(Action::Git(Box::new(Git { source, to })))
    }

    /// Reads the options of a file on a server, except its name.
    pub(super) fn http(&mut self, fields: &Fields<'_>, url: Text) -> HttpOrigin {
        HttpOrigin {
            url,
            checksum: self.string_of(fields, "checksum"),
            filename: None,
            unpack: self.string_of(fields, "unpack"),
        }
    }

    /// Reads the options of a repository.
    pub(super) fn git(&mut self, fields: &Fields<'_>, url: Text) -> Option<GitOrigin> {
        let (ssh, known_hosts) = match fields.get("ssh") {
            Some(node) if matches!(node.value, Value::Mapping(_)) => {
                let access = self.fields(node, &GIT_SSH)?;
                let id = self.string_of(&access, "id");
                (id, self.string_of(&access, "known-hosts"))
            }
            _ => (self.string_of(fields, "ssh"), None),
        };
        Some(GitOrigin {
            url,
            reference: self.string_of(fields, "ref"),
            subdir: self.string_of(fields, "subdir"),
            checksum: self.string_of(fields, "checksum"),
            keep_git: self.string_of(fields, "keep-git"),
            submodules: self.string_of(fields, "submodules"),
            ssh,
            known_hosts,
        })
    }
}
