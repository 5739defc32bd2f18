//! The time of an archive whose server reports none.

use buildkit_llb::{Copy, FileAction, State};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::contexts::Contexts;
use crate::capability::table;
use crate::client::{FileKind, Ref, Stat};
use crate::error::Error;

/// The path at which an archive is unpacked for inspection.
const UNPACKED: &str = "/unpacked";

/// The number of directories that are listed concurrently.
const AT_ONCE: usize = 32;

const NANOSECONDS: i64 = 1_000_000_000;

impl Contexts {
    /// Returns the time of the last change of the newest file in an archive, in seconds since 1970; `None` if the file
    /// isn't an archive.
    ///
    /// The daemon unpacks the archive, since it supports all kinds of compression and has to unpack it for the build
    /// anyway.
    pub(super) async fn newest_in(
        &self,
        source: &State,
        filename: &str,
    ) -> Result<Option<i64>, Error> {
        // A file that isn't an archive is copied, and takes the place of the directory.
        let unpack = Copy::new(source, format!("/{filename}"), UNPACKED).unpack();
        let unpacked = State::scratch().file(FileAction::from(unpack));
        let gateway = &self.client.capabilities().gateway;
        if !gateway.supports(&table::READ_DIR) || !gateway.supports(&table::STAT_FILE) {
            return Ok(None);
        }
        let Some(files) = self.solve(&unpacked).await? else {
            return Ok(None);
        };
        if !files.stat_file(UNPACKED).await?.is_directory() {
            return Ok(None);
        }
        newest(&files, UNPACKED).await
    }

    /// Returns the time of the last change of the newest of some files, in seconds since 1970.
    pub(super) async fn newest_of(&self, files: &State) -> Result<Option<i64>, Error> {
        if !self
            .client
            .capabilities()
            .gateway
            .supports(&table::READ_DIR)
        {
            return Ok(None);
        }
        match self.solve(files).await? {
            None => Ok(None),
            Some(files) => newest(&files, "/").await,
        }
    }
}

/// Looks at all regular files below a directory, level by level.
async fn newest(files: &Ref, root: &str) -> Result<Option<i64>, Error> {
    let mut newest = None;
    let mut level = vec![root.to_owned()];
    while !level.is_empty() {
        let listings = level.into_iter().map(async |directory| {
            let entries = files.read_dir(&directory, "").await?;
            Ok::<_, Error>((directory, entries))
        });
        let listings = stream::iter(listings).buffer_unordered(AT_ONCE);
        let listings: Vec<(String, Vec<Stat>)> = listings.try_collect().await?;
        level = Vec::new();
        for (directory, entries) in listings {
            for entry in entries {
                match entry.kind {
                    FileKind::Regular => newest = newest.max(Some(entry.modified)),
                    FileKind::Directory => {
                        let directory = directory.trim_end_matches('/');
                        level.push(format!("{directory}/{}", entry.path));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(newest.map(|time| time.div_euclid(NANOSECONDS)))
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Http;
    use buildkit_proto::gateway::ResolveSourceMetaResponse;

    use crate::context::Contexts;
    use crate::options::Options;
    use crate::testkit::Daemon;

    const URL: &str = "https://example.com/a.tar.gz";

    /// Returns the time of a file whose server reports none.
    async fn epoch(daemon: &Daemon) -> Option<i64> {
        let client = daemon.connect().await.unwrap();
        let options = Options::default();
        let contexts = Contexts::find(&client, &options, "session").await.unwrap();
        let source = Http::new(URL).unwrap().filename("a.tar.gz").into_state();
        contexts.epoch_of(&source, "looking").await.unwrap()
    }

    fn archive() -> Daemon {
        let files = [
            ("old", 5_000_000_000),
            ("a/b/newest", 9_999_999_999),
            ("a/older", 7_000_000_000),
        ];
        server().archive(URL, files)
    }

    /// A daemon that only knows that the file exists.
    fn server() -> Daemon {
        Daemon::new().metadata(URL, ResolveSourceMetaResponse::default())
    }

    #[tokio::test]
    async fn the_newest_file_of_an_archive_gives_the_time() {
        assert_eq!(epoch(&archive()).await, Some(9));
    }

    /// As in Git, a second begins at its first nanosecond, also before 1970.
    #[tokio::test]
    async fn a_time_is_that_of_the_second_that_it_is_in() {
        let old = server().archive(URL, [("a", -1)]);
        assert_eq!(epoch(&old).await, Some(-1));
    }

    #[tokio::test]
    async fn what_is_no_archive_has_no_time() {
        let daemon = server().source(URL, [("a.tar.gz", "text")]);
        assert_eq!(epoch(&daemon).await, None);
    }

    #[tokio::test]
    async fn a_daemon_that_lists_no_directories_gives_no_time() {
        for lacking in ["readdir", "statfile"] {
            assert_eq!(epoch(&archive().without([lacking])).await, None);
        }
    }

    #[tokio::test]
    async fn an_archive_that_is_the_build_context_gives_the_time() {
        let magic = [0x1f, 0x8b, 0x08, 0].as_slice();
        let daemon = archive().source(URL, [("context", magic)]);
        let client = daemon.connect().await.unwrap();
        let mut options = Options::default();
        options.files.context = Some(URL.to_owned());
        options.files.context_subdir = Some("a".to_owned());
        let contexts = Contexts::find(&client, &options, "session").await.unwrap();
        assert_eq!(contexts.epoch().await.unwrap(), Some(9));
    }
}
