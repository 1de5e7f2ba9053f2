//! `types FOLDER`: writes the TypeScript types of what the core takes and answers, one file a type, and `index.ts`
//! over them all; and `choices.ts`, which says what type the choices of a field are of, to find the words for a value.
//!
//! Only the types that cross the border by themselves are named here; what they are made of follows. Whole numbers are
//! JavaScript's `number`: none that crosses comes near 2^53.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use samla_core::book::{
    CameInView, ContinuityView, EraseView, FileView, FoundedView, ImportProgress, ImportView, InviteView,
    LostEditsView, MemberView, PendingView, SignUp, SignedUp, StatusView, UndoProgress, WantView,
};
use samla_core::lists::{
    ColumnView, DecisionView, DryRowView, DryRunView, ImportChoices, ListChangesView, ListForm, ListTerms,
};
use samla_core::register::{
    ConflictView, ContactCard, DeviceView, DueView, DuplicateHint, DuplicatePair, DuplicateQuery, SearchHit,
    TableSummary, WeekView,
};
use samla_core::sync::Progress;
use samla_core::tables::{Draft, Patch, Row, Table};
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
    write!(Draft, Patch, SignUp, DuplicateQuery, ListTerms, ImportChoices);
    // Out: what a command or a round of sync brought, rows, and what a screen shows.
    write!(InviteView, SignedUp, Progress, StatusView, MemberView);
    write!(PendingView, CameInView, WantView, EraseView, FoundedView, ContinuityView, LostEditsView, FileView);
    write!(Row, SearchHit, ContactCard, TableSummary, WeekView, DueView);
    write!(ConflictView, DuplicateHint, DuplicatePair, DeviceView);
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

/// Writes `choices.ts`: for each table, the fields that hold one of a few words, and the name of the type of those.
fn choices(folder: &Path) -> Result<()> {
    let mut lines = String::from("import type { Type } from \"../src/words/words.svelte\";\n\n");
    lines.push_str("export const CHOICES: Record<string, Record<string, Type>> = {\n");
    for table in Table::ALL {
        let fields = table.fields().iter().filter_map(|spec| Some((spec.name, spec.choice?)));
        let fields: Vec<_> = fields.map(|(name, choice)| format!("{name}: \"{choice}\"")).collect();
        if !fields.is_empty() {
            lines.push_str(&format!("  {table}: {{ {} }},\n", fields.join(", ")));
        }
    }
    lines.push_str("};\n");
    std::fs::write(folder.join("choices.ts"), lines).context("cannot write the choices")
}
