//! Steps that take files from the network.

use super::{Fields, Reader};
use crate::syntax::keys::{FETCH, GIT, GIT_SSH};
use crate::syntax::tree::Value;
use crate::syntax::{Action, Fetch, Git};

impl Reader<'_> {
    pub(super) fn fetch(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let url = self.text_of(fields, FETCH.main());
        let to = self.text_of(fields, "to");
        let checksum = self.text_of(fields, "checksum");
        let owner = self.text_of(fields, "owner");
        let mode = self.text_of(fields, "mode");
        let unpack = self.text_of(fields, "unpack");
        Some(Action::Fetch(Box::new(Fetch {
            url: url?,
            to,
            checksum,
            owner,
            mode,
            unpack,
        })))
    }

    pub(super) fn git(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let url = self.text_of(fields, GIT.main());
        let (ssh, known_hosts) = match fields.get("ssh") {
            Some(node) if matches!(node.value, Value::Mapping(_)) => {
                let access = self.fields(node, &GIT_SSH)?;
                let id = self.text_of(&access, "id");
                (id, self.text_of(&access, "known-hosts"))
            }
            _ => (self.text_of(fields, "ssh"), None),
        };
        let git = Git {
            reference: self.text_of(fields, "ref"),
            to: self.text_of(fields, "to"),
            subdir: self.text_of(fields, "subdir"),
            checksum: self.text_of(fields, "checksum"),
            keep_git: self.text_of(fields, "keep-git"),
            submodules: self.text_of(fields, "submodules"),
            ssh,
            known_hosts,
            url: url?,
        };
        Some(Action::Git(Box::new(git)))
    }
}
