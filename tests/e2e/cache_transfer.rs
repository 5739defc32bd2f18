//! Tests of `--target @caches` and the context `caches`, which transfer caches between machines as files.
//!
//! Cache namespaces stand in for machines: one has none of the caches of another.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use stagefile_tests::{Build, Files, Image, Outcome, Project};
use tempfile::TempDir;

/// Builds a project on a machine of this name, of which each project has its own.
fn on(machine: &str, project: &Project) -> Build {
    let namespace = format!("{machine}-{}", project.token());
    project
        .build()
        .build_arg("BUILDKIT_CACHE_MOUNT_NS", &namespace)
}

/// Saves the caches of a project with a build.
#[track_caller]
fn export(build: Build) -> (TempDir, Files, Outcome) {
    let (files, outcome) = build.target("@caches").files_and_outcome();
    let directory = tempfile::tempdir().expect("a temporary folder can be made");
    for path in files.paths() {
        let file = directory.path().join(path);
        fs::write(file, &files.entry(path).content).expect("a file can be written");
    }
    (directory, files, outcome)
}

/// Makes a build import the caches of a directory.
fn importing(build: Build, directory: &Path) -> Build {
    build.option(format!("--build-context=caches={}", directory.display()))
}

/// Returns the one file of a directory that begins with a name.
#[track_caller]
fn archive(directory: &TempDir, name: &str) -> PathBuf {
    let entries = fs::read_dir(directory.path()).expect("a folder can be read");
    let mut paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let start = directory.path().join(name).display().to_string();
    let found = paths.find(|path| path.display().to_string().starts_with(&start));
    found.expect("the cache was saved")
}

const USED: &str = r#"
caches:
  kept-@TOKEN@: { target: /kept }
  own-@TOKEN@: { target: /own, uid: 1234, mode: "0750" }
  locked-@TOKEN@: { target: /locked, sharing: locked }
  unused-@TOKEN@: { target: /unused }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          (cd / && find kept own locked -exec stat -c '%n %a %u %F' {} + | sort) > /seen
          if [ ! -e /kept/file ]; then
            mkdir -p /kept/directory/inner
            echo content > /kept/file
            ln /kept/file /kept/directory/same
            ln -s /etc/../passwd /kept/directory/link
            chmod 2701 /kept/directory
            chown 77:78 /kept/directory/inner
            touch -d '2001-02-03 04:05:06' /kept/file
            echo mine > /own/file && chown 1234 /own/file
            echo one > /locked/file
          fi
          stat -c '%Y %h' /kept/file >> /seen
          readlink /kept/directory/link >> /seen
          : MARK @TOKEN@
        caches: [kept-@TOKEN@, own-@TOKEN@, locked-@TOKEN@]
  idle:
    from: busybox:1.35
    steps:
      - run: ls /unused
        caches: unused-@TOKEN@
"#;

#[test]
fn caches_of_one_machine_fill_those_of_another() {
    let project = Project::new(&USED.replace("MARK", "first"));
    let seen = on("first", &project).target("app").files();
    assert!(!seen.text("seen").contains("kept/file"));
    let (directory, exported, _) = export(on("first", &project));

    let token = project.token().to_owned();
    let names: Vec<String> = exported
        .paths()
        .filter(|path| !path.is_empty())
        .map(|path| path.split(&token).next().unwrap().to_owned())
        .collect();
    // New caches aren't saved.
    assert_eq!(names, ["kept-", "locked-", "own-"]);
    // The same content gives the same files.
    let (_, again, _) = export(on("first", &project));
    for path in exported.paths() {
        assert!(
            exported.entry(path).content == again.entry(path).content,
            "{path}"
        );
    }

    project.write_stagefile(&USED.replace("MARK", "second"));
    let (seen, outcome) =
        importing(on("second", &project).target("app"), directory.path()).files_and_outcome();
    assert_eq!(
        seen.text("seen"),
        "kept 755 0 directory
kept/directory 2701 0 directory
kept/directory/inner 755 77 directory
kept/directory/link 777 0 symbolic link
kept/directory/same 644 0 regular file
kept/file 644 0 regular file
locked 755 0 directory
locked/file 644 0 regular file
own 750 1234 directory
own/file 644 1234 regular file
981173106 2
/etc/../passwd
"
    );
    assert_eq!(outcome.step("[app 1/1]").log, "");
    outcome.assert_ran(&format!("[caches] import kept-{token}"));
}

