//! What one device feels at a thousand, ten thousand and fifty thousand contacts, beside automerge alone.
//!
//! ```text
//! prepare       a season is told; an office records it and sends it; a phone joins and fetches it; a colleague then makes
//!               edits one by one, and the answers that bring them to the phone are kept
//! warm          the phone opens its copy, takes in those answers, is tapped, searched and asked for duplicates, and
//!               holds a list of 14,000 rows against its register and compares it with the office's
//! import        another phone takes that list in and back
//! cold          the phone opens its copy without what opening keeps ready
//! bare-prepare, bare-warm   the same rows in one automerge document
//! ```
//! Each stage is this program again, in a process of its own, which answers with numbers in JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use samla_core::lists::{ImportChoices, List, ListTerms, Reconcile};
use samla_core::tables::{Contact, ContactDraft, Draft, ImportSource, Patch};
use samla_core::{Place, RowId};

use crate::bare;
use crate::device::{Device, file, now};
use crate::measure::{LINEAR, Share, Times, megabytes, seconds};
use crate::process::{Server, own_peak_memory};
use crate::season;

const TAPS: usize = 300;
const EDITS: usize = 100;
const OPENINGS: usize = 5;
const PERSONS_SOUGHT: usize = 25;
/// Rows of the list that is held against the register.
const LISTED: usize = 14_000;
const LIST_READINGS: usize = 3;
const PHONE: &str = "phone.db";
const IMPORTER: &str = "importer.db";
const ANSWERS: &str = "answers.json";
/// The lists, what taking the employer's in writes of people whom the register does not have, and people to write down.
const EMPLOYER: &str = "employer.csv";
const OFFICE: &str = "office.csv";
const LISTED_NEW: &str = "listed.json";
const TO_TAP: &str = "tap.json";
const TALKS_EACH: usize = 2;

/// How this program is told to be a stage of itself.
#[derive(clap::Args)]
pub(crate) struct StageArguments {
    #[arg(long, hide = true)]
    pub(crate) stage: Option<Stage>,
    #[arg(long, hide = true, default_value_t = 0)]
    contacts: usize,
    #[arg(long, hide = true, default_value = ".")]
    folder: PathBuf,
}

/// A stage, see the module.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Stage {
    Prepare,
    Warm,
    Cold,
    Import,
    BarePrepare,
    BareWarm,
}

type Numbers = BTreeMap<String, f64>;

/// Measures every size and prints a table each.
pub(crate) fn run(sizes: &[usize]) -> Result<()> {
    let mut measured = Vec::new();
    for size in sizes {
        let folder = tempfile::tempdir()?;
        let ask = |stage: &str| ask(stage, *size, folder.path());
        let (prepared, bare_prepared) = (ask("prepare")?, ask("bare-prepare")?);
        let (warm, cold, import, bare) = (ask("warm")?, ask("cold")?, ask("import")?, ask("bare-warm")?);
        let samla = [prepared, warm, cold, import];
        print(*size, &samla, &[bare_prepared, bare]);
        measured.push((*size, samla));
    }
    if let [.., small, large] = measured.as_slice() {
        print_growth(small, large);
    }
    Ok(())
}

/// What grew faster than the register between the last two sizes. The list has the same rows at each.
fn print_growth((small, before): &(usize, [Numbers; 4]), (large, after): &(usize, [Numbers; 4])) {
    let larger = *large as f64 / *small as f64;
    println!("\nGrew more than {LINEAR} times as much as the register from {small} to {large} contacts");
    let mut any = false;
    for (name, now) in after.iter().flatten().filter(|(name, _)| !name.contains("_cpu")) {
        let was = before.iter().find_map(|numbers| numbers.get(name)).copied().unwrap_or(f64::NAN);
        let more = now / was / larger;
        if more > LINEAR {
            any = true;
            println!("  {name:44} × {more:.1}");
        }
    }
    if !any {
        println!("  nothing");
    }
}

