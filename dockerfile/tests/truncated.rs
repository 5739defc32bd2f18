//! Tests of files that are cut off at any point.

use buildkit_dockerfile::{Dockerfile, LintConfig};

const FILE: &str = r#"# syntax=docker/dockerfile:1
# escape=`
# check=skip=all
ARG V="1 2"
FROM --platform=$BUILDPLATFORM golang:${V:-1.22} AS build
ENV A=b C="d e" `
    # a comment
    F='g'

RUN --mount=type=cache,target=/c,id="x y" <<EOF
echo $A
EOF
COPY --link --chown=1:2 --from=build ["a b", "/c/"]
HEALTHCHECK --interval=5s CMD ["true"]
ONBUILD RUN <<-'X'
	y
	X
EXPOSE 80 443/TCP 8000-8002
"#;

#[test]
fn every_beginning_of_a_file_is_read() {
    for (end, _) in FILE.char_indices() {
        let file = Dockerfile::parse(&FILE[..end], &LintConfig::default());
        for mistake in file.mistakes() {
            assert!(!mistake.message.is_empty());
        }
    }
    let whole = Dockerfile::parse(FILE, &LintConfig::default());
    assert_eq!(whole.mistakes(), []);
    assert_eq!(whole.stages()[0].instructions.len(), 6);
}
