//! Taking a list in: what it would do first, then the rows, and back again.

use std::io::ErrorKind;
use std::path::Path;

use samla_core::book::{ImportProgress, ImportRun, ImportView, UndoProgress};
use samla_core::lists::{
    CandidateView, Column, ColumnView, DryRowView, DryRun, FieldChange, ImportChoices, List, ListProgress, ListTerms,
    PlaceName, UnknownWorkplace, Verdict,
};
use samla_core::tables::{Import, ImportSource, Table};
use samla_core::texts::Worded;
use samla_core::{BookError, Id};
use serde_json::json;

use super::rows::shown;
use crate::args::{self, Meaning, Terms};
use crate::desk::{Desk, today};
use crate::failure::{Failure, unknown_field};
use crate::say::{Say, plain};
use crate::words::Words;

/// So many rows are looked at or written at once; after each such step an import can be cut off and gone on with.
pub(super) const STEP: usize = 2_000;

/// Shows what taking a list in would do, and with `--yes` does it.
pub(super) fn take_in(desk: &mut Desk, asked: &args::Import, say: &mut Say) -> Result<(), Failure> {
    // The arguments are checked where they are read: there is a file or a step.
    let Some(file) = &asked.file else { return Ok(()) };
    let bytes = read(file)?;
    let list = List::read_telling(&bytes, |progress| reading(progress, say)).map_err(BookError::from)?;
    let columns = columns(desk, &list, &asked.terms.columns)?;
    let source = asked.source.unwrap_or(ImportSource::Own);
    let terms = terms(desk, source, &columns, &asked.terms)?;
    let dry = dry_run(desk, &list, &terms, say)?;
    let written = match asked.yes {
        true => Some(start(desk, &dry, asked, say)?),
        false => None,
    };
    if let Some((import, progress)) = written {
        let view = json!({ "import": import, "counts": dry.view(), "written": progress });
        return say.tell(&view, |_, words| {
            let written = written_lines(import, progress, words);
            count_lines(&dry, words).into_iter().chain(written).collect()
        });
    }
    let rows = dry.rows(desk.register(), Some(asked.show.unwrap_or(Verdict::Unsure)), 0, usize::MAX);
    let view = json!({ "form": list.form(), "columns": columns, "counts": dry.view(), "rows": rows });
    say.tell(&view, |_, words| {
        let mut lines = vec![plain(&words.language().list_form(list.form()))];
        lines.extend(column_lines(&columns, words));
        lines.extend(count_lines(&dry, words));
        lines.extend(rows.iter().flat_map(|row| row_lines(row, words)));
        lines.push(words.say("import.ask", &[]));
        lines
    })
}

/// The bytes of a file, or of standard input.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map_err(Failure::Input)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::NoFile,
        _ => Failure::Input(error),
    })
}

/// What the columns mean: as the core proposes, but for what was said.
fn columns(desk: &Desk, list: &List, said: &[Meaning]) -> Result<Vec<ColumnView>, Failure> {
    let mut columns = desk.book().list_columns(list)?;
    for meaning in said {
        if !mean(&mut columns, meaning) {
            return Err(unknown_field(&meaning.column));
        }
    }
    Ok(columns)
}

/// Gives a column its meaning, and takes it from the one that was thought to have it. Tells whether there is such a column.
pub(super) fn mean(columns: &mut [ColumnView], said: &Meaning) -> bool {
    let folded = said.column.to_lowercase();
    let is_called =
        |column: &ColumnView| column.header.as_ref().is_some_and(|header| header.trim().to_lowercase() == folded);
    let by_number = || said.column.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < columns.len());
    let Some(at) = columns.iter().position(is_called).or_else(by_number) else { return false };
    for (nth, column) in columns.iter_mut().enumerate() {
        if nth == at {
            column.meaning = said.meaning;
            if said.meaning == Column::PersonalNumber {
                column.samples.clear();
            }
        } else if column.meaning == said.meaning && !said.meaning.may_repeat() {
            column.meaning = Column::Ignored;
        }
    }
    true
}

fn terms(desk: &Desk, source: ImportSource, columns: &[ColumnView], said: &Terms) -> Result<ListTerms, Failure> {
    let columns = columns.iter().map(|column| column.meaning).collect();
    Ok(ListTerms { source, columns, workplace: said.workplace, places: places(desk, said)? })
}

/// What lists call workplaces: as was said before, but for what is said now.
pub(super) fn places(desk: &Desk, said: &Terms) -> Result<Vec<PlaceName>, Failure> {
    let mut places = desk.book().list_places()?;
    places.extend_from_slice(&said.places);
    Ok(places)
}

/// Shows how far a list has been read.
pub(super) fn reading(progress: ListProgress, say: &mut Say) {
    show_share("import.reading", progress, say);
}

