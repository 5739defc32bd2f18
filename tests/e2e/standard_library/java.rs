//! Tests of `std.maven`, `std.gradle` and `std.java-layers`. The tools take minutes to install, so programs with their
//! names record how they are called.

use stagefile_tests::Project;

use super::RECORDING;

/// Stages with a tool that makes a jar, among other files: stale ones, and some that aren't artifacts.
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

/// Maven, `jar` and `javap` as shell scripts: jars are tar archives, and classes name their content.
const JDK: &str = r#"
  jdk:
    from: busybox:1.35
    platform: build
    steps:
      - write: /bin/jar
        mode: 0755
        content: |
          #!/bin/sh
          exec tar "$@"
      - write: /bin/javap
        mode: 0755
        content: |
          #!/bin/sh
          shift
          cat "$@"
      - write: /bin/mvn
        mode: 0755
        content: |
          #!/bin/sh
          pack() { tar -C "$1" -cf "$2" .; }
          case $* in *test*) [ ! -f broken ] || { echo "a test fails: @TOKEN@"; exit 1; } ;; esac
          mkdir -p server/target/stagefile-libraries common/target
          cp -R server/content server/target/content
          (cd server/target/content && tar cf ../server.jar *)
          echo "common @TOKEN@" | tee common/target/common-1.jar > server/target/stagefile-libraries/x.common-1.jar
          mkdir one && echo one | tee one/One.class > one/module-info.class
          (cd one && tar cf ../server/target/stagefile-libraries/y.one-1.jar module-info.class One.class)
          echo two > server/target/stagefile-libraries/z.two-1-SNAPSHOT.jar
"#;

/// The same as `std.java-image`, with stages on top of the one with the stand-ins.
fn program(with: &str) -> Project {
    let stages = r"
stages:
  JDK
  test:
    use: std.maven
    from: jdk
    with: { goals: test, modules: [] }
  maven:
    use: std.maven
    from: jdk
    with: { modules: server, libraries: true }
  layers:
    from: jdk
    mounts:
      - { from: maven.program, to: /program }
      - { from: maven.libraries, to: /libraries }
    steps:
      - use: std.java-layers
        with: { WITH }
  app:
    requires: [test]
    steps:
      - { copy: /, from: layers.libraries, to: /app/libraries/ }
      - { copy: /, from: layers.snapshots, to: /app/snapshots/ }
      - { copy: /, from: layers.start, to: /app/ }
      - { copy: /, from: layers.resources, to: /app/resources/ }
      - { copy: /, from: layers.classes, to: /app/classes/ }
";
    Project::new(&stages.replace("\n  JDK", JDK).replace("WITH", with))
        .with_file("pom.xml", "")
        .with_file("server/pom.xml", "")
        .with_file(
            "server/content/com/x/Main.class",
            "public class com.x.Main {\n  public static void main(java.lang.String[]);\n ([Ljava/lang/String;)V\n}\n",
        )
        .with_file("server/content/com/x/Other.class", "class com.x.Other<T> {\n}\n")
        .with_file(
            "server/content/META-INF/versions/21/com/x/Main.class",
            "public class com.x.Main {\n  public static void main(java.lang.String[]);\n ([Ljava/lang/String;)V\n}\n",
        )
        .with_file("server/content/app.properties", "of @TOKEN@")
}

#[test]
fn a_program_for_the_jvm_is_taken_apart_and_its_main_class_found() {
    let project = program("");
    let files = project.build().files();
    let paths: Vec<_> = files
        .paths()
        .filter(|path| path.starts_with("app/") && !files.entry(path).directory)
        .collect();
    assert_eq!(
        paths,
        [
            "app/classes/com/x/Main.class",
            "app/classes/com/x/Other.class",
            "app/libraries/y.one-1.jar",
            "app/resources/META-INF/versions/21/com/x/Main.class",
            "app/resources/app.properties",
            "app/snapshots/x.common-1.jar",
            "app/snapshots/z.two-1-SNAPSHOT.jar",
            "app/start",
        ]
    );
    assert!(
        files.text("app/start").ends_with("\ncom.x.Main\n"),
        "{}",
        files.text("app/start")
    );

    // With two, there is a choice.
    project.write(
        "server/content/com/x/Other.class",
        "class com.x.Other<T> {\n  public static void main(java.lang.String...);\n ([Ljava/lang/String;)V\n}\n",
    );
    project
        .build()
        .fail()
        .assert_shows("several classes have a `main` method: com.x.Main com.x.Other");

    // With one, there is none, so nothing else fails before the test does.
    project.write(
        "server/content/com/x/Other.class",
        "class com.x.Other<T> {\n}\n",
    );
    project.write("broken", "");
    project
        .build()
        .fail()
        .assert_shows(&format!("a test fails: {}", project.token()));
}

#[test]
fn a_jar_of_spring_boot_is_taken_apart() {
    let project = program("")
        .with_file(
            "server/content/META-INF/MANIFEST.MF",
            "Main-Class: org.springframework.boot.loader.launch.JarLauncher\r\nStart-Class: com.x.a.very.long.name.that.goes.on.in.the.next.line.Ap\r\n plication\r\n",
        )
        .with_file("server/content/org/springframework/boot/loader/launch/JarLauncher.class", "")
        .with_file("server/content/BOOT-INF/classes/com/x/Boot.class", "class com.x.Boot {\n}\n")
        .with_file("server/content/BOOT-INF/lib/three-1.jar", "three")
        .with_file("server/content/BOOT-INF/lib/common-1.jar", "common");
    let files = project.build().files();
    assert!(files.contains("app/libraries/three-1.jar"));
    // The project's own artifact changes with it, even as a release.
    assert!(files.contains("app/snapshots/common-1.jar"));
    assert!(!files.contains("app/libraries/common-1.jar"));
    assert!(files.contains("app/classes/com/x/Boot.class"));
    assert!(!files.contains("app/libraries/y.one-1.jar"));
    assert!(
        !files
            .paths()
            .any(|path| path.contains("loader") || path.contains("BOOT-INF"))
    );
    assert!(
        files.text("app/start").ends_with("next.line.Application\n"),
        "{}",
        files.text("app/start")
    );
}

#[test]
fn a_jar_that_holds_its_libraries_has_them_once() {
    let project = program("main: x.Chosen").with_file("server/content/One.class", "one");
    let files = project.build().files();
    assert!(files.contains("app/classes/One.class"));
    assert!(!files.paths().any(|path| path.starts_with("app/libraries/")));
    assert!(files.text("app/start").ends_with("\nx.Chosen\n"));
}
