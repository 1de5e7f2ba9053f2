//! `types FOLDER`: writes the TypeScript types of what the core takes and answers, one file a type, and `index.ts`
//! over them all; and `choices.ts`, which says what a field holds: to find the words for a value, and to ask for one.
//!
//! Only the types that cross the border by themselves are named here; what they are made of follows. Whole numbers are
//! JavaScript's `number`: none that crosses comes near 2^53.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use samla_core::book::{
    CallLog, CallLogged, CameInView, Claimed, CompareCode, Compared, ContinuityView, EraseView, FileView, FoundedView,
    HandedOver, ImportProgress, ImportView, InviteView, LostEditsView, MassRemovalView, MemberView, PendingView,
    Repeated, SignUp, SignedUp, StatusView, UndoProgress, WantView,
};
use samla_core::lists::{
    ColumnView, DecisionView, DryRowView, DryRunView, ImportChoices, ListChangesView, ListForm, ListTerms,
};
use samla_core::register::{
    AutomaticView, CallClash, CallView, ConflictView, ContactCard, CoverageView, DeviceView, DueView, DuplicateHint,
    DuplicatePair, DuplicateQuery, LinkView, NewHiresView, NotSpokenWithView, SearchHit, SeasonVisit, SeasonWeek,
    SeriesView, ShiftView, SuggestedVisit, TableSummary, TodayView, WeekView,
};
use samla_core::sync::Progress;
use samla_core::tables::{Draft, FieldSpec, Kind, Patch, Row, Table};
use ts_rs::{Config, TS};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("usage: types FOLDER")?);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let config = Config::new().with_out_dir(&folder).with_large_int("number");

    macro_rules! write {
        ($($crossing:ty),* $(,)?) => { $( <$crossing>::export_all(&config)?; )* };
    }
    // In: what is recorded, changed and asked.
    write!(Draft, Patch, SignUp, CallLog, DuplicateQuery, ListTerms, ImportChoices);
    // Out: what a command or a round of sync brought, rows, and what a screen shows.
    write!(InviteView, SignedUp, Progress, StatusView, MemberView);
    write!(PendingView, CameInView, CompareCode, Compared, FileView);
    write!(WantView, EraseView, FoundedView, ContinuityView, LostEditsView);
    write!(Row, SearchHit, ContactCard, TableSummary, TodayView, WeekView, DueView);
    write!(ConflictView, DuplicateHint, DuplicatePair, LinkView, DeviceView, MassRemovalView);
    write!(AutomaticView, CallView, CallClash, CallLogged, Claimed, HandedOver, NewHiresView, NotSpokenWithView);
    write!(SeasonWeek, SeasonVisit, ShiftView, SeriesView, Repeated, CoverageView, SuggestedVisit);
    write!(ListForm, ColumnView, DryRunView, DryRowView, ImportProgress, UndoProgress, ImportView);
    write!(DecisionView, ListChangesView);

    index(&folder)?;
    choices(&folder)
}

/// Writes `index.ts`, which hands on every type of the folder.
fn index(folder: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ts") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    let lines: String = names.iter().map(|name| format!("export type * from \"./{name}\";\n")).collect();
    std::fs::write(folder.join("index.ts"), lines).context("cannot write the index")
}

/// Writes `choices.ts`: for each table, what the fields hold that are no texts, and the name of the type of those that hold
/// one of a few words; and for each of these types, its words.
fn choices(folder: &Path) -> Result<()> {
    let mut lines = String::from("import type { Type } from \"../src/words/words.svelte\";\n");
    lines.push_str("import type { Table } from \"./Table\";\n\n");
    lines.push_str("/** What a field holds; a table, if it points at a row of that. */\n");
    lines.push_str("export type Kind = \"number\" | \"bool\" | \"date\" | \"moment\" | \"choice\" | Table;\n\n");
    let mut words = BTreeMap::new();
    for spec in Table::ALL.iter().flat_map(|table| table.fields()) {
        if let (Some(choice), Kind::Choice(of)) = (spec.choice, spec.kind) {
            words.insert(choice, of);
        }
    }
    lines.push_str("export const CHOICES: Record<string, Record<string, Type>> = {\n");
    lines.push_str(&by_table(|spec| spec.choice));
    lines.push_str("};\n\nexport const KINDS: Record<string, Record<string, Kind>> = {\n");
    lines.push_str(&by_table(|spec| match spec.kind {
        Kind::Text => None,
        Kind::Int => Some("number"),
        Kind::Bool => Some("bool"),
        Kind::Date => Some("date"),
        Kind::Moment => Some("moment"),
        Kind::Link(table) => Some(table.name()),
        Kind::Choice(_) => Some("choice"),
    }));
    lines.push_str("};\n\nexport const VALUES: Partial<Record<Type, readonly string[]>> = {\n");
    for (choice, of) in words {
        let of: Vec<_> = of.iter().map(|word| format!("\"{word}\"")).collect();
        lines.push_str(&format!("  {choice}: [{}],\n", of.join(", ")));
    }
    lines.push_str("};\n");
    std::fs::write(folder.join("choices.ts"), lines).context("cannot write the choices")
}

/// For each table, a line with what is said of its fields.
fn by_table(says: impl Fn(&FieldSpec) -> Option<&'static str>) -> String {
    let mut lines = String::new();
    for table in Table::ALL {
        let fields = table.fields().iter().filter_map(|spec| Some((spec.name, says(spec)?)));
        let fields: Vec<_> = fields.map(|(name, said)| format!("{name}: \"{said}\"")).collect();
        if !fields.is_empty() {
            lines.push_str(&format!("  {table}: {{ {} }},\n", fields.join(", ")));
        }
    }
    lines
}
