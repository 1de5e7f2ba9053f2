//! `types FOLDER`: writes the TypeScript types of what the core takes and answers, one file a type, and `index.ts`
//! over them all.
//!
//! Only the types that cross the border by themselves are named here; what they are made of follows. Whole numbers are
//! JavaScript's `number`: none that crosses comes near 2^53.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use samla_core::book::{
    ImportProgress, ImportView, InviteView, MemberView, SignUp, SignedUp, StatusView, UndoProgress,
};
use samla_core::lists::{
    ColumnView, DecisionView, DryRowView, DryRunView, ImportChoices, ListChangesView, ListForm, ListTerms,
};
use samla_core::register::{
    ConflictView, ContactCard, DeviceView, DueView, DuplicateHint, DuplicatePair, DuplicateQuery, SearchHit,
    TableSummary, WeekView,
};
use samla_core::sync::Progress;
use samla_core::tables::{Draft, Patch, Row};
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
    write!(Row, SearchHit, ContactCard, TableSummary, WeekView, DueView);
    write!(ConflictView, DuplicateHint, DuplicatePair, DeviceView);
    write!(ListForm, ColumnView, DryRunView, DryRowView, ImportProgress, UndoProgress, ImportView);
    write!(DecisionView, ListChangesView);

    index(&folder)
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
