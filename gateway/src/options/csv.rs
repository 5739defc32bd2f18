//! Comma-separated fields, some of them quoted.

use super::error::OptionProblem;

/// Splits one line of CSV like Go's `encoding/csv`: a field that begins with a quote extends to the
/// closing quote, and two quotes inside it are an escaped quote.
pub(super) fn fields(line: &str) -> Result<Vec<String>, OptionProblem> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let field = rest.split_once(',').map_or(rest, |(field, _)| field);
            if field.contains('"') {
                return Err(OptionProblem::Quotes);
            }
            (field.to_owned(), &rest[field.len()..])
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(fields),
            None => return Err(OptionProblem::Quotes),
        }
    }
}

/// Reads up to the closing quote, and returns the rest.
fn unquote(mut rest: &str) -> Result<(String, &str), OptionProblem> {
    let mut field = String::new();
    loop {
        let (part, after) = rest.split_once('"').ok_or(OptionProblem::Quotes)?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_go_does() {
        let cases: [(&str, &[&str]); 7] = [
            ("a", &["a"]),
            ("a,b,", &["a", "b", ""]),
            ("", &[""]),
            (r#""a,b",c"#, &["a,b", "c"]),
            (r#""say ""hi""",x"#, &[r#"say "hi""#, "x"]),
            (r#""""#, &[""]),
            ("k=v w,x", &["k=v w", "x"]),
        ];
        for (line, expected) in cases {
            assert_eq!(fields(line).unwrap(), expected, "{line}");
        }
        for line in [r#"a"b"#, r#""a"#, r#""a"b"#, r#"a,""#] {
            fields(line).unwrap_err();
        }
    }
}
