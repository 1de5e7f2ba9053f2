//! The list in a workbook: the first sheet whose columns are named, or else the first with rows. Before the list may stand a
//! sheet that says what it is.
//!
//! A workbook is a ZIP archive of XML parts. They are inflated within a bound, whatever sizes the archive claims, and
//! nothing is set aside on the word of the file. That is why this reads them itself, on libraries for the archive and the
//! XML: the reader that everybody uses sets aside as many strings as the file says it has, and so lets a small file end
//! the program.

mod parts;
mod sheet;
mod styles;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Taken, Tell};
use crate::lists::{ListError, columns};
use parts::Parts;
use styles::Styles;

/// The most sheets that are looked through: for each the archive is searched anew.
const SHEETS_MAX: usize = 256;

/// Reads the sheet with the list: its name, and the rows.
pub(super) fn read(bytes: &[u8], tell: Tell<'_>) -> Result<(String, Taken), ListError> {
    let mut parts = Parts::of(bytes)?;
    let top = parts.text("_rels/.rels")?.map(|xml| relations(&xml)).transpose()?.unwrap_or_default();
    let main = top.iter().find(|relation| relation.kind.ends_with("/officeDocument"));
    let main = main.map_or("xl/workbook.xml".to_owned(), |relation| within("", &relation.target));
    let book = workbook(&parts.text(&main)?.ok_or(ListError::DamagedWorkbook)?)?;

    let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
    let relations_of_main = parts.text(format!("{folder}/_rels/{file}.rels").trim_start_matches('/'))?;
    let related = relations_of_main.map(|xml| relations(&xml)).transpose()?.unwrap_or_default();
    let part = |kind: &str| related.iter().find(|relation| relation.kind.ends_with(kind));
    let path = |relation: &Relation| within(folder, &relation.target);
    let strings = part("/sharedStrings").map(|part| parts.text(&path(part))).transpose()?.flatten();
    let strings = strings.map(|xml| sheet::shared_strings(&xml)).transpose()?.unwrap_or_default();
    let styles = part("/styles").map(|part| parts.text(&path(part))).transpose()?.flatten();
    let styles = styles.map(|xml| Styles::read(&xml, book.from_1904)).transpose()?.unwrap_or_default();

    // A page before the list does not become the list where the list cannot be read.
    let (mut first, mut failed) = (None, None);
    for (name, id) in book.sheets.into_iter().take(SHEETS_MAX) {
        let Some(relation) = related.iter().find(|relation| relation.id == id) else { continue };
        let read = match parts.text(&path(relation)) {
            Ok(Some(xml)) => sheet::read(&xml, &strings, &styles, tell),
            Ok(None) => continue,
            Err(error) => Err(error),
        };
        match read {
            Ok(taken) if columns::are_named(&taken.rows) => return Ok((name, taken)),
            Ok(taken) if first.is_none() && !taken.rows.is_empty() => first = Some((name, taken)),
            Err(error) if first.is_none() => return Err(error),
            Err(error) => failed = failed.or(Some(error)),
            Ok(_) => {}
        }
    }
    match failed {
        Some(error) => Err(error),
        None => first.ok_or(ListError::Empty),
    }
}

/// The sheets that are not hidden, each with the id of its part, and from when the days are counted.
struct Workbook {
    sheets: Vec<(String, String)>,
    from_1904: bool,
}

fn workbook(xml: &str) -> Result<Workbook, ListError> {
    let mut book = Workbook { sheets: Vec::new(), from_1904: false };
    each_element(xml, |element| match element.local_name().as_ref() {
        "sheet" if !attribute(element, "state").is_some_and(|state| state.ends_with("idden")) => {
            let (name, id) = (attribute(element, "name"), attribute(element, "id"));
            book.sheets.extend(id.map(|id| (name.unwrap_or_default(), id)));
        }
        "workbookPr" => {
            book.from_1904 = attribute(element, "date1904").is_some_and(|value| value == "1" || value == "true");
        }
        _ => {}
    })?;
    Ok(book)
}

/// One part that another points at.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations(xml: &str) -> Result<Vec<Relation>, ListError> {
    let mut all = Vec::new();
    each_element(xml, |element| {
        let [id, kind, target] = ["Id", "Type", "Target"].map(|name| attribute(element, name).unwrap_or_default());
        if !target.is_empty() {
            all.push(Relation { id, kind, target });
        }
    })?;
    Ok(all)
}

/// The path of a part that is named from a folder.
fn within(folder: &str, target: &str) -> String {
    match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None if folder.is_empty() => target.to_owned(),
        None => format!("{folder}/{target}"),
    }
}

fn reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    reader
}

/// Shows each element of a small part as it begins.
fn each_element(xml: &str, mut show: impl FnMut(&BytesStart<'_>)) -> Result<(), ListError> {
    let mut reader = reader(xml);
    loop {
        match reader.read_event().map_err(|_| ListError::DamagedWorkbook)? {
            Event::Start(element) => show(&element),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// An attribute by its name without any prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

#[cfg(test)]
mod tests;
