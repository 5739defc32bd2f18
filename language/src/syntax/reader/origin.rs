//! `from`: the form is determined first, since the valid options depend on it.

use super::{Fields, Reader};
use crate::diagnostics;
use crate::syntax::keys::{ORIGIN, ORIGINS, OriginKind};
use crate::syntax::tree::{Entry, Node, Value};
use crate::syntax::{DockerfileOrigin, HttpOrigin, ImageOrigin, LayoutOrigin, Origin};

impl Reader<'_> {
    /// Reads the source in `from`, or in a key with the same shape.
    pub(in crate::syntax) fn origin_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<Origin> {
        let node = fields.get(key)?;
        let Value::Mapping(entries) = &node.value else {
            return self.string(node, key).map(Origin::Word);
        };
        let kind = self.form(node, entries)?;
        let fields = self.fields(node, kind.table())?;
        let text = self.string_of(&fields, kind.table().main())?;
        Some(match kind {
            OriginKind::Image => Origin::Image(Box::new(ImageOrigin {
                reference: text,
                platform: self.string_of(&fields, "platform"),
                resolve: self.string_of(&fields, "resolve"),
            })),
            OriginKind::Stage => Origin::Stage(text),
            OriginKind::Context => Origin::Context(text),
            OriginKind::Git => Origin::Git(Box::new(self.git(&fields, text)?)),
            OriginKind::Http => Origin::Http(Box::new(HttpOrigin {
                filename: self.string_of(&fields, "filename"),
                ..self.http(&fields, text)
            })),
            OriginKind::Dockerfile => Origin::Dockerfile(Box::new(DockerfileOrigin {
                path: text,
                target: self.string_of(&fields, "target"),
                args: self.string_map_of(&fields, "args"),
                contexts: self.string_map_of(&fields, "contexts"),
                platform: self.string_of(&fields, "platform"),
            })),
            OriginKind::OciLayout => Origin::OciLayout(Box::new(LayoutOrigin {
                image: text,
                platform: self.string_of(&fields, "platform"),
            })),
        })
    }

    /// Finds the only key that determines the kind of source.
    fn form(&mut self, node: &Node, entries: &[Entry]) -> Option<OriginKind> {
        let form = |entry: &Entry| OriginKind::from_key(&entry.key.text);
        let mut forms = entries
            .iter()
            .filter_map(|entry| form(entry).map(|kind| (kind, entry)));
        match (forms.next(), forms.next()) {
            (Some((_, entry)), None) if entry.value.is_null() => {
                self.missing_value(entry);
                None
            }
            (Some((kind, _)), None) => Some(kind),
            (None, _) => {
                let mut keys = entries.iter().map(|entry| &entry.key);
                let unknown =
                    keys.find(|key| ORIGINS.iter().all(|table| table.key(&key.text).is_none()));
                self.found.push(match unknown {
                    Some(key) => diagnostics::unknown_key(&key.text, key.span, &ORIGIN),
                    None => diagnostics::one_key_of(&ORIGIN, self.short(node.span)),
                });
                None
            }
            (Some(_), Some((_, second))) => {
                self.found
                    .push(diagnostics::one_key_of(&ORIGIN, second.key.span));
                None
            }
        }
    }
}
