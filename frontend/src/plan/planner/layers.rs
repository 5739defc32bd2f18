//! How what a stage adds is cut into layers.

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Layer, Layers};
use crate::source::Spanned;
use crate::syntax;

impl Planner<'_> {
    /// Evaluates `layers`, if they are written.
    pub(super) fn layers(&mut self, stage: &syntax::Stage) -> Option<Spanned<Layers>> {
        Some(match stage.layers.as_ref()? {
            syntax::Layers::Word(text) => {
                let words = [("step", false), ("one", true)];
                let one = self.word("layers", Some(text), &words).unwrap_or(false);
                let layers = if one { Layers::One } else { Layers::Step };
                Spanned::new(layers, text.span())
            }
            syntax::Layers::Groups(groups) => {
                let names = groups.iter().find_map(|group| group.name.as_ref());
                let span = names.map(Text::span).unwrap_or_default();
                let groups = groups.iter().filter_map(|group| self.layer(group));
                Spanned::new(Layers::Groups(groups.collect()), span)
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