fn ask(stage: &str, contacts: usize, folder: &Path) -> Result<Numbers> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--stage", stage, "--contacts", &contacts.to_string(), "--folder"])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        bail!("the stage {stage} at {contacts} contacts failed");
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Takes one stage in this process and prints its numbers.
pub(crate) fn take(stage: Stage, arguments: &StageArguments) -> Result<()> {
    let (folder, contacts) = (arguments.folder.as_path(), arguments.contacts);
    let mut numbers = Numbers::new();
    let mut note = |name: &str, number: f64| {
        numbers.insert(name.to_owned(), number);
    };
    match stage {
        Stage::Prepare => prepare(folder, contacts, &mut note)?,
        Stage::Warm => warm(folder, contacts, &mut note)?,
        Stage::Cold => cold(folder, &mut note)?,
        Stage::Import => import(folder, &mut note)?,
        Stage::BarePrepare => {
            let told = season::tell(contacts, TALKS_EACH, LISTED + TAPS, now())?;
            let began = Instant::now();
            bare::prepare(folder, &told, EDITS)?;
            note("record", began.elapsed().as_secs_f64());
        }
        Stage::BareWarm => {
            let cost =
                bare::measure(folder, &season::kept(&folder.join(TO_TAP))?, &season::kept(&folder.join(LISTED_NEW))?)?;
            note_both("tap", &cost.tap, &mut note);
            note_both("open", &cost.open, &mut note);
            note_both("remote_edit", &cost.remote_edit, &mut note);
            note_both("list_import", &cost.import, &mut note);
            note("size", cost.size as f64);
            note("memory", own_peak_memory()?);
        }
    }
    println!("{}", serde_json::to_string(&numbers)?);
    Ok(())
}

fn note_both(name: &str, times: &Times, note: &mut impl FnMut(&str, f64)) {
    note(&format!("{name}_wall"), times.wall(Share::Median));
    note(&format!("{name}_wall_p99"), times.wall(Share::P99));
    note(&format!("{name}_cpu"), times.cpu(Share::Median));
    note(&format!("{name}_cpu_p99"), times.cpu(Share::P99));
}

fn prepare(folder: &Path, count: usize, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let server = Server::start(&folder.join("server"))?;
    let told = season::tell(count, TALKS_EACH, LISTED + TAPS, now())?;
    let began = Instant::now();
    let mut office = Device::founds(Place::Memory, &server.url)?;
    office.sync()?;
    let there = office.records_register(&told)?;
    note("record", began.elapsed().as_secs_f64());
    let (list, new) = told.employers_list(LISTED);
    std::fs::write(folder.join(EMPLOYER), list)?;
    std::fs::write(folder.join(OFFICE), told.office_list(LISTED))?;
    season::keep(&folder.join(LISTED_NEW), &season::moved(new, &there))?;
    let to_tap = (LISTED..LISTED + TAPS).map(|n| told.stranger(n));
    season::keep(&folder.join(TO_TAP), &season::moved(to_tap, &there))?;
    let ids: Vec<RowId> =
        told.register.all::<Contact>().filter_map(|contact| there.get(&contact.id.row()).copied()).collect();
    drop(told);
    office.sync()?;
    let links = office.invites(1)?;
    let link = links.first().context("a link")?;

    let began = Instant::now();
    let mut phone = Device::joins(1, file(folder.join("joiner.db")), link)?;
    phone.sync()?;
    note("join", began.elapsed().as_secs_f64());
    phone.with(|book, ctx| book.tidy(ctx))?;
    office.sync()?;
    let copy = folder.join(PHONE);
    std::fs::copy(folder.join("joiner.db"), &copy)?;
    std::fs::copy(folder.join("joiner.db"), folder.join(IMPORTER))?;
    note("size", copy.metadata()?.len() as f64);

    // A round ends with the session that the next one uses: the copy must begin as this phone does, without one.
    drop(phone);
    let mut phone = Device::opens(2, file(folder.join("joiner.db")))?;
    let mut rounds = Vec::with_capacity(EDITS);
    for (n, id) in ids.iter().cycle().step_by(ids.len() / EDITS.min(ids.len())).take(EDITS).enumerate() {
        let set = Draft::Contacts(ContactDraft { note: Some(format!("edit {n}")), ..ContactDraft::default() });
        office.with(|book, ctx| book.set(ctx, &Patch { id: *id, set, clear: Vec::new() }))?;
        office.sync()?;
        phone.wire.kept = Some(Vec::new());
        phone.sync()?;
        rounds.push(phone.wire.kept.take().context("answers")?);
    }
    std::fs::write(folder.join(ANSWERS), serde_json::to_vec(&rounds)?)?;
    let database = std::fs::metadata(folder.join("server/samla.db"))?.len();
    let waiting = std::fs::metadata(folder.join("server/samla.db-wal")).map_or(0, |file| file.len());
    note("server_size", (database + waiting) as f64);
    Ok(())
}