/// Shows in percent how far long work has come, in the words of this key.
pub(super) fn show_share(key: &str, progress: ListProgress, say: &mut Say) {
    let share = progress.done.saturating_mul(1000) / progress.total.max(1);
    let share = say.words().language().percent(i64::try_from(share).unwrap_or(1000));
    let told = say.words().say(key, &[("share", &share)]);
    say.progress(&told);
}

/// Shows how many of the rows long work has seen, in the words of this key.
fn show_rows(key: &str, done: usize, total: usize, say: &mut Say) {
    let told = say.words().say(key, &[("done", &done.to_string()), ("total", &total.to_string())]);
    say.progress(&told);
}

fn dry_run(desk: &Desk, list: &List, terms: &ListTerms, say: &mut Say) -> Result<DryRun, Failure> {
    let mut running = desk.book().start_dry_run(list, terms, today())?;
    loop {
        let progress = running.step(desk.register(), STEP);
        if progress.done >= progress.total {
            say.progress_done();
            return Ok(running.finish(desk.register()));
        }
        show_rows("import.looking", progress.done, progress.total, say);
    }
}

fn start(
    desk: &mut Desk,
    dry: &DryRun,
    asked: &args::Import,
    say: &mut Say,
) -> Result<(Id<Import>, ImportProgress), Failure> {
    let fields = Table::Contacts.fields();
    let may_be = |name: &str| fields.iter().any(|spec| spec.name == name) || name == Column::MemberSince.word();
    if let Some(unknown) = asked.overwrite.iter().find(|name| !may_be(name)) {
        return Err(unknown_field(unknown));
    }
    let choices = ImportChoices {
        overwrite: asked.overwrite.clone(),
        rows: asked.take.clone(),
        source: asked.source_text.clone(),
    };
    let run = desk.act(|book, ctx| book.start_import(ctx, dry, &choices))?;
    Ok((run.import(), finish(desk, run, say)?))
}

fn finish(desk: &mut Desk, mut run: ImportRun, say: &mut Say) -> Result<ImportProgress, Failure> {
    loop {
        let progress = desk.act(|book, ctx| run.step(book, ctx, STEP))?;
        if progress.finished {
            say.progress_done();
            return Ok(progress);
        }
        show_rows("import.progress", progress.done, progress.total, say);
    }
}

/// Goes on with an import that was cut off.
pub(super) fn resume(desk: &mut Desk, import: Option<Id<Import>>, say: &mut Say) -> Result<(), Failure> {
    let import = named_or_latest(desk, import, |view| view.unfinished)?;
    let run = desk.book().resume_import(import)?;
    let progress = finish(desk, run, say)?;
    say.tell(&json!({ "import": import, "written": progress }), |_, words| written_lines(import, progress, words))
}

/// Takes an import back.
pub(super) fn undo(desk: &mut Desk, import: Option<Id<Import>>, say: &mut Say) -> Result<(), Failure> {
    let import = named_or_latest(desk, import, |view| view.can_undo && !view.undone)?;
    let mut undo = desk.book().undo_import(import)?;
    loop {
        let (done, total, finished) = desk.act(|book, ctx| {
            let progress = undo.step(book, ctx, STEP)?;
            Ok((progress.done, progress.total, progress.finished))
        })?;
        if finished {
            say.progress_done();
            return say.tell(undo.progress(), undo_lines);
        }
        show_rows("import.progress", done, total, say);
    }
}

fn named_or_latest(
    desk: &Desk,
    named: Option<Id<Import>>,
    fits: impl Fn(&ImportView) -> bool,
) -> Result<Id<Import>, Failure> {
    if let Some(import) = named {
        return Ok(import);
    }
    let imports = desk.book().imports()?;
    let latest = imports.iter().find(|view| fits(view));
    Ok(latest.ok_or(Failure::NoImport)?.id)
}

/// The lists that were taken in.
pub(super) fn list(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    let imports = desk.book().imports()?;
    say.tell(&imports, |imports, words| imports.iter().map(|import| import_line(import, words)).collect())
}

