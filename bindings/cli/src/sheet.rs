//! An answer as a list for a spreadsheet: what `--json` says, with a row for each item.
//!
//! What lies within an item has a column named by the way to it, such as `follow_up.due`. A list within an item has a row
//! for each of its entries, each with what the item says of itself; a list of plain words is one cell. The draft of a
//! follow-up, which is for programs, is left out.

use std::fmt;

use samla_core::lists::{CsvForm, export_cells};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// The column of what has no name.
const NAMELESS: &str = "value";
/// What a follow-up would hold: nothing to read.
const DRAFT: &str = "draft";

/// JSON whose objects keep the order of their fields.
enum Tree {
    Leaf(String),
    List(Vec<Tree>),
    Item(Vec<(String, Tree)>),
}

/// Cells under the names of their columns.
type Cells = Vec<(String, String)>;

/// This JSON as CSV, its columns in the order in which they are met. Nothing at all where the list is empty.
pub(crate) fn csv(json: &str, form: CsvForm) -> serde_json::Result<String> {
    let rows: Vec<Cells> = match serde_json::from_str(json)? {
        Tree::List(items) => items.into_iter().flat_map(|item| rows_of("", item)).collect(),
        one => rows_of("", one),
    };
    let mut columns: Vec<&str> = Vec::new();
    for (column, _) in rows.iter().flatten() {
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    // Where one item has nothing and another has something with columns of its own, those are the columns.
    let has_parts =
        |column: &str| columns.iter().any(|other| other.strip_prefix(column).is_some_and(|rest| rest.starts_with('.')));
    let columns: Vec<_> = columns.iter().copied().filter(|column| !has_parts(column)).collect();
    let cell = |row: &Cells, column: &str| {
        row.iter().find(|(name, _)| name == column).map(|(_, cell)| cell.clone()).unwrap_or_default()
    };
    let records = rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect::<Vec<_>>());
    let header = columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>();
    let header = (!columns.is_empty()).then_some(header);
    Ok(export_cells(header.into_iter().chain(records), form))
}

fn rows_of(at: &str, tree: Tree) -> Vec<Cells> {
    let column = || if at.is_empty() { NAMELESS } else { at }.to_owned();
    match tree {
        Tree::Leaf(text) => vec![vec![(column(), text)]],
        Tree::List(entries) => {
            if let Some(words) = words(&entries) {
                return vec![vec![(column(), words.join("; "))]];
            }
            entries.into_iter().flat_map(|entry| rows_of(at, entry)).collect()
        }
        Tree::Item(fields) => {
            let (mut own, mut within): (Cells, Vec<Cells>) = (Vec::new(), Vec::new());
            for (name, field) in fields.into_iter().filter(|(name, _)| name != DRAFT) {
                let path = if at.is_empty() { name } else { format!("{at}.{name}") };
                let mut rows = rows_of(&path, field);
                if rows.len() == 1 { own.extend(rows.drain(..).flatten()) } else { within.append(&mut rows) }
            }
            if within.is_empty() {
                return vec![own];
            }
            within.into_iter().map(|row| own.iter().cloned().chain(row).collect()).collect()
        }
    }
}

/// The entries, where all of them are plain; so is a list without any.
fn words(entries: &[Tree]) -> Option<Vec<&str>> {
    let words = entries.iter().map(|entry| match entry {
        Tree::Leaf(text) => Some(text.as_str()),
        Tree::List(_) | Tree::Item(_) => None,
    });
    words.collect()
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(String::new()))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Tree, E> {
        Ok(Tree::Leaf(is.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Leaf(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Leaf(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Leaf(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Leaf(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element()? {
            entries.push(entry);
        }
        Ok(Tree::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Tree::Item(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(json: &str) -> Vec<String> {
        csv(json, CsvForm::Program).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn items_become_rows_under_the_way_to_each_value() {
        let json = r#"[
            {"name": "Åsa", "n": -2, "follow_up": null, "also": [], "draft": {"cause": "x"}},
            {"name": "Dan, Bo", "n": 3, "follow_up": {"id": "7", "done": true}, "also": ["Eva", "Fia"]}
        ]"#;
        let expected = ["name,n,also,follow_up.id,follow_up.done", "Åsa,-2,,,", "\"Dan, Bo\",3,Eva; Fia,7,true"];
        assert_eq!(lines(json), expected);
        assert_eq!(csv("[]", CsvForm::Program).unwrap(), "");
    }

    #[test]
    fn a_list_within_an_item_has_a_row_for_each_entry() {
        let json = r#"[
            {"place": "North", "hires": [{"name": "Åsa"}, {"name": "Dan"}], "note": "x"},
            {"place": "South", "hires": [{"name": "Fia"}], "note": null},
            {"place": "West", "hires": [], "note": null}
        ]"#;
        assert_eq!(lines(json), ["place,note,hires.name", "North,x,Åsa", "North,x,Dan", "South,,Fia", "West,,"]);
    }

    #[test]
    fn no_cell_runs_as_a_formula() {
        assert_eq!(lines(r#"{"name": "=1+1", "phone": "+46 70-174 06 05"}"#), ["name,phone", "'=1+1,+46 70-174 06 05"]);
    }
}