fn warm(folder: &Path, count: usize, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let place = || file(folder.join(PHONE));
    let mut open = Times::default();
    for _ in 1..OPENINGS {
        drop(open.take(|| Device::opens(3, place()))?);
    }
    let mut phone = open.take(|| Device::opens(3, place()))?;
    note_both("open", &open, note);
    note("memory_open", own_peak_memory()?);

    let rounds: Vec<Vec<(u16, Vec<u8>)>> = serde_json::from_slice(&std::fs::read(folder.join(ANSWERS))?)?;
    let mut remote_edit = Times::default();
    for round in rounds {
        phone.book.begin_sync();
        for (status, body) in round {
            phone.with(|book, ctx| book.next_request(ctx))?.context("a request for each answer that was kept")?;
            let mut time = Times::default();
            let progress = time.take(|| phone.with(|book, ctx| book.on_response(ctx, status, &body)))?;
            if progress.received > 0 {
                remote_edit.extend(time);
            }
        }
    }
    note_both("remote_edit", &remote_edit, note);

    let mut tap = Times::default();
    for draft in season::kept(&folder.join(TO_TAP))? {
        tap.take(|| phone.add(&draft))?;
    }
    note_both("tap", &tap, note);

    let today = phone.now.date_naive();
    let (mut search, mut hint, mut hint_name) = (Times::default(), Times::default(), Times::default());
    let sought = phone.book.register().all::<Contact>().filter(|contact| contact.family_name.is_some());
    let sought: Vec<_> = sought.step_by(count / PERSONS_SOUGHT).take(PERSONS_SOUGHT).cloned().collect();
    for contact in sought {
        let names = [&contact.given_name, &contact.family_name].map(|name| name.as_deref().unwrap_or_default());
        let name = names.join(" ");
        for (end, letter) in name.char_indices() {
            let typed = name.get(..end + letter.len_utf8()).unwrap_or_default();
            search.take(|| std::hint::black_box(phone.book.register().search(typed, 20, today)));
        }
        let query = season::typed_again(&contact);
        hint.take(|| std::hint::black_box(phone.book.register().duplicate_hint(&query)));
        let query = season::named_again(&contact);
        hint_name.take(|| std::hint::black_box(phone.book.register().duplicate_hint(&query)));
    }
    note_both("search", &search, note);
    note_both("hint", &hint, note);
    note_both("hint_name", &hint_name, note);
    people(&phone, note);
    note("memory", own_peak_memory()?);
    list(folder, &mut phone, count, note)
}

fn list(folder: &Path, phone: &mut Device, count: usize, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let bytes = std::fs::read(folder.join(EMPLOYER))?;
    let (mut read, mut dry_run) = (Times::default(), Times::default());
    for _ in 0..LIST_READINGS {
        let (list, columns) = read.take(|| -> Result<_> {
            let list = List::read(&bytes)?;
            let columns = phone.book.list_columns(&list)?;
            Ok((list, columns))
        })?;
        let columns = columns.into_iter().map(|view| view.meaning).collect();
        let terms = ListTerms { source: ImportSource::Employer, columns, workplace: None, places: Vec::new() };
        let dry = dry_run.take(|| phone.book.dry_run(&list, &terms, phone.now.date_naive()))?;
        let view = dry.view();
        if view.same + view.changed < LISTED.min(count) / 3 {
            bail!("of the list {} are the same and {} changed", view.same, view.changed);
        }
    }
    note_both("list_read", &read, note);
    note_both("list_dry_run", &dry_run, note);
    note("memory_list", own_peak_memory()?);
    reconcile(phone, &bytes, &std::fs::read(folder.join(OFFICE))?, note)?;
    note("memory_reconcile", own_peak_memory()?);
    Ok(())
}