#[test]
fn a_cache_that_is_used_stays_and_its_archive_at_home() {
    let text = "
caches:
  kept-@TOKEN@: { target: /kept }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ls /kept > /seen; touch /kept/MARK; echo @TOKEN@
        caches: kept-@TOKEN@
";
    let project = Project::new(&text.replace("MARK", "first"));
    assert_eq!(project.build().files().text("seen"), "");
    let directory = tempfile::tempdir().unwrap();
    let (saved, _, _) = export(project.build());
    fs::copy(archive(&saved, "kept-"), directory.path().join("other.tar")).unwrap();

    project.write_stagefile(&text.replace("MARK", "second"));
    let build = importing(project.build(), saved.path());
    let (files, outcome) = build.files_and_outcome();
    assert_eq!(files.text("seen"), "first\n");
    outcome.assert_ran("[caches] look at kept-");
    outcome.assert_no_step("[caches] import");
    outcome.assert_no_step("[context caches] load from client");

    // The directory has nothing for this cache.
    project.write_stagefile(&text.replace("MARK", "third"));
    let build = importing(on("second", &project), directory.path());
    let (files, outcome) = build.files_and_outcome();
    assert_eq!(files.text("seen"), "");
    outcome.assert_shows("the context `caches` has nothing for 1 of 1 new caches: kept-");
}

