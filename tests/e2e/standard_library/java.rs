//! `std.maven` and `std.gradle`. Their tools take minutes to install, so programs of their names say how they are called.

use stagefile_tests::Project;

use super::RECORDING;

/// Stages with a tool that makes a jar, and what else lies about: what is stale, and what is no artifact.
fn project(tool: &str, with: &str, output: &str) -> Project {
    let stages = r#"
stages:
  tool:
    from: busybox:1.35
    platform: build
    steps:
      - write: /bin/TOOL
        mode: 0755
        content: |
          #!/bin/sh
          RECORD
          cat /opt/reproducible.gradle >> /calls 2>/dev/null || :
          mkdir -p OUTPUT
          for name in app.jar app.war app-sources.jar app-javadoc.jar app-plain.jar original-app.jar; do
            echo "$name of @TOKEN@" > OUTPUT/$name
          done
          grep -o ' /root/[^ ]*' /proc/mounts >> /calls
          cp /calls OUTPUT/calls.jar
  build:
    use: std.TOOL
    from: tool
    with: { source: service, modules: server, WITH }
  app:
    steps:
      - copy: /
        from: build.artifacts
        to: /
"#;
    let record: Vec<_> = RECORDING.lines().skip(1).collect();
    let stages = stages
        .replace("RECORD", &record.join("\n          "))
        .replace("OUTPUT", output)
        .replace("WITH", with);
    let program = if tool == "maven" { "mvn" } else { tool };
    let stages = stages
        .replace("/bin/TOOL", &format!("/bin/{program}"))
        .replace("TOOL", tool);
    Project::new(&stages)
}

#[test]
fn maven_is_called_with_its_repository_and_its_jars_are_taken() {
    let project = project("maven", "goals: [verify, '-Dword=a b']", "server/target")
        .with_file("service/server/pom.xml", "")
        .with_file("service/server/target/stale.jar", "");
    let files = project.build().files();
    assert_eq!(
        files.paths().collect::<Vec<_>>(),
        ["app-plain.jar", "app.jar", "app.war", "calls.jar"]
    );
    assert_eq!(
        files.text("calls.jar"),
        "mvn in /src as 0\n  <--batch-mode>\n  <--no-transfer-progress>\n  <--errors>\n  <-Dstyle.color=never>\n  \
         <-Dproject.build.outputTimestamp=1980-02-01T00:00:00Z>\n  <verify>\n  <-Dword=a b>\n /root/.m2/repository\n"
    );
}

#[test]
fn gradle_is_called_with_its_caches_and_its_jars_are_taken() {
    let project = project("gradle", "tasks: [':server:assemble']", "server/build/libs")
        .with_file("service/server/build.gradle.kts", "")
        .with_file("service/server/build/libs/stale.jar", "");
    let files = project.build().files();
    assert_eq!(
        files.paths().collect::<Vec<_>>(),
        ["app.jar", "app.war", "calls.jar", "original-app.jar"]
    );
    let calls = files.text("calls.jar");
    assert!(
        calls.starts_with(
            "gradle in /src as 0\n  <--no-daemon>\n  <--console=plain>\n  <--build-cache>\n  <--init-script>\n  \
             </opt/reproducible.gradle>\n  <:server:assemble>\n"
        ),
        "{calls}"
    );
    assert!(calls.contains("reproducibleFileOrder = true"), "{calls}");
    assert!(
        calls.ends_with(" /root/.gradle/caches\n /root/.gradle/wrapper\n"),
        "{calls}"
    );
}