/// Both lists read, and held against the register and each other.
fn reconcile(phone: &mut Device, employer: &[u8], office: &[u8], note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let mut times = Times::default();
    for _ in 0..LIST_READINGS {
        let mut comparison = phone.with(|_, ctx| Reconcile::begin(ctx));
        let today = phone.now.date_naive();
        times.take(|| -> Result<()> {
            for (source, bytes) in [(ImportSource::Employer, employer), (ImportSource::Office, office)] {
                let list = comparison.read(bytes)?;
                let columns = phone.book.list_columns(&list)?.into_iter().map(|view| view.meaning).collect();
                let terms = ListTerms { source, columns, workplace: None, places: Vec::new() };
                comparison.add(phone.book.register(), &list, &terms)?;
            }
            Ok(comparison.compare(phone.book.register(), &[], today)?)
        })?;
        if comparison.open() == 0 {
            bail!("nothing to decide");
        }
    }
    note_both("reconcile", &times, note);
    Ok(())
}

/// The list taken in, every row durable, and taken back.
fn import(folder: &Path, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    const STEP: usize = 2_000;
    let mut phone = Device::opens(5, file(folder.join(IMPORTER)))?;
    let list = List::read(&std::fs::read(folder.join(EMPLOYER))?)?;
    let columns = phone.book.list_columns(&list)?.into_iter().map(|view| view.meaning).collect();
    let terms = ListTerms { source: ImportSource::Employer, columns, workplace: None, places: Vec::new() };
    let dry = phone.book.dry_run(&list, &terms, phone.now.date_naive())?;
    let (mut times, mut back) = (Times::default(), Times::default());
    let written = times.take(|| -> Result<_> {
        let mut run = phone.with(|book, ctx| book.start_import(ctx, &dry, &ImportChoices::default()))?;
        while !phone.with(|book, ctx| run.step(book, ctx, STEP))?.finished {}
        Ok(run)
    })?;
    let added = written.progress().added;
    back.take(|| -> Result<()> {
        let mut undo = phone.book.undo_import(written.import())?;
        while !phone.with(|book, ctx| undo.step(book, ctx, STEP).map(|progress| progress.finished))? {}
        Ok(())
    })?;
    // The larger the register, the fewer are new: all of those, and nobody else.
    let new = dry.view().new;
    if added == 0 || added != new {
        bail!("{added} rows were taken in, and {new} are new");
    }
    note("memory_import", own_peak_memory()?);
    note("list_added", added as f64);
    note_both("list_import", &times, note);
    note_both("list_undo", &back, note);
    Ok(())
}

/// What looks through everybody at once.
fn people(phone: &Device, note: &mut impl FnMut(&str, f64)) {
    let (register, today) = (phone.book.register(), phone.now.date_naive());
    let first = register.all::<Contact>().next().map(|contact| contact.id).unwrap_or_default();
    let (mut duplicates, mut expired, mut about) = (Times::default(), Times::default(), Times::default());
    for _ in 0..OPENINGS {
        duplicates.take(|| std::hint::black_box(register.duplicates(today)));
        expired.take(|| std::hint::black_box(register.expired(today)));
        about.take(|| std::hint::black_box(register.about(first, today)));
    }
    note_both("duplicates", &duplicates, note);
    note_both("expired", &expired, note);
    note_both("about", &about, note);
}

fn cold(folder: &Path, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let path = folder.join(PHONE);
    rusqlite::Connection::open(&path)?.execute("DELETE FROM cache", [])?;
    let mut open = Times::default();
    open.take(|| Device::opens(4, file(path)))?;
    note_both("open_cold", &open, note);
    note("memory_cold", own_peak_memory()?);
    Ok(())
}

/// What a time is to stay under.
fn target(name: &str) -> &'static str {
    match name {
        "hint_wall_p99" | "hint_name_wall" => "< 5 ms",
        "duplicates_wall" => "< 2 s",
        _ => "",
    }
}