#[test]
fn damaged_and_hostile_archives_are_refused_and_leave_nothing() {
    let text = "
caches:
  kept-@TOKEN@: { target: /kept }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ls -A /kept > /seen; touch /kept/file; dd if=/dev/urandom of=/kept/large bs=1k count=100; echo MARK @TOKEN@
        caches: kept-@TOKEN@
";
    let project = Project::new(&text.replace("MARK", "first"));
    assert_eq!(project.build().files().text("seen"), "");
    let (saved, _, _) = export(project.build());
    let path = archive(&saved, "kept-");
    let whole = fs::read(&path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();

    let mut hostile = tar::Builder::new(Vec::new());
    for (path, kind) in [
        ("good", tar::EntryType::Regular),
        ("../../../outside", tar::EntryType::Regular),
    ] {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(4);
        header.set_cksum();
        hostile.append(&header, &b"text"[..]).unwrap();
    }
    let hostile = hostile.into_inner().unwrap();
    for (bytes, reason) in [
        (&whole[..whole.len() / 2], ""),
        (b"no archive", ""),
        (&hostile, "`../../../outside` leads out of the cache"),
    ] {
        fs::write(&path, bytes).unwrap();
        let outcome = importing(on("second", &project), saved.path()).fail();
        outcome.assert_shows("can't be imported: ");
        outcome.assert_shows(&format!("{name} of the context `caches`: {reason}"));
        outcome.assert_no_step("[app 1/1]");
    }
    // The next complete one is used.
    project.write_stagefile(&text.replace("MARK", "second"));
    fs::write(&path, whole).unwrap();
    let files = importing(on("second", &project), saved.path()).files();
    assert_eq!(files.text("seen"), "file\nlarge\n");
}

#[test]
fn a_cache_that_began_with_files_is_replaced_as_a_whole() {
    let text = "
caches:
  begun-@TOKEN@: { target: /begun, from: seed, path: /data }
stages:
  seed:
    steps:
      - write: /data/first
        content: first
      - write: /data/second
        content: second
  app:
    from: busybox:1.35
    steps:
      - run: ls /begun > /seen; rm -f /begun/first; touch /begun/third; echo MARK @TOKEN@
        caches: begun-@TOKEN@
";
    let project = Project::new(&text.replace("MARK", "one"));
    let (nothing, _, _) = export(project.build());
    assert_eq!(fs::read_dir(nothing.path()).unwrap().count(), 0);
    assert_eq!(project.build().files().text("seen"), "first\nsecond\n");
    let (saved, _, _) = export(project.build());
    project.write_stagefile(&text.replace("MARK", "two"));
    let files = importing(on("second", &project), saved.path()).files();
    assert_eq!(files.text("seen"), "second\nthird\n");
}

#[test]
fn builds_at_the_same_time_fill_a_cache_once() {
    let text = "
caches:
  kept-@TOKEN@: { target: /kept }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ls /kept | wc -l > /seen; cat /kept/* | sha256sum >> /seen; echo MARK @TOKEN@
        caches: kept-@TOKEN@
  maker:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; for i in $(seq 500); do head -c 20000 /dev/urandom > /kept/$i; done
        caches: kept-@TOKEN@
";
    let project = Project::new(text);
    _ = project.build().target("maker").succeed();
    let (saved, _, _) = export(project.build());
    let seen = |mark: &str| {
        let other = Project::new(
            &text
                .replace("MARK", mark)
                .replace("@TOKEN@", project.token()),
        );
        let build = other.build().target("app");
        let build = build.build_arg("BUILDKIT_CACHE_MOUNT_NS", project.token());
        let files = importing(build, saved.path()).files();
        files.text("seen").to_owned()
    };
    let (one, two) = thread::scope(|scope| {
        let one = scope.spawn(|| seen("one"));
        let two = scope.spawn(|| seen("two"));
        (one.join().unwrap(), two.join().unwrap())
    });
    assert!(one.starts_with("500\n"), "{one}");
    assert_eq!(one, two);
}

#[test]
fn a_file_without_caches_has_nothing_to_save() {
    let project = Project::new("\nstages:\n  app:\n    from: busybox:1.35\n");
    let (saved, _, outcome) = export(project.build());
    outcome.assert_shows("no stage of the file uses a cache");
    assert_eq!(fs::read_dir(saved.path()).unwrap().count(), 0);
    let outcome = project.build().target("@cache").fail();
    outcome.assert_shows("there is no stage `@cache`");
    outcome.assert_shows("`@caches`");
}

#[test]
fn the_context_replaces_no_stage_of_its_name() {
    let project = Project::new(
        "
stages:
  caches:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /word
  app:
    from: caches
",
    );
    let empty = tempfile::tempdir().unwrap();
    let files = importing(project.build(), empty.path()).files();
    assert_eq!(files.text("word").trim(), project.token());
    project.write_stagefile("\nstages:\n  app:\n    from: { context: caches }\n");
    let outcome = importing(project.build(), empty.path()).fail();
    outcome.assert_shows("the context `caches` is for caches to import");
}

#[test]
fn without_the_build_cache_nothing_is_imported() {
    let project = Project::new(&USED.replace("MARK", "first"));
    _ = on("first", &project).target("app").succeed();
    let (saved, _, _) = export(on("first", &project));
    let build = on("second", &project).target("app").option("--no-cache");
    let (files, outcome) = importing(build, saved.path()).files_and_outcome();
    assert!(!files.text("seen").contains("kept/file"));
    outcome.assert_no_step("[caches]");
}

#[test]
fn steps_that_always_run_keep_their_caches() {
    let project = Project::new(
        "
caches:
  kept-@TOKEN@: { target: /kept }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo x >> /kept/runs; true @TOKEN@; wc -l < /kept/runs > /seen
        caches: kept-@TOKEN@
        always: true
",
    );
    for runs in ["1\n", "2\n", "3\n"] {
        let files = project.build().files();
        assert_eq!(files.text("seen"), runs);
        assert!(!files.contains("run/stagefile/always"));
    }
}

#[test]
fn platforms_and_stages_have_files_of_their_own() {
    let text = "
caches:
  kept-@TOKEN@: { target: /kept, per: stage }
defaults:
  caches: [kept-@TOKEN@]
stages:
  one:
    from: busybox:1.35
    platform: build
    steps:
      - run: echo one @TOKEN@ > /kept/file
  app:
    from: one
    steps:
      - run: echo app @TOKEN@ > /kept/file
      - run: cat /kept/file > /seen
";
    let project = Project::new(text);
    _ = project.build().succeed();
    let build = project.build().target("@caches");
    let build = build.option("--platform=linux/amd64,linux/arm64");
    let (files, outcome) = build.files_and_outcome();
    // The stage `app` has a different cache for arm64, which is new; the stage `one` has one cache for both.
    let paths = files.paths().filter(|path| path.contains(".tar"));
    let paths: Vec<&str> = paths.collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    let own = |path: &&str| path.starts_with("linux_amd64/") && path.contains("-linux-amd64");
    assert!(paths.iter().all(own), "{paths:?}");
    // The daemon compares the request with what exists.
    assert!(
        !outcome.text().contains("platforms requested"),
        "{}",
        outcome.text()
    );

    // The directory is imported unchanged.
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("linux_amd64")).unwrap();
    for path in &paths {
        fs::write(directory.path().join(path), &files.entry(path).content).unwrap();
    }
    project.write_stagefile(&text.replace("echo app", "cat /kept/file > /begun; echo again"));
    let files = importing(on("second", &project), directory.path()).files();
    assert_eq!(files.text("begun"), format!("app {}\n", project.token()));
}

/// Returns what identifies the layers of an image.
fn layers(image: &Image) -> Vec<String> {
    let layers = image.inspect()["RootFS"]["Layers"].clone();
    serde_json::from_value(layers).expect("an image lists its layers")
}

#[test]
fn a_cache_that_has_not_changed_is_the_same_layer() {
    let text = "
caches:
  one: { target: /one, id: one-@TOKEN@ }
  two: { target: /two, id: two-@TOKEN@ }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: touch /one/file; echo MARK > /two/file; echo @TOKEN@
        caches: [one, two]
";
    let project = Project::new(&text.replace("MARK", "first"));
    _ = project.build().succeed();
    let first = layers(&project.build().target("@caches").image());
    assert_eq!(first.len(), 2, "{first:?}");
    let again = layers(&project.build().target("@caches").image());
    assert_eq!(first, again);

    // Only layers with a change are new. `touch` has changed the other one, too, so another step leaves it unchanged.
    project.write_stagefile(
        &text
            .replace("touch /one/file", ":")
            .replace("MARK", "second"),
    );
    _ = project.build().succeed();
    let second = layers(&project.build().target("@caches").image());
    let same = second.iter().filter(|layer| first.contains(layer)).count();
    assert_eq!(same, 1, "{first:?} {second:?}");
}

#[test]
fn a_small_change_of_a_large_cache_leaves_most_layers_as_they_are() {
    let text = "
caches:
  large: { target: /large, id: large-@TOKEN@ }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          if [ -e /large/1 ]; then echo MARK > /large/more; else
            for i in $(seq 100); do head -c 100000 /dev/urandom > /large/$i; touch -d @$i /large/$i; done
          fi
          cat /large/* | md5sum > /seen
          : @TOKEN@
        caches: large
";
    let project = Project::new(&text.replace("MARK", "first"));
    let machine = project.token();
    let first = project.build().files();
    let before = layers(&project.build().target("@caches").image());
    assert!(before.len() > 8, "{before:?}");
    project.write_stagefile(&text.replace("MARK", "second"));
    let second = project.build().files();
    assert_ne!(first.text("seen"), second.text("seen"));
    let (saved, _, _) = export(project.build());
    let after = layers(&project.build().target("@caches").image());
    let new = after.iter().filter(|layer| !before.contains(layer)).count();
    assert!((1..=4).contains(&new), "{new} of {}", after.len());

    project.write_stagefile(&text.replace("echo MARK > /large/more", ":"));
    let build = project
        .build()
        .build_arg("BUILDKIT_CACHE_MOUNT_NS", machine);
    let imported = importing(build, saved.path()).files();
    assert_eq!(imported.text("seen"), second.text("seen"));
}

#[test]
fn the_oldest_files_and_large_caches_are_left_out() {
    let project = Project::new(
        "
caches:
  large: { target: /large, id: large-@TOKEN@ }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          echo @TOKEN@ > /var/cache/npm/new
          echo old > /var/cache/npm/old; touch -d '2001-02-03 04:05:06' /var/cache/npm/old
          dd if=/dev/zero of=/large/file bs=1k count=8
        caches: [npm, large]
",
    );
    let namespace = project.token().to_owned();
    let build = || {
        let build = project.build();
        build.build_arg("BUILDKIT_CACHE_MOUNT_NS", &namespace)
    };
    _ = build().succeed();
    let limited = build().build_arg("STAGEFILE_CACHES", "max-age=24h max-size=4k");
    let (saved, _, outcome) = export(limited);
    outcome.assert_shows("the cache `npm` is saved without its 1 oldest files, 4 bytes");
    outcome.assert_shows(
        "the cache `large` isn't saved, by STAGEFILE_CACHES: its files have 8192 bytes",
    );
    let npm = fs::read(archive(&saved, "npm-")).unwrap();
    let mut npm = tar::Archive::new(npm.as_slice());
    let entries = npm.entries().unwrap();
    let names: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path().unwrap().into_owned())
        .collect();
    assert_eq!(names, [Path::new("."), Path::new("new")]);
    assert_eq!(fs::read_dir(saved.path()).unwrap().count(), 1);
}
