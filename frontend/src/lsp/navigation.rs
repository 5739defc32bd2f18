//! Where a name is defined and used: in this file, in those that import it, and in those that it imports.

use lsp_types::{
    GotoDefinitionParams, GotoDefinitionResponse, Location, ReferenceParams,
    TextDocumentPositionParams,
};

use super::document::Document;
use super::names::{Definitions, Kind, STD, Site};
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

/// Returns the import that a name belongs to, if any, and the name as it is defined there.
pub(super) fn import_of<'a>(document: &Document, site: &'a Site) -> Option<(&'a str, Site)> {
    let owner = site.owner.as_deref()?;
    let (import, owner) = match site.kind {
        Kind::Stage | Kind::Template | Kind::Cache | Kind::Secret | Kind::Arg => (owner, None),
        Kind::Variable | Kind::Output => {
            let (import, owner) = owner.split_once('.')?;
            (import, Some(owner.to_owned()))
        }
        Kind::Import => return None,
    };
    let is_import =
        |one: &Site| one.kind == Kind::Import && one.name == import && one.is_definition;
    let wanted = Site {
        owner,
        ..site.clone()
    };
    document
        .sites()
        .iter()
        .any(is_import)
        .then_some((import, wanted))
}

/// Goes to where a name is defined.
pub(super) fn definition(
    workspace: &Workspace,
    given: &GotoDefinitionParams,
) -> Option<GotoDefinitionResponse> {
    let (document, site) = named(workspace, &given.text_document_position_params)?;
    if let Some((import, wanted)) = import_of(document, site) {
        let home = workspace.imported(document, import)?;
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

/// An occurrence of a name, with its text.
#[derive(Debug)]
pub(super) struct Occurrence {
    pub(super) location: Location,
    pub(super) is_definition: bool,
}

/// The file that defines a name.
pub(super) struct Home<'a> {
    document: &'a Document,
    /// The file that it is imported from, if any.
    imported: Option<Document>,
    /// The name as it is defined there.
    pub(super) wanted: Site,
}

impl<'a> Home<'a> {
    /// Finds the file; `None` if the name is defined elsewhere.
    pub(super) fn find(workspace: &Workspace, document: &'a Document, site: &Site) -> Option<Self> {
        let mut wanted = site.clone();
        let mut imported = None;
        if let Some((import, there)) = import_of(document, site) {
            imported = Some(workspace.imported(document, import)?);
            wanted = there;
        }
        // A combination of a matrix counts as an occurrence of its stage.
        let home = imported.as_ref().unwrap_or(document);
        if let Some(definition) = home.definition(&wanted) {
            wanted = definition.clone();
        }
        Some(Self {
            document,
            imported,
            wanted,
        })
    }

    /// Returns the file.
    pub(super) fn document(&self) -> &Document {
        self.imported.as_ref().unwrap_or(self.document)
    }
}

/// Lists all occurrences of the name at a position.
pub(super) fn occurrences(
    workspace: &Workspace,
    document: &Document,
    site: &Site,
) -> Vec<Occurrence> {
    let mut found = Vec::new();
    let Some(home) = Home::find(workspace, document, site) else {
        // Only the occurrences in this file are known.
        collect(document, |one| one.is_same(site), site, &mut found);
        return found;
    };
    let wanted = &home.wanted;
    let home = home.document();
    let definitions = Definitions::new(home.sites());
    let is_of = |one: &Site| {
        let definition = || definitions.find(one);
        one.kind == wanted.kind
            && (one.is_same(wanted) || definition().is_some_and(|found| found.is_same(wanted)))
    };
    collect(home, is_of, wanted, &mut found);
    let can_be_imported = match wanted.kind {
        Kind::Import => false,
        Kind::Variable | Kind::Output => wanted.owner.is_some(),
        _ => wanted.owner.is_none(),
    };
    if can_be_imported && !home.is_dockerfile {
        for (importer, name) in workspace.importers(home) {
            let owner = match &wanted.owner {
                Some(owner) => format!("{name}.{owner}"),
                None => name,
            };
            let is_use = |one: &Site| {
                one.kind == wanted.kind
                    && one.owner.as_deref() == Some(&owner)
                    && one.name == wanted.name
            };
            collect(&importer, is_use, wanted, &mut found);
        }
    }
    found
}

fn collect(
    document: &Document,
    is_one: impl Fn(&Site) -> bool,
    wanted: &Site,
    found: &mut Vec<Occurrence>,
) {
    for site in document.sites().iter().filter(|site| is_one(site)) {
        let end = site.range.end.min(site.range.start + wanted.name.len());
        found.push(Occurrence {
            location: document.location(&(site.range.start..end)),
            is_definition: site.is_definition,
        });
    }
}

/// Lists where the name at a position is used.
pub(super) fn references(workspace: &Workspace, given: &ReferenceParams) -> Option<Vec<Location>> {
    let (document, site) = named(workspace, &given.text_document_position)?;
    let occurrences = occurrences(workspace, document, site).into_iter();
    let wanted = occurrences
        .filter(|occurrence| given.context.include_declaration || !occurrence.is_definition);
    Some(wanted.map(|occurrence| occurrence.location).collect())
}
