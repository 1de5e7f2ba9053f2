//! Lists held against the register, and against each other.
//!
//! A comparison lives for one command: its key is never kept, so personal numbers leave no trace. A decision is named by what
//! it is about, not by its place, so that it means the same when the comparison is made again.

use std::path::Path;

use samla_core::lists::{
    AddSteps, ColumnView, DecisionKind, DecisionState, DecisionView, List, ListChangesView, ListTerms, ListedView,
    Reconcile, list_changes,
};
use samla_core::tables::ImportSource;
use samla_core::texts::Worded;
use samla_core::{BookError, Context};
use serde_json::json;

use super::imports::{STEP, candidate_line, change_line, mean, places, read, reading, show_share, unknown_line};
use crate::args::{self, Meaning, Terms};
use crate::desk::{Desk, today};
use crate::failure::{Failure, unknown_field};
use crate::say::{Say, plain};
use crate::words::Words;

/// Compares, and writes what is accepted.
pub(super) fn reconcile(desk: &mut Desk, asked: &args::Reconcile, say: &mut Say) -> Result<(), Failure> {
    let mut comparison = begin(desk)?;
    let first = if asked.employer_only { ImportSource::Employer } else { ImportSource::Office };
    let sides =
        std::iter::once((first, &asked.office)).chain(asked.employer.iter().map(|file| (ImportSource::Employer, file)));
    let mut met = vec![false; asked.terms.columns.len()];
    for (source, file) in sides {
        let (list, terms) = side(desk, &comparison, file, source, &asked.terms, &mut met, say)?;
        add(desk, &mut comparison, &list, &terms, say)?;
    }
    all_meant(&asked.terms.columns, &met)?;
    let comparing = |progress| show_share("reconcile.comparing", progress, say);
    comparison.compare_telling(desk.register(), &asked.at, today(), comparing).map_err(BookError::from)?;
    say.progress_done();
    accept(desk, &mut comparison, asked, say)?;
    let signed_off = match asked.sign_off {
        true => Some(sign_off(desk, &mut comparison)?),
        false => None,
    };
    let view: Vec<_> = comparison.decisions().map(|view| json!({ "decision": name(view), "about": view })).collect();
    let unknown: Vec<_> = comparison.unknown_workplaces().collect();
    let view = json!({
        "open": comparison.open(),
        "decisions": view,
        "unknown_workplaces": unknown,
        "signed_off": signed_off,
    });
    say.tell(&view, |_, words| {
        let mut lines: Vec<_> = comparison.decisions().flat_map(|view| decision_lines(view, words)).collect();
        lines.extend(unknown.iter().map(|place| unknown_line(place, words)));
        lines.push(words.say("reconcile.open", &[("n", &comparison.open().to_string())]));
        lines.extend(signed_off.iter().map(|_| words.say("reconcile.signed_off", &[])));
        lines
    })
}

