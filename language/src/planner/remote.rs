//! Remote sources in steps and in `from`.

use buildkit_llb::{GitRemote, Http};
use stagefile_text::paths;

use super::Planner;
use super::step::FILE_MODE;
use super::values::inside;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Fetch, Git, GitSource, HttpSource, is_directory};
use crate::source::{Span, Spanned};
use crate::syntax::{self, GitOrigin, HttpOrigin};
use crate::value::{CHECKSUM, COMMIT, MODE};

/// The name of a download without any other name.
const FILE: &str = "file";
/// The name of a downloaded archive, which isn't visible.
const ARCHIVE: &str = "archive";

/// Whether the URL of a repository may include a ref and a subdirectory, like Docker's URLs: `#REF:SUBDIR`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fragment {
    Allowed,
    Refused,
}

impl Planner<'_> {
    pub(super) fn fetch(&mut self, fetch: &syntax::Fetch) -> Option<Fetch> {
        let to = self.optional_path(fetch.to.as_ref());
        let owner = self.owner(fetch.owner.as_ref());
        let mode = self.value("mode", fetch.mode.as_ref(), &MODE);
        let unpack = self.flag("unpack", fetch.source.unpack.as_ref());
        if let Some(text) = fetch.mode.as_ref().filter(|_| unpack) {
            self.found
                .push(diagnostics::exclusive("mode", "unpack", text.span()));
        }
        let mut source = self.download("fetch", &fetch.source, unpack)?;
        let url = fetch.source.url.span();
        if fetch.source.checksum.is_none() {
            self.found
                .push(diagnostics::unpinned_download(&source.url, url));
        }
        if source.filename.is_empty() {
            let named = to.as_deref().is_some_and(|to| !is_directory(to));
            if !named && !unpack {
                let reason = "it has no file's name at its end; say one with `to`";
                self.found.push(diagnostics::invalid_address(
                    "fetch",
                    &source.url,
                    reason,
                    url,
                ));
            }
            // It is used if the destination turns out to be a directory.
            let name = to.as_deref().map(paths::name);
            let name = name.filter(|name| !name.is_empty()).unwrap_or(FILE);
            name.clone_into(&mut source.filename);
        }
        Some(Fetch {
            source,
            to,
            owner,
            mode: mode.unwrap_or(FILE_MODE),
        })
    }

    pub(super) fn git(&mut self, git: &syntax::Git) -> Option<Git> {
        let to = self.optional_path(git.to.as_ref());
        let source = self.git_source(&git.source, Fragment::Refused)?;
        let agent = git.source.ssh.as_ref().or(git.source.known_hosts.as_ref());
        let value = source.ssh.as_ref().or(source.known_hosts.as_ref());
        if let Some((text, value)) = agent.zip(value)
            && GitRemote::parse(&source.url).is_ok_and(|remote| !remote.is_ssh())
        {
            let wanted = "for repositories that are reached by SSH, such as `git@example.com:group/name.git`";
            let error = diagnostics::invalid_value("ssh", value, text.span(), wanted);
            self.found.push(error);
        }
        Some(Git { source, to })
    }

    pub(super) fn http_source(&mut self, http: &HttpOrigin) -> Option<HttpSource> {
        let unpack = self.flag("unpack", http.unpack.as_ref());
        let filename = http.filename.as_ref().map(|text| self.filename(text));
        let mut source = self.download("http", http, unpack)?;
        if let Some(filename) = filename {
            source.filename = filename?;
        }
        if source.filename.is_empty() {
            if !unpack {
                let error = diagnostics::nameless_download(&source.url, http.url.span());
                self.found.push(error);
                return None;
            }
            ARCHIVE.clone_into(&mut source.filename);
        }
        Some(source)
    }

    /// Evaluates the options of a file on a server. Its name is the one at the end of the URL, or empty.
    fn download(&mut self, kind: &str, http: &HttpOrigin, unpack: bool) -> Option<HttpSource> {
        let url = self.text(&http.url);
        let checksum = self.value("checksum", http.checksum.as_ref(), &CHECKSUM);
        let url = url?;
        let checked = file_name(&url.value).map_err(str::to_owned);
        let checked = checked.and_then(|name| match Http::new(&url.value) {
            Ok(_) => Ok(name),
            Err(error) => Err(error.to_string()),
        });
        match checked {
            Ok(name) => Some(HttpSource {
                url: url.value,
                checksum,
                filename: name.unwrap_or_default(),
                unpack,
            }),
            Err(reason) => {
                self.found.push(diagnostics::invalid_address(
                    kind, &url.value, &reason, url.span,
                ));
                None
            }
        }
    }

    fn filename(&mut self, text: &Text) -> Option<String> {
        let name = self.text(text)?;
        if name.value.contains(['/', '\0']) || matches!(name.value.as_str(), "" | "." | "..") {
            self.refuse("filename", &name, "a name without slashes");
            return None;
        }
        Some(name.value)
    }

    /// Evaluates the options of a repository.
    pub(super) fn git_source(&mut self, git: &GitOrigin, fragment: Fragment) -> Option<GitSource> {
        let url = self.text(&git.url);
        let url = url.filter(|url| self.is_repository(url, fragment));
        let written = url.as_ref().map_or("", |url| url.value.as_str());
        let (remote, said) = written.split_once('#').unwrap_or((written, ""));
        let (reference, subdir) = said.split_once(':').unwrap_or((said, ""));
        let address = git.url.span();
        let reference = self.once("ref", git.reference.as_ref(), reference, address);
        if let Some(reference) = &reference {
            let is_odd = |letter: char| letter == ':' || letter.is_control();
            if reference.value.starts_with('-') || reference.value.contains(is_odd) {
                let wanted =
                    "a branch, a tag or a commit, without `-` at its beginning and without `:`";
                self.refuse("ref", reference, wanted);
            }
        }
        let subdir = self.once("subdir", git.subdir.as_ref(), subdir, address);
        if let Some(text) = &git.subdir {
            self.check_shell_path(text);
        }
        let subdir = subdir.and_then(|path| {
            let inside = inside(&path.value);
            let reason = match &inside {
                None => "it lies outside the repository",
                Some(path) if path.contains(char::is_control) => "it holds a control character",
                Some(path) => return Some(path.trim_matches('/').to_owned()),
            };
            let error = diagnostics::invalid_path(&path.value, path.span, reason);
            self.found.push(error);
            None
        });
        let checksum = self.spanned("checksum", git.checksum.as_ref(), &COMMIT);
        if let Some(checksum) = &checksum {
            let reference = reference.as_ref().map(|one| one.value.as_str());
            self.check_same_commit(reference, checksum);
        }
        let ssh = self.optional(git.ssh.as_ref());
        let known_hosts = self.optional(git.known_hosts.as_ref());
        let named = ssh.iter().chain(&known_hosts);
        for text in named.filter(|text| text.value.contains('\0')) {
            let error = diagnostics::zero_byte("what SSH is given", text.span);
            self.found.push(error);
        }
        let keep_git = self.flag("keep-git", git.keep_git.as_ref());
        let submodules =
            git.submodules.is_none() || self.flag("submodules", git.submodules.as_ref());
        url.is_some().then(|| GitSource {
            url: remote.to_owned(),
            reference: reference.map(|text| text.value),
            subdir: subdir.filter(|path| !path.is_empty()),
            checksum: checksum.map(|text| text.value),
            keep_git,
            submodules,
            ssh: ssh.map(|text| text.value),
            known_hosts: known_hosts.map(|text| text.value),
        })
    }

    /// Reports whether a text is the URL of a repository.
    fn is_repository(&mut self, url: &Spanned<String>, fragment: Fragment) -> bool {
        let reason = match GitRemote::parse(&url.value) {
            Ok(remote)
                if fragment == Fragment::Refused
                    && (remote.fragment().is_some() || remote.query().is_some()) =>
            {
                "what is taken from it is said by the keys `ref` and `subdir`, not after `#` or `?`"
                    .to_owned()
            }
            Ok(remote) if remote.query().is_some() => {
                "of a query nothing is read; write `ref` and the other options".to_owned()
            }
            Ok(_) => return true,
            Err(error) => error.to_string(),
        };
        self.found.push(diagnostics::invalid_address(
            "git", &url.value, &reason, url.span,
        ));
        false
    }

    /// Returns a value from the option, or from the fragment of the URL; only one of them may set it. An empty one
    /// counts as missing.
    fn once(
        &mut self,
        key: &str,
        option: Option<&Text>,
        fragment: &str,
        address: Span,
    ) -> Option<Spanned<String>> {
        let option = self.optional(option);
        if let Some(option) = option.as_ref().filter(|_| !fragment.is_empty()) {
            self.found
                .push(diagnostics::said_by_the_address(key, fragment, option.span));
        }
        let said = option.unwrap_or_else(|| Spanned::new(fragment.to_owned(), address));
        Some(said).filter(|said| !said.value.is_empty())
    }

    /// Refuses a checksum that differs from the commit given as the ref.
    fn check_same_commit(&mut self, reference: Option<&str>, checksum: &Spanned<String>) {
        let commit =
            reference.filter(|one| matches!(one.len(), 40 | 64) && (COMMIT.form.accepts)(one));
        if let Some(commit) =
            commit.filter(|commit| !commit.to_ascii_lowercase().starts_with(&checksum.value))
        {
            let wanted = format!("the commit that `ref` names, `{commit}`, or its first digits");
            self.refuse("checksum", checksum, &wanted);
        }
    }
}