fn print(size: usize, samla: &[Numbers], bare: &[Numbers]) {
    let get = |of: &[Numbers], name: &str| of.iter().find_map(|numbers| numbers.get(name)).copied();
    println!("\n{size} contacts of a season, with {TALKS_EACH} talks for each; 13 % are somebody again");
    println!("\n  {:44} {:>10}   {:>10}   {:>10}   {:>6}", "", "target", "samla", "automerge", "ratio");
    let line = |what: &str, name: &str, bare_name: &str, write: fn(f64) -> String| {
        let (ours, theirs) = (get(samla, name), get(bare, bare_name));
        let ratio = ours.zip(theirs).map(|(ours, theirs)| format!("{:.2}", ours / theirs));
        let text = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), write);
        let (target, ratio) = (target(name), ratio.unwrap_or_else(|| "–".into()));
        println!("  {what:44} {target:>10}   {:>10}   {:>10}   {ratio:>6}", text(ours), text(theirs));
    };
    line("record the register, one command a row", "record", "record", seconds);
    line("join, fetch and check it", "join", "", seconds);
    line("one tap until durable, CPU, median", "tap_cpu", "tap_cpu", seconds);
    line("one tap until durable, CPU, 99th percentile", "tap_cpu_p99", "tap_cpu_p99", seconds);
    line("one tap until durable, wall, median", "tap_wall", "tap_wall", seconds);
    line("one tap until durable, wall, 99th percentile", "tap_wall_p99", "tap_wall_p99", seconds);
    line("open the book, CPU", "open_cpu", "open_cpu", seconds);
    line("open the book, wall", "open_wall", "open_wall", seconds);
    line("open it without the kept copies, CPU", "open_cold_cpu", "open_cpu", seconds);
    line("open it without the kept copies, wall", "open_cold_wall", "open_wall", seconds);
    line("apply one remote edit, CPU, median", "remote_edit_cpu", "remote_edit_cpu", seconds);
    line("apply one remote edit, wall, median", "remote_edit_wall", "remote_edit_wall", seconds);
    line("search, each key typed, median", "search_wall", "", seconds);
    line("search, each key typed, 99th percentile", "search_wall_p99", "", seconds);
    line("duplicate hint, median", "hint_wall", "", seconds);
    line("duplicate hint, 99th percentile", "hint_wall_p99", "", seconds);
    line("duplicate hint by a name, a letter wrong, median", "hint_name_wall", "", seconds);
    line("the whole list of duplicates", "duplicates_wall", "", seconds);
    line("who was kept long enough", "expired_wall", "", seconds);
    line("everything about one person", "about_wall", "", seconds);
    line("read a list of 14,000 rows, median", "list_read_wall", "", seconds);
    line("hold it against the register, median", "list_dry_run_wall", "", seconds);
    line("take it in, every row durable, CPU", "list_import_cpu", "list_import_cpu", seconds);
    line("take it in, every row durable, wall", "list_import_wall", "list_import_wall", seconds);
    line("new people in it", "list_added", "", |n| format!("{n:.0}"));
    let all = ["list_read_wall", "list_dry_run_wall", "list_import_wall"].map(|name| get(samla, name));
    let sum = all.into_iter().sum::<Option<f64>>().map_or_else(|| "–".to_owned(), seconds);
    println!("  {:44} {:>10}   {sum:>10}", "import with matching: these three, wall", "< 3 s");
    line("take it back", "list_undo_wall", "", seconds);
    line("compare it with the office's of 14,000, median", "reconcile_wall", "", seconds);
    line("peak memory, opened", "memory_open", "", megabytes);
    line("peak memory, opened and used", "memory", "memory", megabytes);
    line("peak memory, with the list", "memory_list", "memory", megabytes);
    line("peak memory, with both lists compared", "memory_reconcile", "memory", megabytes);
    line("peak memory, with the list taken in", "memory_import", "memory", megabytes);
    line("peak memory, opened without the kept copies", "memory_cold", "memory", megabytes);
    line("database of the phone", "size", "size", megabytes);
    line("database of the server", "server_size", "size", megabytes);
}