fn begin(desk: &mut Desk) -> Result<Reconcile, Failure> {
    desk.act(|_, ctx: &mut Context<'_>| Ok(Reconcile::begin(ctx)))
}

/// Reads one of the lists. What was said of a column is taken by the lists that have it.
fn side(
    desk: &Desk,
    comparison: &Reconcile,
    file: &Path,
    source: ImportSource,
    said: &Terms,
    met: &mut [bool],
    say: &mut Say,
) -> Result<(List, ListTerms), Failure> {
    let list = comparison.read_telling(&read(file)?, |progress| reading(progress, say)).map_err(BookError::from)?;
    say.progress_done();
    let mut columns: Vec<ColumnView> = desk.book().list_columns(&list)?;
    for (said, met) in said.columns.iter().zip(met) {
        *met |= mean(&mut columns, said);
    }
    let columns = columns.iter().map(|column| column.meaning).collect();
    // The office has members everywhere: where one works it says itself, or not at all.
    let workplace = said.workplace.filter(|_| source == ImportSource::Employer);
    Ok((list, ListTerms { source, columns, workplace, places: places(desk, said)? }))
}

fn add(desk: &Desk, comparison: &mut Reconcile, list: &List, terms: &ListTerms, say: &mut Say) -> Result<(), Failure> {
    let mut adding = AddSteps::begin(desk.register(), list, terms).map_err(BookError::from)?;
    loop {
        let progress = adding.step(desk.register(), STEP);
        if progress.done >= progress.total {
            say.progress_done();
            adding.finish(desk.register(), comparison);
            return Ok(());
        }
        show_share("reconcile.looking", progress, say);
    }
}

/// Whether every column that something was said of is in one of the lists.
fn all_meant(said: &[Meaning], met: &[bool]) -> Result<(), Failure> {
    match said.iter().zip(met).find(|(_, met)| !**met) {
        Some((said, _)) => Err(unknown_field(&said.column)),
        None => Ok(()),
    }
}

fn accept(desk: &mut Desk, comparison: &mut Reconcile, asked: &args::Reconcile, say: &Say) -> Result<(), Failure> {
    let known = comparison.decisions().map(|view| (view.id, name(view), view.kind.word(), may_be_known(view)));
    let known: Vec<_> = known.collect();
    if asked.accept.iter().any(|wanted| !known.iter().any(|(_, name, ..)| name == wanted)) {
        return Err(BookError::UnknownRow.into());
    }
    let what = say.words().say("reconcile.ask_office", &[]);
    for (id, name, kind, may_be_known) in known {
        let with_all = !may_be_known && asked.accept_all.iter().any(|wanted| wanted == kind);
        if with_all || asked.accept.contains(&name) {
            desk.act(|book, ctx| book.accept(ctx, comparison, id, &what))?;
        }
    }
    Ok(())
}

/// Whether somebody new has a name like that of a colleague, or one that is known elsewhere: a person has to look at the two.
fn may_be_known(view: &DecisionView) -> bool {
    matches!(view.kind, DecisionKind::NewMember | DecisionKind::NewAtEmployer) && !view.candidates.is_empty()
}

fn sign_off(
    desk: &mut Desk,
    comparison: &mut Reconcile,
) -> Result<Vec<samla_core::Id<samla_core::tables::Import>>, Failure> {
    let open: Vec<_> =
        comparison.decisions().filter(|view| view.state == DecisionState::Open).map(|view| view.id).collect();
    open.into_iter().for_each(|id| comparison.dismiss(id));
    desk.act(|book, ctx| book.sign_off(ctx, comparison))
}

/// What a decision is called: its kind, whom it is about, and the field with the list that says something else of it.
fn name(view: &DecisionView) -> String {
    let contact = view.contact.filter(|_| view.kind != DecisionKind::Twice).map(|contact| contact.to_string());
    let line = || {
        let office = view.office_line.map(|line| format!("office-{line}"));
        office.or_else(|| view.employer_line.map(|line| format!("employer-{line}")))
    };
    let other = match (view.kind, view.candidates.first()) {
        (DecisionKind::OnePerson, Some(other)) => Some(other.contact.to_string()),
        _ => None,
    };
    let field = view.change.as_ref().map(|change| change.field.clone());
    let says = view.says.filter(|_| field.is_some()).map(|source| source.text().to_owned());
    let parts = [Some(view.kind.word().to_owned()), contact.or_else(line), other, field, says];
    parts.into_iter().flatten().collect::<Vec<_>>().join(":")
}

fn decision_lines(view: &DecisionView, words: &Words) -> Vec<String> {
    let language = words.language();
    let line = |line: Option<u32>, key: &str| line.map(|line| words.say(key, &[("line", &line.to_string())]));
    let decided = (view.state != DecisionState::Open).then(|| words.called(view.state).to_owned());
    let parts = [
        Some(words.called(view.kind).to_owned()),
        Some(plain(&view.name)),
        view.workplace_name.as_deref().map(plain),
        view.change.as_ref().map(|change| change_line(change, words)),
        view.on.map(|day| language.date(day)),
        view.says.map(|source| language.word(source).to_owned()),
        line(view.again_of, "import.again_of"),
        line(view.office_line, "reconcile.office_line"),
        line(view.employer_line, "reconcile.employer_line"),
        decided,
    ];
    let head = format!("{} {}", name(view), parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    let candidates = view.candidates.iter().map(|one| format!("    {}", candidate_line(one, words)));
    std::iter::once(head).chain(candidates).collect()
}

/// Who came, went and moved between two lists of one employer.
pub(super) fn changes(desk: &mut Desk, asked: &args::Changes, say: &mut Say) -> Result<(), Failure> {
    let comparison = begin(desk)?;
    let mut met = vec![false; asked.terms.columns.len()];
    let earlier = side(desk, &comparison, &asked.old, ImportSource::Employer, &asked.terms, &mut met, say)?;
    let later = side(desk, &comparison, &asked.new, ImportSource::Employer, &asked.terms, &mut met, say)?;
    all_meant(&asked.terms.columns, &met)?;
    let changes =
        list_changes(desk.register(), (&earlier.0, &earlier.1), (&later.0, &later.1)).map_err(BookError::from)?;
    say.tell(&changes, changes_lines)
}

fn changes_lines(changes: &ListChangesView, words: &Words) -> Vec<String> {
    let head = |key: &str, n: usize| words.say(key, &[("n", &n.to_string())]);
    let person = |person: &ListedView| format!("    {}", listed_line(person, words));
    let mut lines = vec![head("changes.came", changes.came.len())];
    lines.extend(changes.came.iter().map(person));
    lines.push(head("changes.went", changes.went.len()));
    lines.extend(changes.went.iter().map(person));
    lines.push(head("changes.moved", changes.moved.len()));
    lines.extend(changes.moved.iter().map(|moved| {
        let place = |person: &ListedView| {
            [&person.workplace, &person.department]
                .into_iter()
                .flatten()
                .map(|text| plain(text))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let reasons: Vec<_> = moved.reasons.iter().map(|reason| words.called(*reason)).collect();
        let (was, is) = (place(&moved.before), place(&moved.after));
        format!("    {} {}: {was} → {is} ({})", moved.after.line, plain(&moved.after.name), reasons.join(", "))
    }));
    lines.push(head("changes.stayed", changes.stayed));
    lines
}

fn listed_line(person: &ListedView, words: &Words) -> String {
    let texts = [&person.workplace, &person.department, &person.job];
    let parts = texts.into_iter().flatten().map(|text| plain(text));
    let parts = parts
        .chain(person.hired_on.map(|day| words.language().date(day)))
        .chain(person.contact.map(|id| id.to_string()));
    std::iter::once(format!("{} {}", person.line, plain(&person.name))).chain(parts).collect::<Vec<_>>().join(" · ")
}
