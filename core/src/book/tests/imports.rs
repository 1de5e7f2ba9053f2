//! Practices 14, 18 and 19: lists come in, can be stopped, gone on with and taken back.

use std::collections::BTreeSet;

use super::*;
use crate::context::Date;
use crate::error::BookError;
use crate::ids::Id;
use crate::lists::{
    Column, ColumnReason, ImportChoices, List, ListTerms, PlaceName, RowChoice, RowNote, Take, Verdict,
};
use crate::tables::{
    Contact, ContactDraft, ExportKind, Import, ImportDraft, ImportSource, ListDirection, Membership, MembershipEvent,
    MembershipEventDraft, MembershipKind, Origin, Patch, Table, TalkDraft, Workplace, WorkplaceDraft,
};

const LIST: &str = "Förnamn;Efternamn;Mobil;Befattning\n\
                    Anna;Svensson;070-174 06 05;chef\n\
                    Bo;Ek;070-174 06 06;förare\n\
                    Eva;Lund;070-174 06 07;\n\
                    Ida;Nyman;070-174 06 08;lärare\n";

fn draft(given: &str, family: &str, phone: &str, job: Option<&str>) -> Draft {
    Draft::Contacts(ContactDraft {
        given_name: Some(given.into()),
        family_name: Some(family.into()),
        phone: Some(phone.into()),
        job: job.map(str::to_owned),
        ..ContactDraft::default()
    })
}

fn terms(list: &List, book: &Book) -> ListTerms {
    let columns = book.list_columns(list).unwrap().into_iter().map(|view| view.meaning).collect();
    ListTerms { source: ImportSource::Employer, columns, workplace: None, places: Vec::new() }
}

fn dry_run(book: &Book) -> crate::lists::DryRun {
    let list = List::read(LIST.as_bytes()).unwrap();
    book.dry_run(&list, &terms(&list, book), Date::MAX).unwrap()
}

/// What a register says of everybody, by name.
fn told(book: &Book) -> Vec<String> {
    let contacts = book.register().all::<Contact>();
    let line = |contact: &Contact| {
        let name = book.register().contact_name(contact.id);
        format!("{name}: {}", contact.job.clone().unwrap_or_default())
    };
    let mut all: Vec<_> = contacts.map(line).collect();
    all.sort();
    all
}

/// Practice 18: a list fills what the register does not know, and it stays known whose it was and who took it in.
#[test]
fn what_the_list_knows_is_added_and_filled_and_nothing_is_overwritten_unasked() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    book.add(ctx, &draft("Anna", "Svensson", "0701740605", Some("lärare"))).unwrap();
    book.add(ctx, &draft("Bo", "Ek", "0701740606", None)).unwrap();
    let dry = dry_run(&book);
    assert_eq!((dry.view().new, dry.view().changed), (2, 2));

    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    let view = book.imports().unwrap().remove(0);
    assert_eq!((view.rows, view.unfinished, view.by_name.as_deref()), (Some(4), true, Some("Steward")));
    assert!(!run.step(&mut book, ctx, 2).unwrap().finished);
    let end = run.step(&mut book, ctx, 2).unwrap();
    assert_eq!((end.added, end.changed, end.passed_over, end.finished), (2, 1, 0, true));
    assert_eq!(told(&book), ["Anna Svensson: lärare", "Bo Ek: förare", "Eva Lund: ", "Ida Nyman: lärare"]);
    assert!(!book.imports().unwrap()[0].unfinished);
    let origins = |name: &str| {
        let found = book.register().all::<Contact>().filter(|contact| contact.given_name.as_deref() == Some(name));
        found.map(|contact| contact.origin).collect::<Vec<_>>()
    };
    assert_eq!((origins("Anna"), origins("Ida")), (vec![None], vec![Some(Origin::EmployerList)]));

    // The same file is known again, and nothing in it is new.
    let again = dry_run(&book);
    assert_eq!(again.view().taken_in_before, Some(run.import()));
    assert_eq!((again.view().new, again.view().changed, again.view().same), (0, 1, 3));
    let choices = ImportChoices { overwrite: vec!["job".into()], ..ImportChoices::default() };
    let mut run = book.start_import(ctx, &again, &choices).unwrap();
    run.step(&mut book, ctx, 10).unwrap();
    assert_eq!(told(&book)[0], "Anna Svensson: chef");
}

