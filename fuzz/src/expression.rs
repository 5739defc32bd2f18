//! Scalars with expressions.

use std::rc::Rc;
use std::sync::Arc;

use buildkit_llb::Platform;
use cel::Value;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::expression::{Inputs, Language, LocalNames, Platforms, Scope, Text};
use stagefile_language::plan::{Request, Vcs};
use stagefile_language::source::{Source, Sources, Span};
use stagefile_language::syntax::{Scalar, Style};

use crate::places;

/// Reads and evaluates a scalar with expressions: either it has a value, or the location and reason of a mistake are
/// reported.
pub fn expression(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let sources = Sources::new(Source::new("Stagefile", text));
    let scalar = Arc::new(Scalar {
        text: text.to_owned(),
        span: Span::new(0, text.len()),
        style: Style::Plain,
    });
    let language = Language::default();
    let mut found = Diagnostics::default();
    let read = Text::read(&scalar, sources.main(), &language, &mut found);
    places::check(&sources, &found);
    let understood = !found.has_errors();
    let request = Request {
        args: [].into(),
        target: Some("app".to_owned()),
        platforms: Platforms {
            target: Platform::new("linux", "arm64"),
            build: Platform::new("linux", "amd64"),
        },
        vcs: Vcs {
            revision: "0123456789".to_owned(),
            tag: "v1".to_owned(),
            ..Vcs::default()
        },
        contexts: None,
    };
    let args = [("A", "one"), ("B", ""), ("LIST", "x y z")];
    let args = args.map(|(name, value)| (name, Some(value)));
    let mut scope = Scope::new(&sources, &language, args, &request);
    let combination = [("V", "1"), ("W", "x")];
    let combination = combination.map(|(name, value)| (name.to_owned(), value.to_owned()));
    scope.enter(LocalNames {
        stage: "app-1-x".into(),
        combination: Rc::new(combination.into()),
        inputs: Some(Rc::new(inputs())),
        ..LocalNames::default()
    });
    let value = scope.evaluate(&read, &mut found);
    places::check(&sources, &found);
    assert!(
        value.is_some() || found.has_errors(),
        "no value, and nothing said"
    );
    if understood {
        assert_eq!(
            value.is_none(),
            found.has_errors(),
            "a value with mistakes: {value:?}"
        );
    }
}

/// The inputs of a template, of every type.
fn inputs() -> Inputs {
    let list: Vec<Value> = ["a", "b c", "é"].into_iter().map(Value::from).collect();
    let empty: Vec<Value> = Vec::new();
    let inputs = [
        ("text", Value::from("it's")),
        ("list", Value::from(list)),
        ("empty", Value::from(empty)),
        ("number", Value::from(-7_i64)),
        ("flag", Value::from(true)),
    ];
    inputs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
