//! The summary that clients print after a build: the requirements that have passed, and what isn't pinned.
//!
//! Clients also print it with `--quiet`, where scripts read the image's digest, so it is only sent on request.

use std::collections::BTreeSet;

use buildkit_gateway::{Failure, Options};
use stagefile_language::lock::{Name, unpinned};
use stagefile_language::plan::Plan;

use super::lock::Locked;

/// The build argument that requests it.
const ARGUMENT: &str = "STAGEFILE_SUMMARY";
/// The maximum number of names that are listed.
const MAX_ITEMS: usize = 6;

/// Returns whether the client requests a summary, and removes the argument from those of the file.
pub(super) fn take(options: &mut Options) -> Result<bool, Failure> {
    match options.take_build_arg(ARGUMENT).as_deref() {
        None | Some("" | "off") => Ok(false),
        Some("on") => Ok(true),
        Some(other) => Err(Failure::new(format!(
            "{ARGUMENT} can't be `{other}`: it is `on` or `off`"
        ))),
    }
}

/// Summarizes a build of a Stagefile; `None` if there is nothing to report.
pub(super) fn of_plans<'a>(
    plans: impl Iterator<Item = &'a Plan> + Clone,
    locked: &Locked,
) -> Option<String> {
    let mut passed = BTreeSet::new();
    let mut names = BTreeSet::new();
    for plan in plans {
        let order = plan.order();
        for stage in order.iter().map(|id| plan.stage(*id)) {
            let required = stage.requires.iter();
            passed.extend(required.map(|id| plan.stage(id.value).name.clone()));
            if !stage.assertions.places.is_empty() {
                passed.insert(format!("what {} asserts", stage.name));
            }
        }
        let uses = unpinned(plan, &order, []);
        names.extend(uses.into_iter().map(|one| one.what.name()));
    }
    summary(&passed, &names, locked)
}

/// Summarizes a build of a Dockerfile.
pub(super) fn of_dockerfile(locked: &Locked) -> Option<String> {
    let names = locked.seen().into_keys().collect();
    summary(&BTreeSet::new(), &names, locked)
}

fn summary(passed: &BTreeSet<String>, names: &BTreeSet<Name>, locked: &Locked) -> Option<String> {
    let mut parts = Vec::new();
    if !passed.is_empty() {
        parts.push(format!(
            "passed: {}",
            listed(passed.iter().map(String::as_str))
        ));
    }
    let is_pinned = |name: &&Name| locked.lock().is_some_and(|lock| lock.get(name).is_some());
    let loose: Vec<&Name> = names.iter().filter(|name| !is_pinned(name)).collect();
    if !loose.is_empty() {
        let lock = locked.name();
        let list = listed(loose.iter().map(|name| name.text.as_str()));
        parts.push(format!(
            "not pinned: {list} (`docker buildx build --call lock . > {lock}` pins them)"
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Lists names; if there are many, only the first ones.
fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(MAX_ITEMS);
    let names: Vec<&str> = names.take(MAX_ITEMS).collect();
    let names = names.join(", ");
    if more == 0 {
        names
    } else {
        format!("{names} and {more} more")
    }
}

#[cfg(test)]
mod tests {
    use crate::session::tests::harness::{ask, daemon, daemon_of};

    const FILE: &str = "
stages:
  test:
    from: busybox:1.35
    steps: [{ run: true }]
  app:
    from: busybox:1.35
    requires: [test]
    assert: { files: { /bin/sh: exists } }
";

    async fn said(file: &str, mode: &str) -> Option<String> {
        let is_dockerfile = file.starts_with("FROM");
        let name = if is_dockerfile {
            "Dockerfile"
        } else {
            "Stagefile"
        };
        let daemon = daemon_of(name, file);
        let options = [("build-arg:STAGEFILE_SUMMARY", mode)];
        let built = ask(&daemon, &options[..usize::from(!mode.is_empty())]).await;
        let built = built.unwrap_or_else(|failure| panic!("{failure}"));
        let message = built.metadata.get("frontend.result.inlinemessage");
        message.map(|message| String::from_utf8(message.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn who_asks_is_told_what_passed_and_what_nothing_pins() {
        let pin = "`docker buildx build --call lock . > Stagefile.lock` pins them";
        assert_eq!(
            said(FILE, "on").await.expect("a line"),
            format!("passed: test, what app asserts; not pinned: busybox:1.35 ({pin})")
        );
        assert_eq!(said(FILE, "off").await, None);
        assert_eq!(said(FILE, "").await, None);
        assert_eq!(
            said("FROM busybox:1.35\n", "on").await.expect("a line"),
            format!(
                "not pinned: busybox:1.35 ({})",
                pin.replace("Stagefile", "Dockerfile")
            )
        );
        assert_eq!(said("stages: { app: { from: scratch } }", "on").await, None);
        let daemon = daemon(FILE);
        let failure = ask(&daemon, &[("build-arg:STAGEFILE_SUMMARY", "yes")]).await;
        assert!(
            failure
                .expect_err("a mistake")
                .message()
                .contains("it is `on` or `off`")
        );
    }

    #[tokio::test]
    async fn what_the_lock_pins_is_left_out_and_of_many_names_the_first_are_listed() {
        let digest = format!("sha256:{}", "1".repeat(64));
        let names: Vec<String> = (1..=8).map(|number| format!("image:{number}")).collect();
        let stages = names.iter().enumerate();
        let stages = stages.map(|(index, name)| format!("  s{index}: {{ from: '{name}' }}\n"));
        let stages = stages.collect::<Vec<_>>().concat();
        let requires = "  app: { from: scratch, requires: [s0, s1, s2, s3, s4, s5, s6, s7] }\n";
        let file = format!("stages:\n{stages}{requires}");
        let config = r#"{"architecture":"amd64","os":"linux"}"#;
        let lock = format!("images: {{ 'image:1': {digest} }}");
        let daemon = names.iter().fold(daemon(&file), |daemon, name| {
            daemon.image(&format!("docker.io/library/{name}"), &digest, config)
        });
        let pinned = format!("docker.io/library/image:1@{digest}");
        let daemon = daemon.image(&pinned, &digest, config).local(
            "dockerfile",
            [("Stagefile", file), ("Stagefile.lock", lock)],
        );
        let built = ask(&daemon, &[("build-arg:STAGEFILE_SUMMARY", "on")]).await;
        let built = built.unwrap_or_else(|failure| panic!("{failure}"));
        let message = built.metadata["frontend.result.inlinemessage"].clone();
        let message = String::from_utf8_lossy(&message).into_owned();
        let listed = "image:2, image:3, image:4, image:5, image:6, image:7 and 1 more";
        assert!(
            message.contains(&format!("not pinned: {listed} (")),
            "{message}"
        );
        assert!(
            message.contains("passed: s0, s1, s2, s3, s4, s5 and 2 more"),
            "{message}"
        );
    }
}