#[test]
fn single_rows_are_taken_as_somebody_says() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let other = book.add(ctx, &draft("Eva-Lena", "Lundqvist", "0701740699", None)).unwrap();
    let row = |line, take| RowChoice { line, take, fields: None };
    let only_job = RowChoice { line: 5, take: Take::Same(other.into()), fields: Some(vec!["job".into()]) };
    let choices = ImportChoices {
        rows: vec![row(2, Take::Skip), row(3, Take::New), row(4, Take::Skip), only_job],
        source: Some("listan".into()),
        ..ImportChoices::default()
    };
    let dry = dry_run(&book);
    let mut run = book.start_import(ctx, &dry, &choices).unwrap();
    run.step(&mut book, ctx, 10).unwrap();
    assert_eq!(told(&book), ["Bo Ek: förare", "Eva-Lena Lundqvist: lärare"]);
    let bo = book.register().all::<Contact>().find(|contact| contact.source.is_some()).unwrap();
    assert_eq!(bo.source.as_deref(), Some("listan"));
}

/// A crash in the middle: the next opening goes on where it stopped, and writes nothing twice.
#[test]
fn an_import_that_was_cut_off_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let place = || Place::File(folder.path().join("book.db"));
    let (mut book, mut rng) = practice(place());
    let ctx = &mut context(&mut rng);
    let dry = dry_run(&book);
    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    let import = run.import();
    run.step(&mut book, ctx, 2).unwrap();
    drop((book, run));

    let mut book = Book::open(ctx, &home(place())).unwrap();
    assert_eq!(told(&book).len(), 2);
    assert!(book.imports().unwrap()[0].unfinished);
    let mut run = book.resume_import(import).unwrap();
    let mut end = run.progress();
    while !end.finished {
        end = run.step(&mut book, ctx, 1).unwrap();
    }
    assert_eq!((end.added, end.total), (2, 4));
    assert_eq!(told(&book).len(), 4);
    drop(book);
    let book = Book::open(ctx, &home(place())).unwrap();
    assert!(!book.imports().unwrap()[0].unfinished && book.imports().unwrap()[0].can_undo);
    // The layout is remembered as well.
    let list = List::read(LIST.as_bytes()).unwrap();
    let view = book.list_columns(&list).unwrap();
    assert_eq!(view[2].meaning, Column::Phone);
    assert_eq!(view[2].reason, crate::lists::ColumnReason::Remembered);
}

#[test]
fn an_import_is_taken_back_but_for_what_others_touched() {
    let folder = tempfile::tempdir().unwrap();
    let place = || Place::File(folder.path().join("book.db"));
    let (mut book, mut rng) = practice(place());
    let ctx = &mut context(&mut rng);
    let anna = book.add(ctx, &draft("Anna", "Svensson", "0701740605", Some("lärare"))).unwrap();
    let bo = book.add(ctx, &draft("Bo", "Ek", "0701740606", None)).unwrap();
    let before = told(&book);
    let dry = dry_run(&book);
    let choices = ImportChoices { overwrite: vec!["job".into()], ..ImportChoices::default() };
    let mut run = book.start_import(ctx, &dry, &choices).unwrap();
    run.step(&mut book, ctx, 10).unwrap();
    let id_of = |book: &Book, name: &str| {
        book.register().all::<Contact>().find(|c| c.given_name.as_deref() == Some(name)).unwrap().id
    };
    let (eva, ida) = (id_of(&book, "Eva"), id_of(&book, "Ida"));

    // Somebody talks with Eva, and gives Bo another job.
    let talk = TalkDraft { contact: Some(eva), at: Some(ctx.now), ..TalkDraft::default() };
    book.add(ctx, &talk.into()).unwrap();
    let set = ContactDraft { job: Some("snickare".into()), ..ContactDraft::default() };
    book.set(ctx, &Patch { id: bo, set: set.into(), clear: Vec::new() }).unwrap();

    let mut undo = book.undo_import(run.import()).unwrap();
    undo.step(&mut book, ctx, 2).unwrap();
    drop((book, undo));
    // Cut off in the middle, it is begun again.
    let mut book = Book::open(ctx, &home(place())).unwrap();
    let mut undo = book.undo_import(run.import()).unwrap();
    let end = undo.step(&mut book, ctx, 10).unwrap().clone();
    assert!(end.finished);
    let left: Vec<_> = end.left.iter().map(|left| (left.contact, left.field.as_deref(), left.reason)).collect();
    assert_eq!(left, [(bo.into(), Some("job"), LeftReason::ChangedSince), (eva, None, LeftReason::UsedSince)]);
    assert_eq!(told(&book), ["Anna Svensson: lärare", "Bo Ek: snickare", "Eva Lund: "]);
    assert!(book.register().contact(ida).is_none());
    assert_eq!(book.register().contact(anna.into()).unwrap().job.as_deref(), Some("lärare"));
    assert_eq!(before.len(), 2);

    let view = book.imports().unwrap().remove(0);
    assert!(view.undone && !view.can_undo);
    assert!(matches!(book.undo_import(run.import()), Err(BookError::UnknownRow)));
    assert_eq!(dry_run(&book).view().taken_in_before, None);
}

