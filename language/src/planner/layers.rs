//! Splitting of a stage's changes into layers.

use super::Planner;
use crate::budget::Size;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Layer, Layers};
use crate::source::Spanned;
use crate::syntax;
use crate::value::LAYERS;

/// The maximum number of layer groups of a stage.
pub const MAX_LAYERS: usize = 100;

impl Planner<'_> {
    /// Evaluates `layers`, if present.
    pub(super) fn layers(&mut self, stage: &syntax::Stage) -> Option<Spanned<Layers>> {
        Some(match stage.layers.as_ref()? {
            syntax::Layers::Word(text) => {
                let one = self.word("layers", Some(text), &LAYERS).unwrap_or(false);
                let layers = if one { Layers::One } else { Layers::Step };
                Spanned::new(layers, text.span())
            }
            syntax::Layers::Groups(groups) => {
                let names = groups.iter().find_map(|group| group.name.as_ref());
                let span = names.map(Text::span).unwrap_or_default();
                if groups.len() > MAX_LAYERS {
                    let value = format!("{} groups", groups.len());
                    let wanted = format!(
                        "at most {MAX_LAYERS} groups; no engine takes an image of many more layers"
                    );
                    let error = diagnostics::invalid_value("layers", &value, span, &wanted);
                    self.found.push(error);
                    return None;
                }
                let groups = groups.iter().filter_map(|group| self.layer(group));
                let groups: Vec<Layer> = groups.collect();
                // Each excludes the files of all previous ones.
                let paths = groups.iter().flat_map(|group| &group.paths);
                let all: Size = paths.map(|path| Size::of(path)).sum();
                let copies = Size {
                    values: all.values * groups.len(),
                    bytes: all.bytes * groups.len(),
                };
                if !self.take(|| copies, span) {
                    return None;
                }
                Spanned::new(Layers::Groups(groups), span)
            }
        })
    }

    fn layer(&mut self, layer: &syntax::Layer) -> Option<Layer> {
        let name = self.string(layer.name.as_ref());
        let mut paths = Vec::new();
        for text in &layer.paths {
            let Some(path) = self.path(text) else {
                continue;
            };
            if path.starts_with('!') {
                let wanted = "a path or a pattern of what the layer holds; what another layer should have is written there, before this one";
                self.found.push(diagnostics::invalid_value(
                    "paths",
                    &path,
                    text.span(),
                    wanted,
                ));
                continue;
            }
            paths.push(path);
        }
        name.map(|name| Layer { name, paths })
    }
}
