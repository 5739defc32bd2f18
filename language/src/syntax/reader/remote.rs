//! Repositories and files on servers, in steps and in `from`.

use super::{Fields, Reader};
use crate::expression::Text;
use crate::syntax::keys::{FETCH, GIT, GIT_SSH};
use crate::syntax::tree::Value;
use crate::syntax::{Action, Fetch, Git, GitOrigin, HttpOrigin};

impl Reader<'_> {
    pub(super) fn fetch(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let url = self.text_of(fields, FETCH.main());
        let to = self.text_of(fields, "to");
        let owner = self.text_of(fields, "owner");
        let mode = self.text_of(fields, "mode");
        Some(Action::Fetch(Box::new(Fetch {
            source: self.http(fields, url?),
            to,
            owner,
            mode,
        })))
    }

    pub(super) fn git_step(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let url = self.text_of(fields, GIT.main());
        let to = self.text_of(fields, "to");
        let source = self.git(fields, url?)?;
        Some(Action::Git(Box::new(Git { source, to })))
    }

    /// Reads what is said of a file on a server, except its name.
    pub(super) fn http(&mut self, fields: &Fields<'_>, url: Text) -> HttpOrigin {
        HttpOrigin {
            url,
            checksum: self.text_of(fields, "checksum"),
            filename: None,
            unpack: self.text_of(fields, "unpack"),
        }
    }

    /// Reads what is said of a repository.
    pub(super) fn git(&mut self, fields: &Fields<'_>, url: Text) -> Option<GitOrigin> {
        let (ssh, known_hosts) = match fields.get("ssh") {
            Some(node) if matches!(node.value, Value::Mapping(_)) => {
                let access = self.fields(node, &GIT_SSH)?;
                let id = self.text_of(&access, "id");
                (id, self.text_of(&access, "known-hosts"))
            }
            _ => (self.text_of(fields, "ssh"), None),
        };
        Some(GitOrigin {
            url,
            reference: self.text_of(fields, "ref"),
            subdir: self.text_of(fields, "subdir"),
            checksum: self.text_of(fields, "checksum"),
            keep_git: self.text_of(fields, "keep-git"),
            submodules: self.text_of(fields, "submodules"),
            ssh,
            known_hosts,
        })
    }
}