#[test]
fn what_changed_since_the_dry_run_is_passed_over() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let bo = book.add(ctx, &draft("Bo", "Ek", "0701740606", None)).unwrap();
    let dry = dry_run(&book);
    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    let set = ContactDraft { job: Some("snickare".into()), ..ContactDraft::default() };
    book.set(ctx, &Patch { id: bo, set: set.into(), clear: Vec::new() }).unwrap();
    let end = run.step(&mut book, ctx, 10).unwrap();
    assert_eq!((end.added, end.changed, end.passed_over), (3, 0, 1));
    assert_eq!(told(&book)[1], "Bo Ek: snickare");
}

#[test]
fn a_plan_is_forgotten_after_a_month() {
    let (mut book, mut rng) = practice(Place::Memory);
    let first = {
        let ctx = &mut context(&mut rng);
        let dry = dry_run(&book);
        let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
        run.step(&mut book, ctx, 10).unwrap();
        run.import()
    };
    let mut later = context(&mut rng);
    later.now += chrono::TimeDelta::days(31);
    let dry = dry_run(&book);
    let second = book.start_import(&mut later, &dry, &ImportChoices::default()).unwrap().import();
    book.tidy(&mut later).unwrap();
    let can: Vec<_> = book.imports().unwrap().iter().map(|view| (view.id, view.can_undo)).collect();
    assert_eq!(can, [(second, true), (first, false)]);
    assert!(book.undo_import(first).is_err() && book.undo_import(second).is_ok());
}

/// A list that was taken out is in the same table, and is no import, even where it has what an import has.
#[test]
fn a_list_that_was_taken_out_is_no_import() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let dry = dry_run(&book);
    let out = ImportDraft {
        source: Some(dry.source),
        file_sha256: Some(dry.sha256.clone()),
        rows: Some(4),
        at: Some(ctx.now),
        direction: Some(ListDirection::Out),
        kind: Some(ExportKind::Addresses),
        purpose: Some("news".into()),
        ..ImportDraft::default()
    };
    let out = book.add(ctx, &out.into()).unwrap();
    assert!(book.imports().unwrap().is_empty());
    assert!(book.resume_import(out.into()).is_err() && book.undo_import(out.into()).is_err());
    assert_eq!(dry_run(&book).view().taken_in_before, None);

    let run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    assert_eq!(book.imports().unwrap().iter().map(|view| view.id).collect::<Vec<_>>(), [run.import()]);
    assert_eq!(dry_run(&book).view().taken_in_before, Some(run.import()));
}

