//! Diagnostics as text: in the style of rustc, without color, since the output of a build may not go to a terminal.

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};
use stagefile_text::visible::{self, Excerpt};

use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{Source, Sources, Span};

/// The maximum number that is shown; a file with more probably repeats one mistake.
pub const SHOWN: usize = 20;

/// The maximum size of the text for an excerpt in bytes: the renderer traverses all of it several times.
const MAX_EXCERPT: usize = 16 << 10;

/// Renders diagnostics with their excerpts, separated by empty lines.
pub fn render(sources: &Sources, diagnostics: &[&Diagnostic]) -> String {
    let mut texts: Vec<String> = diagnostics
        .iter()
        .take(SHOWN)
        .map(|diagnostic| render_one(sources, diagnostic))
        .collect();
    if diagnostics.len() > SHOWN {
        texts.push(format!("… and {} more", diagnostics.len() - SHOWN));
    }
    texts.join("\n\n")
}

/// Formats errors, with their number.
pub fn failure(sources: &Sources, found: &Diagnostics) -> String {
    let errors = found.errors();
    let count = match errors.len() {
        1 => "1 error".to_owned(),
        count if found.has_more() => format!("more than {count} errors"),
        count => format!("{count} errors"),
    };
    let name = visible::line(sources.main().name());
    format!("{count} in {name}\n\n{}\n", render(sources, &errors))
}

fn render_one(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let primary = std::iter::once((AnnotationKind::Primary, &diagnostic.primary));
    let secondary = diagnostic.secondary.iter();
    let labels = primary.chain(secondary.map(|label| (AnnotationKind::Context, label)));
    // One excerpt per file, the one with the mistake first.
    let mut files: Vec<(usize, Vec<(AnnotationKind, &Label)>)> = Vec::new();
    for (kind, label) in labels {
        let file = sources.index(label.span);
        match files.iter_mut().find(|(index, _)| *index == file) {
            Some((_, labels)) => labels.push((kind, label)),
            None => files.push((file, vec![(kind, label)])),
        }
    }
    let excerpts = files
        .iter()
        .flat_map(|(file, labels)| excerpts(&sources.files()[*file], labels));
    let group: Group<'_> = level
        .primary_title(visible::line(&diagnostic.message))
        .id(diagnostic.code.name)
        .elements(excerpts)
        .elements(
            diagnostic
                .help
                .iter()
                .map(|help| Level::HELP.message(visible::lines(help))),
        );
    Renderer::plain().render(&[group])
}

/// Creates the excerpt of a file, or one for each label if the labels are too far apart. For lines that are too long to be
/// shown, only the location is given.
fn excerpts<'a>(source: &'a Source, labels: &[(AnnotationKind, &'a Label)]) -> Vec<Element<'a>> {
    let fits = |labels: &[_]| {
        let window = window(source, labels);
        window.end - window.start <= MAX_EXCERPT
    };
    if fits(labels) {
        return vec![snippet(source, labels).into()];
    }
    let each = labels.chunks(1).map(|label| {
        if fits(label) {
            return snippet(source, label).into();
        }
        let position = source.position(label[0].1.span.start);
        let origin = Origin::path(visible::line(source.name())).line(position.line);
        origin.char_column(position.column + 1).into()
    });
    each.collect()
}

/// Creates the excerpt of a file. The renderer only gets the lines around the labels, since it reads all of its input for
/// every diagnostic.
fn snippet<'a>(
    source: &'a Source,
    labels: &[(AnnotationKind, &'a Label)],
) -> Snippet<'a, Annotation<'a>> {
    let window = window(source, labels);
    let excerpt = Excerpt::new(source.slice(window));
    let place = |at: usize| excerpt.place(at - window.start);
    let annotations = labels.iter().map(|(kind, label)| {
        let annotation = kind.span(place(label.span.start)..place(label.span.end));
        if label.text.is_empty() {
            annotation
        } else {
            annotation.label(visible::line(&label.text))
        }
    });
    let annotations: Vec<Annotation<'a>> = annotations.collect();
    Snippet::source(excerpt.text)
        .line_start(source.position(window.start).line)
        .path(visible::line(source.name()))
        .annotations(annotations)
}

/// Returns the full lines that contain all labels.
fn window(source: &Source, labels: &[(AnnotationKind, &Label)]) -> Span {
    let text = source.text();
    let inside = |offset: usize| offset.saturating_sub(source.start()).min(text.len());
    let starts = labels.iter().map(|(_, label)| inside(label.span.start));
    let ends = labels.iter().map(|(_, label)| inside(label.span.end));
    let (first, last) = (
        starts.min().unwrap_or_default(),
        ends.max().unwrap_or_default(),
    );
    let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    // Windows line ends would be shown as separate characters.
    let end = start.max(last) + text[start.max(last)..end].trim_end_matches('\r').len();
    source.span(start, end)
}