/// Validates an HTTP URL, and returns the name at the end of its path, if it is a valid file name.
fn file_name(url: &str) -> Result<Option<String>, &'static str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let rest = rest.ok_or("it begins with `https://` or `http://`")?;
    if url
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err("it contains a space; write `%20`");
    }
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (host, path) = rest[..end].split_once('/').unwrap_or((&rest[..end], ""));
    if host.is_empty() || host.starts_with(':') {
        return Err("it names no host");
    }
    if host.contains('@') {
        return Err(
            "a password has no place in it, since everybody could read it in the history; the secrets `HTTP_AUTH_TOKEN_HOST` and `HTTP_AUTH_HEADER_HOST` are used instead",
        );
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let name =
        percent_decoded(last).ok_or("a `%` in it isn't followed by two hexadecimal digits")?;
    let usable = !matches!(name.as_str(), "" | "." | "..") && !name.contains(['/', '\0']);
    Ok(usable.then_some(name))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, tail) = tail.split_first_chunk::<2>()?;
        rest = tail;
        let digits = str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_the_end_of_urls() {
        for (url, expected) in [
            (
                "https://example.com/a/tool-1.0.tar.gz",
                Some("tool-1.0.tar.gz"),
            ),
            ("http://127.0.0.1:80/x?y=/z#w", Some("x")),
            ("https://example.com/a%20b", Some("a b")),
            ("https://example.com", None),
            ("https://example.com/a/", None),
            ("https://example.com/?a", None),
            ("https://example.com/a/..", None),
            ("https://example.com/a%2Fb", None),
        ] {
            assert_eq!(file_name(url), Ok(expected.map(str::to_owned)), "{url}");
        }
        for url in [
            "",
            "example.com/a",
            "ftp://example.com/a",
            "https://",
            "https:///a",
            "https://:80/a",
            "https://a b/c",
            "https://user:word@example.com/a",
            "https://example.com/%zz",
            "https://example.com/%2",
        ] {
            assert!(file_name(url).is_err(), "{url}");
        }
    }
}