/// Practice 19: the number in the employer's list never reaches the register, the file or the debug text.
#[test]
fn no_personal_number_reaches_the_book() {
    // Month 13, day 99: nobody's number.
    let text = "Namn;Personnummer;Anteckning\nAnna Svensson;19851399-1234;ring 8513991234\nBo Ek;851399-4321;x\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.db");
    let (mut book, mut rng) = practice(Place::File(path.clone()));
    let ctx = &mut context(&mut rng);
    let list = List::read(text.as_bytes()).unwrap();
    assert_eq!(list.numbers_found(), 3);
    let place = WorkplaceDraft { name: Some("Norra".into()), ..WorkplaceDraft::default() };
    let workplace = book.add(ctx, &place.into()).unwrap().into();
    let mut terms = terms(&list, &book);
    terms.places.push(PlaceName { name: "N lagret 851399-1234".into(), workplace });
    let dry = book.dry_run(&list, &terms, Date::MAX).unwrap();
    let choices = ImportChoices { source: Some("pnr 8513991234 på lappen".into()), ..ImportChoices::default() };
    let mut run = book.start_import(ctx, &dry, &choices).unwrap();
    run.step(&mut book, ctx, 10).unwrap();
    let mut written = format!("{} {list:?} {dry:?} {run:?}", book.export_json().unwrap()).into_bytes();
    written.extend(format!("{:?}", book.list_places().unwrap()).into_bytes());
    written.extend(book.export_automerge().unwrap());
    let plan = book.replica.store.state(&format!("import {}", run.import())).unwrap().unwrap();
    written.extend(plan);
    let digits: Vec<u8> = written.iter().copied().filter(|byte| *byte != b'-').collect();
    assert_eq!(memchr::memmem::find(&digits, b"851399"), None);
    let notes: BTreeSet<_> = book.register().all::<Contact>().filter_map(|contact| contact.note.clone()).collect();
    assert_eq!(notes, BTreeSet::from(["ring".to_owned(), "x".to_owned()]));
    assert!(book.register().all::<Contact>().all(|contact| contact.source.as_deref() == Some("pnr  på lappen")));
    assert_eq!(book.list_places().unwrap()[0].name, "N lagret");
    assert_eq!(book.register().all::<Import>().next().unwrap().rows, Some(2));
}

const SINCE: &str = "Namn;Mobil;Medlem sedan;Status\n\
                     Anna Svensson;0701740605;2015-03-01;Medlem\n\
                     Bo Ek;0701740606;2018-01-01;\n\
                     Eva Lund;0701740607;2019-01-01;Utgått\n\
                     Ida Nyman;0701740608;;Medlem\n\
                     Per Palm;0701740609;2020-05-01;Medlem\n\
                     Ulla Strand;0701740610;2021-05-01;Medlem\n";

fn member(book: &Book, name: &str) -> (Membership, Option<String>) {
    let contact = book.register().all::<Contact>().find(|c| c.given_name.as_deref() == Some(name)).unwrap();
    let events = book.register().all::<MembershipEvent>();
    let since = events.filter(|event| event.contact == Some(contact.id)).find_map(|event| event.on);
    (book.register().status(&[contact.id], Date::MAX), since.map(|day| day.to_string()))
}

