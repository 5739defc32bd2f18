//! Where a name is defined and where it is used, in this file and in those that import or are imported.

use lsp_types::{
    GotoDefinitionParams, GotoDefinitionResponse, Location, ReferenceParams,
    TextDocumentPositionParams,
};

use super::document::Document;
use super::names::{Kind, STD, Site};
use super::workspace::Workspace;

/// Finds the name at a position.
pub(super) fn named<'a>(
    workspace: &'a Workspace,
    at: &TextDocumentPositionParams,
) -> Option<(&'a Document, &'a Site)> {
    let document = workspace.get(&at.text_document.uri)?;
    let site = document.site(document.text.offset(at.position))?;
    Some((document, site))
}

/// Returns the import that a name is of, if it is of one.
fn import_of<'a>(document: &Document, site: &'a Site) -> Option<&'a str> {
    let owner = site.owner.as_deref()?;
    let is_import = |one: &Site| one.kind == Kind::Import && one.name == owner && one.is_definition;
    let can_be = matches!(
        site.kind,
        Kind::Stage | Kind::Template | Kind::Cache | Kind::Secret
    );
    (can_be && document.sites().iter().any(is_import)).then_some(owner)
}

/// Goes to where a name is defined.
pub(super) fn definition(
    workspace: &Workspace,
    given: &GotoDefinitionParams,
) -> Option<GotoDefinitionResponse> {
    let (document, site) = named(workspace, &given.text_document_position_params)?;
    if let Some(import) = import_of(document, site) {
        let home = workspace.imported(document, import)?;
        let wanted = Site {
            owner: None,
            ..site.clone()
        };
        let found = home.definition(&wanted)?;
        return Some(home.location(&found.range).into());
    }
    if site.kind == Kind::Import && (site.name != STD || site.is_definition) {
        let home = workspace.imported(document, &site.name);
        let start = home.map(|home| home.location(&(0..0)));
        let own = document
            .definition(site)
            .map(|found| document.location(&found.range));
        return start.or(own).map(Into::into);
    }
    Some(document.location(&document.definition(site)?.range).into())
}

/// A place of a name, with the text that stands there.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) location: Location,
    pub(super) is_definition: bool,
}

/// Lists all places of the name at a position.
pub(super) fn places(workspace: &Workspace, document: &Document, site: &Site) -> Vec<Place> {
    let mut found = Vec::new();
    let import = import_of(document, site);
    let imported = import.and_then(|import| workspace.imported(document, import));
    let home = match (import, &imported) {
        (Some(_), None) => {
            // Of elsewhere: only what this file says of it is known.
            collect(document, |one| one.is_same(site), site, &mut found);
            return found;
        }
        (_, imported) => imported.as_ref().unwrap_or(document),
    };
    let wanted = if import.is_some() {
        Site {
            owner: None,
            ..site.clone()
        }
    } else {
        site.clone()
    };
    // A combination of a matrix is a place of its stage.
    let wanted = match home.definition(&wanted) {
        Some(definition) => definition.clone(),
        None => wanted,
    };
    let is_of = |one: &Site| {
        one.is_same(&wanted)
            || home
                .definition(one)
                .is_some_and(|definition| definition.is_same(&wanted))
                && one.kind == wanted.kind
    };
    collect(home, is_of, &wanted, &mut found);
    let can_be_imported = wanted.owner.is_none()
        && matches!(
            wanted.kind,
            Kind::Stage | Kind::Template | Kind::Cache | Kind::Secret
        );
    if can_be_imported && !home.is_dockerfile {
        for (importer, name) in workspace.importers(home) {
            let is_use = |one: &Site| {
                one.kind == wanted.kind
                    && one.owner.as_deref() == Some(&name)
                    && one.name == wanted.name
            };
            collect(&importer, is_use, &wanted, &mut found);
        }
    }
    found
}

fn collect(
    document: &Document,
    is_one: impl Fn(&Site) -> bool,
    wanted: &Site,
    found: &mut Vec<Place>,
) {
    for site in document.sites().iter().filter(|site| is_one(site)) {
        let end = site.range.end.min(site.range.start + wanted.name.len());
        found.push(Place {
            location: document.location(&(site.range.start..end)),
            is_definition: site.is_definition,
        });
    }
}

/// Lists where the name at a position is used.
pub(super) fn references(workspace: &Workspace, given: &ReferenceParams) -> Option<Vec<Location>> {
    let (document, site) = named(workspace, &given.text_document_position)?;
    let places = places(workspace, document, site).into_iter();
    let wanted = places.filter(|place| given.context.include_declaration || !place.is_definition);
    Some(wanted.map(|place| place.location).collect())
}
