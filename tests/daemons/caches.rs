//! Tests of caches that are saved as files and imported.

use std::fs;

use stagefile_tests::Project;

use crate::on_all;

#[test]
fn caches_are_saved_and_fill_new_ones() {
    let stagefile = |mark: &str| {
        format!(
            "
caches:
  kept: {{ target: /kept, id: '@TOKEN@' }}
  own: {{ target: /own, id: 'own-@TOKEN@', uid: 1234 }}
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ls /kept /own > /seen; touch /kept/{mark} /own/{mark}; echo @TOKEN@
        caches: [kept, own]
"
        )
    };
    let project = Project::new(&stagefile("first"));
    on_all(project.build(), |files| {
        assert_eq!(files.text("seen"), "/kept:\n\n/own:\n");
    });
    let directory = tempfile::tempdir().unwrap();
    on_all(project.build().target("@caches"), |files| {
        let archives = files.paths().filter(|path| path.contains(".tar"));
        for path in archives {
            fs::write(directory.path().join(path), &files.entry(path).content).unwrap();
        }
    });
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    project.write_stagefile(&stagefile("second"));
    let elsewhere = project
        .build()
        .build_arg("BUILDKIT_CACHE_MOUNT_NS", project.token())
        .option(format!(
            "--build-context=caches={}",
            directory.path().display()
        ));
    on_all(elsewhere, |files| {
        assert_eq!(files.text("seen"), "/kept:\nfirst\n\n/own:\nfirst\n");
    });
}