fn import_line(import: &ImportView, words: &Words) -> String {
    let language = words.language();
    let mark = |is: bool, key: &str| is.then(|| words.say(key, &[]));
    let parts = [
        import.source.map(|source| language.word(source).to_owned()),
        import.rows.map(|rows| words.count("rows", rows)),
        import.at.map(|at| words.when(&at)),
        import.by_name.as_deref().map(plain),
        import.signed_off.map(|at| words.say("import.signed_off", &[("when", &words.when(&at))])),
        mark(import.undone, "import.undone"),
        mark(import.unfinished, "import.unfinished"),
        mark(import.can_undo && !import.undone, "import.can_undo"),
    ];
    format!("{} {}", import.id, parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// What each column is thought to mean, as `--column` takes it.
pub(super) fn column_lines(columns: &[ColumnView], words: &Words) -> Vec<String> {
    let line = |(nth, column): (usize, &ColumnView)| {
        let header = column.header.as_deref().map(plain).unwrap_or_default();
        let samples: Vec<_> = column.samples.iter().map(|sample| plain(sample)).collect();
        let why = words.called(column.reason);
        let called = words.language().column(column.meaning);
        format!("{}. {header} = {} · {called} ({why}): {}", nth + 1, column.meaning.word(), samples.join("; "))
    };
    columns.iter().enumerate().map(line).collect()
}

fn count_lines(dry: &DryRun, words: &Words) -> Vec<String> {
    let view = dry.view();
    let counts = [
        (Verdict::New, view.new),
        (Verdict::Changed, view.changed),
        (Verdict::Same, view.same),
        (Verdict::Unsure, view.unsure),
    ];
    let counts: Vec<_> = counts.iter().map(|(verdict, n)| format!("{}: {n}", words.called(*verdict))).collect();
    let mut lines = vec![counts.join(", ")];
    lines.extend(view.unknown_workplaces.iter().map(|place| unknown_line(place, words)));
    if view.numbers_left_out > 0 {
        lines.push(words.say("import.numbers_left_out", &[("n", &view.numbers_left_out.to_string())]));
    }
    lines.extend(view.taken_in_before.map(|import| words.say("import.before", &[("id", &import.to_string())])));
    lines
}

/// A workplace that a list names and the register does not have.
pub(super) fn unknown_line(place: &UnknownWorkplace, words: &Words) -> String {
    let of = [("name", &*plain(&place.name)), ("rows", &*words.count("rows", place.rows))];
    words.say("import.unknown_workplace", &of)
}

fn row_lines(row: &DryRowView, words: &Words) -> Vec<String> {
    let parts = [
        Some(format!("{} {} {}", row.line, words.called(row.verdict), plain(&row.name))),
        row.contact.map(|contact| contact.to_string()),
        row.reason.map(|reason| words.called(reason).to_owned()),
        row.again_of.map(|line| words.say("import.again_of", &[("line", &line.to_string())])),
    ];
    let notes = row.notes.iter().map(|note| Some(words.called(*note).to_owned()));
    let head = parts.into_iter().chain(notes).flatten().collect::<Vec<_>>().join(" · ");
    let candidates = row.candidates.iter().map(|one| candidate_line(one, words));
    let changes = row.changes.iter().map(|change| change_line(change, words));
    std::iter::once(head).chain(candidates.chain(changes).map(|line| format!("    {line}"))).collect()
}

/// Somebody who may be meant, and what tells.
pub(super) fn candidate_line(one: &CandidateView, words: &Words) -> String {
    let place = one.workplace_name.as_deref().map(plain);
    let reasons: Vec<_> = one.reasons.iter().map(|reason| words.called(*reason)).collect();
    let who = std::iter::once(plain(&one.name)).chain(place).collect::<Vec<_>>().join(", ");
    format!("{} {who} ({})", one.contact, reasons.join(", "))
}

/// What the register has and what the list says.
pub(super) fn change_line(change: &FieldChange, words: &Words) -> String {
    let field = words.language().field(Table::Contacts, &change.field);
    // Against the day that a membership began stands the membership.
    let of_old = if change.field == Column::MemberSince.word() { "membership" } else { change.field.as_str() };
    let old = shown(Table::Contacts, of_old, change.old.as_ref(), &change.old_shown, words);
    let new = shown(Table::Contacts, &change.field, Some(&change.new), &change.new_shown, words);
    format!("{field}: {old} → {new}")
}

fn written_lines(import: Id<Import>, progress: ImportProgress, words: &Words) -> Vec<String> {
    let (added, changed) = (progress.added.to_string(), progress.changed.to_string());
    let mut lines =
        vec![words.say("import.written", &[("id", &import.to_string()), ("added", &added), ("changed", &changed)])];
    if progress.passed_over > 0 {
        lines.push(words.say("import.passed_over", &[("n", &progress.passed_over.to_string())]));
    }
    lines
}

fn undo_lines(progress: &UndoProgress, words: &Words) -> Vec<String> {
    let (removed, restored) = (progress.removed.to_string(), progress.restored.to_string());
    let head = words.say("import.taken_back", &[("removed", &removed), ("restored", &restored)]);
    let left = progress.left.iter().map(|left| {
        let field = left.field.as_deref().map(|field| format!(" {}", words.language().field(Table::Contacts, field)));
        let why = words.called(left.reason);
        format!("{} {}{}: {why}", left.contact, plain(&left.name), field.unwrap_or_default())
    });
    let nothing = progress.removed + progress.restored == 0 && progress.left.is_empty();
    let nothing = nothing.then(|| words.say("import.nothing_left", &[]));
    std::iter::once(head).chain(left).chain(nothing).collect()
}