/// Practices 18 and 32: since when somebody is a member becomes an event, where the register knows of none; what it knows
/// otherwise is overwritten only by request.
#[test]
fn the_day_a_membership_began_is_taken_in_and_back() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    book.add(ctx, &draft("Bo", "Ek", "0701740606", None)).unwrap();
    let per = book.add(ctx, &draft("Per", "Palm", "0701740609", None)).unwrap();
    let set = ContactDraft { membership: Some(Membership::OtherUnion), ..ContactDraft::default() };
    book.set(ctx, &Patch { id: per, set: set.into(), clear: Vec::new() }).unwrap();
    let ulla = book.add(ctx, &draft("Ulla", "Strand", "0701740610", None)).unwrap();
    let left = MembershipEventDraft {
        contact: Some(ulla.into()),
        kind: Some(MembershipKind::Left),
        on: Date::from_ymd_opt(2026, 1, 1),
        ..MembershipEventDraft::default()
    };
    book.add(ctx, &left.into()).unwrap();

    let list = List::read(SINCE.as_bytes()).unwrap();
    let terms = ListTerms { source: ImportSource::Office, ..terms(&list, &book) };
    assert_eq!(terms.columns, [Column::Name, Column::Phone, Column::MemberSince, Column::Membership]);
    let dry = book.dry_run(&list, &terms, Date::MAX).unwrap();
    let rows = dry.rows(book.register(), None, 0, 10);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let changes =
                row.changes.iter().map(|of| (of.field.as_str(), of.old_shown.as_str(), of.new_shown.as_str()));
            (row.verdict, changes.collect::<Vec<_>>(), row.notes.clone())
        })
        .collect();
    let expected = [
        (Verdict::New, vec![], vec![]),
        (Verdict::Changed, vec![("member_since", "", "2018-01-01")], vec![]),
        (Verdict::New, vec![], vec![RowNote::SinceLeftOut]),
        (Verdict::New, vec![], vec![]),
        (Verdict::Changed, vec![("member_since", "other_union", "2020-05-01")], vec![]),
        (Verdict::Same, vec![], vec![RowNote::MembershipByEvents]),
    ];
    assert_eq!(told, expected);

    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    let end = run.step(&mut book, ctx, 10).unwrap();
    assert_eq!((end.added, end.changed, end.finished), (3, 1, true));
    let day = |day: &str| Some(day.to_owned());
    let stands = |book: &Book| ["Anna", "Bo", "Eva", "Ida", "Per", "Ulla"].map(|name| member(book, name));
    let taken_in = [
        (Membership::Member, day("2015-03-01")),
        (Membership::Member, day("2018-01-01")),
        (Membership::Former, None),
        (Membership::Member, None),
        (Membership::OtherUnion, None),
        (Membership::Former, day("2026-01-01")),
    ];
    assert_eq!(stands(&book), taken_in);
    let events: Vec<_> = book.register().all::<MembershipEvent>().filter(|event| event.method.is_some()).collect();
    assert!(events.iter().all(|event| event.kind == Some(MembershipKind::Paying)));
    assert!(events.iter().all(|event| event.method.as_deref() == Some("office list") && event.by.is_some()));
    assert!(events.iter().all(|event| event.confirmed_on == Some(ctx.now.date_naive())));

    // Nothing in it is new the second time, but for what has to be asked for.
    let again = book.dry_run(&list, &terms, Date::MAX).unwrap();
    assert_eq!((again.view().new, again.view().changed, again.view().same), (0, 1, 5));
    let choices = ImportChoices { overwrite: vec!["membership".into()], ..ImportChoices::default() };
    let mut second = book.start_import(ctx, &again, &choices).unwrap();
    second.step(&mut book, ctx, 10).unwrap();
    assert_eq!(member(&book, "Per"), (Membership::Member, day("2020-05-01")));

    // Anna is talked with, and the day of Bo is corrected; both stay, and all else goes.
    let mut undo = book.undo_import(second.import()).unwrap();
    assert_eq!(undo.step(&mut book, ctx, 10).unwrap().restored, 1);
    assert_eq!(member(&book, "Per"), (Membership::OtherUnion, None));
    let id_of = |book: &Book, name: &str| {
        book.register().all::<Contact>().find(|c| c.given_name.as_deref() == Some(name)).unwrap().id
    };
    let (anna, bo) = (id_of(&book, "Anna"), id_of(&book, "Bo"));
    let talk = TalkDraft { contact: Some(anna), at: Some(ctx.now), ..TalkDraft::default() };
    book.add(ctx, &talk.into()).unwrap();
    let of_bo = book.register().all::<MembershipEvent>().find(|event| event.contact == Some(bo)).unwrap().id;
    let set = MembershipEventDraft { on: Date::from_ymd_opt(2017, 1, 1), ..MembershipEventDraft::default() };
    book.set(ctx, &Patch { id: of_bo.row(), set: set.into(), clear: Vec::new() }).unwrap();
    let mut undo = book.undo_import(run.import()).unwrap();
    let end = undo.step(&mut book, ctx, 10).unwrap().clone();
    let left: Vec<_> = end.left.iter().map(|left| (left.contact, left.field.as_deref(), left.reason)).collect();
    let kept = [(anna, None, LeftReason::UsedSince), (bo, Some("member_since"), LeftReason::ChangedSince)];
    assert_eq!((end.removed, left), (2, kept.to_vec()));
    assert_eq!(
        (member(&book, "Anna"), member(&book, "Bo")),
        (taken_in[0].clone(), (Membership::Member, day("2017-01-01")))
    );
}

/// An import that was cut off and one that is taken back whole leave no membership behind.
#[test]
fn memberships_of_an_import_go_with_its_people() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let list = List::read(SINCE.as_bytes()).unwrap();
    let terms = ListTerms { source: ImportSource::Own, ..terms(&list, &book) };
    let dry = book.dry_run(&list, &terms, Date::MAX).unwrap();
    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    run.step(&mut book, ctx, 2).unwrap();
    let mut run = book.resume_import(run.import()).unwrap();
    while !run.step(&mut book, ctx, 3).unwrap().finished {}
    assert_eq!(book.register().all::<MembershipEvent>().count(), 4);
    let own = book.register().all::<MembershipEvent>().all(|event| event.confirmed_on.is_none());
    assert!(own, "only the office confirms");
    let mut undo = book.undo_import(run.import()).unwrap();
    let end = undo.step(&mut book, ctx, 10).unwrap();
    assert_eq!((end.removed, end.left.len()), (6, 0));
    assert_eq!(book.register().all::<MembershipEvent>().count() + book.register().all::<Contact>().count(), 0);
}

/// Practices 18 and 32: somebody who is leaving is a member still, so the day that began it contradicts nothing, and the next
/// list says nothing new.
#[test]
fn the_day_of_a_member_who_is_leaving_is_taken_in_once() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    for (given, phone) in [("Anna", "0701740605"), ("Bo", "0701740606")] {
        let id = book.add(ctx, &draft(given, "Ek", phone, None)).unwrap();
        let set = ContactDraft { membership: Some(Membership::Leaving), ..ContactDraft::default() };
        book.set(ctx, &Patch { id, set: set.into(), clear: Vec::new() }).unwrap();
    }
    let text = "Namn;Mobil;Medlem sedan;Status\n\
                Anna Ek;0701740605;2015-03-01;Uppsagd\n\
                Bo Ek;0701740606;2018-01-01;\n";
    let list = List::read(text.as_bytes()).unwrap();
    let terms = ListTerms { source: ImportSource::Office, ..terms(&list, &book) };
    let dry = book.dry_run(&list, &terms, Date::MAX).unwrap();
    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    assert_eq!(run.step(&mut book, ctx, 10).unwrap().changed, 2);
    assert_eq!(member(&book, "Anna"), (Membership::Leaving, Some("2015-03-01".to_owned())));
    assert_eq!(member(&book, "Bo"), (Membership::Leaving, Some("2018-01-01".to_owned())));
    let rows = book.dry_run(&list, &terms, Date::MAX).unwrap().rows(book.register(), None, 0, 10);
    assert!(rows.iter().all(|row| row.verdict == Verdict::Same && row.notes.is_empty()), "{rows:?}");
}

/// What a column means, and what a list calls a workplace, is said once.
#[test]
fn what_was_said_of_a_list_is_remembered_for_the_next() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let place = WorkplaceDraft { name: Some("Norra lagret".into()), ..WorkplaceDraft::default() };
    let norra: Id<Workplace> = book.add(ctx, &place.into()).unwrap().into();
    let named = |name: &str| PlaceName { name: name.into(), workplace: norra };
    assert!(book.list_places().unwrap().is_empty());

    let text = "Namn;Nr;Hus\nAnna Svensson;0701740605;N. Lagret\n";
    let list = List::read(text.as_bytes()).unwrap();
    let mut said = terms(&list, &book);
    said.columns = vec![Column::Name, Column::Phone, Column::Workplace];
    let unknown = book.dry_run(&list, &said, Date::MAX).unwrap();
    assert_eq!(unknown.view().unknown_workplaces[0].name, "N. Lagret");
    said.places = vec![named("N. Lagret")];
    let dry = book.dry_run(&list, &said, Date::MAX).unwrap();
    assert!(dry.view().unknown_workplaces.is_empty());
    assert!(book.list_places().unwrap().is_empty(), "a dry run changes nothing");
    book.start_import(ctx, &dry, &ImportChoices::default()).unwrap().step(&mut book, ctx, 10).unwrap();
    assert_eq!(book.list_places().unwrap(), said.places);
    let columns = book.list_columns(&list).unwrap();
    assert!(columns.iter().all(|column| column.reason == ColumnReason::Remembered));
    assert_eq!(columns[1].meaning, Column::Phone);

    // What is said later of the same name counts, and a workplace that is gone is nobody's.
    let other = WorkplaceDraft { name: Some("Södra lagret".into()), ..WorkplaceDraft::default() };
    let sodra: Id<Workplace> = book.add(ctx, &other.into()).unwrap().into();
    said.places = book.list_places().unwrap();
    said.places.push(PlaceName { name: "n lagret".into(), workplace: sodra });
    let dry = book.dry_run(&list, &said, Date::MAX).unwrap();
    assert_eq!(dry.rows(book.register(), None, 0, 1)[0].changes[0].new_shown, "Södra lagret");
    book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    assert_eq!(book.list_places().unwrap(), said.places[1..]);
    book.remove(ctx, Table::Workplaces, sodra.row()).unwrap();
    assert!(book.list_places().unwrap().is_empty());
}

/// What was remembered stays in its order, however often it is said again, and gives way where a workplace has the name.
#[test]
fn names_of_workplaces_stay_as_they_were_remembered() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let place = |name: &str| Draft::from(WorkplaceDraft { name: Some(name.into()), ..WorkplaceDraft::default() });
    let canteen: Id<Workplace> = book.add(ctx, &place("Canteen")).unwrap().into();
    let names = |book: &Book| book.list_places().unwrap().into_iter().map(|place| place.name).collect::<Vec<_>>();
    let list = List::read("Namn;Mobil\nAnna Svensson;0701740605\n".as_bytes()).unwrap();
    for (said, remembered) in [
        (&["Lunch room", "Mess", "Table"][..], &["Lunch room", "Mess", "Table"][..]),
        (&["Diner"][..], &["Diner", "Lunch room", "Mess", "Table"][..]),
        (&["MESS"][..], &["Diner", "Lunch room", "Mess", "Table"][..]),
    ] {
        let mut terms = terms(&list, &book);
        terms.places = book.list_places().unwrap();
        terms.places.extend(said.iter().map(|name| PlaceName { name: (*name).into(), workplace: canteen }));
        let dry = book.dry_run(&list, &terms, Date::MAX).unwrap();
        book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
        assert_eq!(names(&book), remembered);
    }
    book.add(ctx, &place("Lunch room")).unwrap();
    assert_eq!(names(&book), ["Diner", "Mess", "Table"]);
}

/// Two rows of a list are taken as one contact: the first counts, however many rows a step writes.
#[test]
fn of_two_rows_about_one_contact_the_first_counts() {
    const TWICE: &str = "Namn;Mobil;Befattning;Medlem sedan\n\
                         Anna Svensson;0701740605;chef;2018-01-01\n\
                         Ann Svensson;0701740699;lärare;2019-01-01\n";
    for rows in [1, 10] {
        let (mut book, mut rng) = practice(Place::Memory);
        let ctx = &mut context(&mut rng);
        let anna = book.add(ctx, &draft("Anna", "Svensson", "0701740605", None)).unwrap();
        let list = List::read(TWICE.as_bytes()).unwrap();
        let dry = book.dry_run(&list, &terms(&list, &book), Date::MAX).unwrap();
        let fields = Some(vec!["job".to_owned(), "member_since".to_owned()]);
        let same = |line| RowChoice { line, take: Take::Same(anna.into()), fields: fields.clone() };
        let choices = ImportChoices { rows: vec![same(2), same(3)], ..ImportChoices::default() };
        let mut run = book.start_import(ctx, &dry, &choices).unwrap();
        while !run.step(&mut book, ctx, rows).unwrap().finished {}
        assert_eq!(told(&book), ["Anna Svensson: chef"]);
        let since: Vec<_> = book.register().all::<MembershipEvent>().map(|event| event.on).collect();
        assert_eq!(since, [Date::from_ymd_opt(2018, 1, 1)]);
        let mut undo = book.undo_import(run.import()).unwrap();
        let end = undo.step(&mut book, ctx, 10).unwrap();
        assert_eq!((end.restored, end.left.len()), (2, 0));
    }
}

/// The first row about a person counts as a whole, also where it only says what the register has; skipped, it gives way.
#[test]
fn a_row_that_says_nothing_new_counts_before_another_about_the_same_person() {
    const TWICE: &str = "Namn;Mobil;Befattning;E-post\n\
                         Anna Svensson;0701740605;chef;\n\
                         Ann Svensson;0701740699;lärare;ann@exempel.se\n";
    for (skipped, job, email) in [(false, "chef", None), (true, "lärare", Some("ann@exempel.se"))] {
        let (mut book, mut rng) = practice(Place::Memory);
        let ctx = &mut context(&mut rng);
        let anna: Id<Contact> = book.add(ctx, &draft("Anna", "Svensson", "0701740605", Some("chef"))).unwrap().into();
        ctx.now += chrono::TimeDelta::seconds(1);
        let again: Id<Contact> = book.add(ctx, &draft("Ann", "Svensson", "0701740698", None)).unwrap().into();
        book.link_same(ctx, anna, again).unwrap();
        let list = List::read(TWICE.as_bytes()).unwrap();
        let dry = book.dry_run(&list, &terms(&list, &book), Date::MAX).unwrap();
        let first = dry.rows(book.register(), None, 0, 1).remove(0);
        assert_eq!((first.verdict, first.contact), (Verdict::Same, Some(anna)));

        let row = |line, take| RowChoice { line, take, fields: None };
        let mut rows = vec![row(3, Take::Same(again))];
        rows.extend(skipped.then(|| row(2, Take::Skip)));
        let overwrite = vec!["job".to_owned(), "email".to_owned()];
        let choices = ImportChoices { rows, overwrite, ..ImportChoices::default() };
        let mut run = book.start_import(ctx, &dry, &choices).unwrap();
        assert!(run.step(&mut book, ctx, 10).unwrap().finished);
        let contact = book.register().contact(anna).unwrap();
        assert_eq!((contact.job.as_deref(), contact.email.as_deref()), (Some(job), email), "skipped: {skipped}");
    }
}

/// Practice 64: what a device kept to take an import back is gone after thirty days, and whoever is forgotten stays so.
#[test]
fn what_an_import_wrote_is_not_kept_for_longer_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let place = || Place::File(folder.path().join("book.db"));
    let (mut book, mut rng) = practice(place());
    let ctx = &mut context(&mut rng);
    let bo = book.add(ctx, &draft("Bo", "Ek", "0701740606", None)).unwrap();
    let dry = dry_run(&book);
    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    let is_anna = |contact: &&Contact| contact.given_name.as_deref() == Some("Anna");
    let anna = loop {
        run.step(&mut book, ctx, 1).unwrap();
        if let Some(anna) = book.register().all::<Contact>().find(is_anna) {
            break anna.id;
        }
    };
    book.link_same(ctx, anna, bo.into()).unwrap();
    book.forget(ctx, bo.into()).unwrap();
    let mut again = book.resume_import(run.import()).unwrap();
    for run in [&mut run, &mut again] {
        while !run.step(&mut book, ctx, 10).unwrap().finished {}
    }
    assert_eq!(told(&book).iter().filter(|line| line.contains("Bo") || line.contains("Anna")).count(), 0);
    let mut undo = book.undo_import(run.import()).unwrap();
    assert_eq!(undo.progress().total, 2);
    undo.step(&mut book, ctx, 10).unwrap();

    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    run.step(&mut book, ctx, 10).unwrap();
    drop(book);
    for (days, kept) in [(29, true), (31, false)] {
        ctx.now += chrono::TimeDelta::days(days);
        let book = Book::open(ctx, &home(place())).unwrap();
        let views = book.imports().unwrap();
        assert_eq!(views.iter().find(|view| view.id == run.import()).unwrap().can_undo, kept);
        assert_eq!(book.undo_import(run.import()).is_ok(), kept);
        ctx.now -= chrono::TimeDelta::days(days);
    }
}

/// What stays when a list is taken back is told in the list's order, whichever way the rows were gone through.
#[test]
fn what_stays_is_told_in_the_order_of_the_list() {
    let (mut book, mut rng) = practice(Place::Memory);
    let ctx = &mut context(&mut rng);
    let rows: Vec<String> = (0..12).map(|n| format!("Namn{n:02};Ek;070-174 06 {n:02};chef\n")).collect();
    let list = List::read(format!("Förnamn;Efternamn;Mobil;Befattning\n{}", rows.concat()).as_bytes()).unwrap();
    let dry = book.dry_run(&list, &terms(&list, &book), Date::MAX).unwrap();
    let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
    assert!(run.step(&mut book, ctx, 100).unwrap().finished);
    let all: Vec<Id<Contact>> = book.register().all::<Contact>().map(|contact| contact.id).collect();
    for contact in all {
        let talk = TalkDraft { contact: Some(contact), at: Some(ctx.now), ..TalkDraft::default() };
        book.add(ctx, &talk.into()).unwrap();
    }
    let mut undo = book.undo_import(run.import()).unwrap();
    while !undo.step(&mut book, ctx, 1).unwrap().finished {}
    let left: Vec<_> = undo.progress().left.iter().map(|left| book.register().contact_name(left.contact)).collect();
    assert_eq!(left, (0..12).map(|n| format!("Namn{n:02} Ek")).collect::<Vec<_>>());
}
