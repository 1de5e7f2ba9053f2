//! Practices 13, 15, 17, 19 and 20: the register held against the lists of the employer and of the office.

use super::*;
use crate::context::Date;
use crate::error::BookError;
use crate::ids::Id;
use crate::lists::{
    AddSteps, Column, ColumnReason, DecisionKind, DecisionState, DecisionView, List, ListError, ListProgress,
    ListTerms, MatchReason, PlaceName, Reconcile, list_changes,
};
use crate::register::{RecruiterScore, ReportQuery};
use crate::tables::{
    Contact, ContactDraft, FollowUp, ImportSource, Membership, MembershipEvent, MembershipEventDraft, MembershipKind,
    Origin, Patch, Person, Workplace, WorkplaceDraft,
};

/// Numbers with month 13 and day 99, which nobody has.
const EMPLOYER: &str = "Namn;Personnummer;Arbetsplats;Befattning;Mobil\n\
    Anna Svensson;851399-1001;Norra;chef;0701740605\n\
    Bo Ek;851399-1002;Södra;;0701740606\n\
    Eva Lund;851399-1003;Norra;;\n\
    Ida Nyman;851399-1004;Norra;;0701740609\n\
    Ny Anställd;851399-1005;Norra;;0701740610\n";
const OFFICE: &str = "Efternamn;Förnamn;pnr;Medlem sedan;Status\n\
    Svensson;Anna;198513991001;2020-01-01;Medlem\n\
    Lund-Berg;Eva;198513991003;2026-10-01;Medlem\n\
    Borta;Gun;198513991009;2010-01-01;Medlem\n\
    Nyman;Ida;198513991004;2019-01-01;Utgått\n";

const DAY: Date = Date::from_ymd_opt(2026, 11, 27).unwrap();

struct Desk {
    book: Book,
    rng: ChaCha20Rng,
}

impl Desk {
    fn new() -> Self {
        let (book, rng) = practice(Place::Memory);
        Self { book, rng }
    }

    fn add<T>(&mut self, draft: impl Into<Draft>) -> Id<T> {
        self.book.add(&mut context(&mut self.rng), &draft.into()).unwrap().into()
    }

    fn place(&mut self, name: &str) -> Id<Workplace> {
        self.add(WorkplaceDraft { name: Some(name.into()), ..WorkplaceDraft::default() })
    }

    fn contact(&mut self, name: &str, phone: &str, place: Id<Workplace>, membership: Membership) -> Id<Contact> {
        let (given, family) = name.split_once(' ').unwrap();
        self.add(ContactDraft {
            given_name: Some(given.into()),
            family_name: Some(family.into()),
            phone: Some(phone.into()).filter(|phone: &String| !phone.is_empty()),
            workplace: Some(place),
            membership: Some(membership),
            ..ContactDraft::default()
        })
    }

    fn compare(&mut self) -> Reconcile {
        let mut reconcile = Reconcile::begin(&mut context(&mut self.rng));
        for (source, text) in [(ImportSource::Employer, EMPLOYER), (ImportSource::Office, OFFICE)] {
            let list = reconcile.read(text.as_bytes()).unwrap();
            reconcile.add(self.book.register(), &list, &terms(&self.book, &list, source)).unwrap();
        }
        reconcile.compare(self.book.register(), &[], DAY).unwrap();
        reconcile
    }

    fn accept(&mut self, reconcile: &mut Reconcile, kind: DecisionKind) {
        let ids: Vec<_> = reconcile.decisions().filter(|view| view.kind == kind).map(|view| view.id).collect();
        assert!(!ids.is_empty(), "{kind:?}");
        for id in ids {
            self.book.accept(&mut context(&mut self.rng), reconcile, id, "fråga kontoret").unwrap();
        }
    }
}

fn terms(book: &Book, list: &List, source: ImportSource) -> ListTerms {
    let columns = book.list_columns(list).unwrap().into_iter().map(|view| view.meaning).collect();
    ListTerms { source, columns, workplace: None, places: Vec::new() }
}

fn told(reconcile: &Reconcile) -> Vec<(DecisionKind, String)> {
    let line = |view: &DecisionView| {
        let change = view
            .change
            .as_ref()
            .map(|change| format!(" {}: {} > {}", change.field, change.old_shown, change.new_shown));
        (view.kind, format!("{}{}", view.name, change.unwrap_or_default()))
    };
    reconcile.decisions().map(line).collect()
}

/// Practice 20: own list, employer's and office's become one list of decisions, signed off once each is taken.
#[test]
fn three_lists_give_one_list_of_decisions_and_a_sign_off() {
    use DecisionKind::{
        ChangedWorkplace, Differs, Joined, Left, NewAtEmployer, NewMember, NotAtOffice, OnePerson, UnknownAtEmployer,
    };
    let mut desk = Desk::new();
    let (norra, sodra) = (desk.place("Norra"), desk.place("Södra"));
    let anna = desk.contact("Anna Svensson", "0701740605", norra, Membership::Member);
    let bo = desk.contact("Bo Ek", "0701740606", norra, Membership::Member);
    let eva = desk.contact("Eva Lund", "", norra, Membership::Unknown);
    let ida = desk.contact("Ida Nyman", "0701740609", norra, Membership::Member);
    let ulla = desk.contact("Ulla Strand", "0701740611", norra, Membership::Member);
    let per = desk.contact("Per Palm", "0701740612", norra, Membership::Unorganised);
    let elsewhere = desk.place("Annan ort");
    desk.contact("Kim Vik", "0701740613", elsewhere, Membership::Member);

    let mut reconcile = desk.compare();
    let expected = [
        (NewMember, "Gun Borta"),
        (NewAtEmployer, "Ny Anställd"),
        (Joined, "Eva Lund"),
        (Left, "Ida Nyman"),
        (Left, "Ulla Strand"),
        (NotAtOffice, "Bo Ek"),
        (UnknownAtEmployer, "Per Palm"),
        (UnknownAtEmployer, "Ulla Strand"),
        (ChangedWorkplace, "Bo Ek workplace: Norra > Södra"),
        (Differs, "Anna Svensson job:  > chef"),
        (Differs, "Eva Lund family_name: Lund > Lund-Berg"),
    ];
    assert_eq!(told(&reconcile), expected.map(|(kind, text)| (kind, text.to_owned())));
    let joined = reconcile.decisions().find(|view| view.kind == Joined).unwrap();
    assert_eq!(joined.on.map(|day| day.to_string()).as_deref(), Some("2026-10-01"));
    assert_eq!((joined.employer_line, joined.office_line), (Some(4), Some(3)));
    assert!(joined.reasons.contains(&MatchReason::PersonalNumber));
    let open = desk.book.sign_off(&mut context(&mut desk.rng), &mut reconcile);
    assert!(matches!(open, Err(BookError::List(ListError::StillOpen))));

    for kind in [NewMember, NewAtEmployer, Joined, Left, NotAtOffice, ChangedWorkplace] {
        desk.accept(&mut reconcile, kind);
    }
    // Somebody gives Anna a job before the list does; the rest is let be.
    let job = ContactDraft { job: Some("lärare".into()), ..ContactDraft::default() };
    let patch = Patch { id: anna.into(), set: job.into(), clear: Vec::new() };
    desk.book.set(&mut context(&mut desk.rng), &patch).unwrap();
    desk.accept(&mut reconcile, Differs);
    let per_left = reconcile.decisions().find(|view| view.contact == Some(per)).unwrap().id;
    desk.book.accept(&mut context(&mut desk.rng), &mut reconcile, per_left, "").unwrap();
    let rest: Vec<_> =
        reconcile.decisions().filter(|view| view.state == DecisionState::Open).map(|view| view.id).collect();
    assert_eq!(rest.len(), 1);
    rest.into_iter().for_each(|id| reconcile.dismiss(id));

    let register = desk.book.register();
    let status = |id| register.status(&[id], Date::MAX);
    assert_eq!(status(eva), Membership::Member);
    assert_eq!((status(ida), status(ulla)), (Membership::Former, Membership::Former));
    assert_eq!(register.contact(bo).unwrap().workplace, Some(sodra));
    assert_eq!(register.contact(per).unwrap().workplace, None);
    assert_eq!(register.contact(ulla).unwrap().workplace, Some(norra));
    assert_eq!(register.contact(anna).unwrap().job.as_deref(), Some("lärare"));
    assert_eq!(register.all::<FollowUp>().next().unwrap().what.as_deref(), Some("fråga kontoret"));
    // Whoever a list told of and who has not been told is to be told.
    let to_tell: Vec<_> = register.notices_due(DAY).into_iter().map(|notice| (notice.name, notice.origin)).collect();
    let expected = [("Gun Borta", Origin::OfficeList), ("Ny Anställd", Origin::EmployerList)];
    assert_eq!(to_tell, expected.map(|(name, origin)| (name.to_owned(), origin)));
    let gun = register.search("gun borta", 1, Date::MAX).remove(0);
    assert_eq!(gun.membership, Membership::Member);
    assert_eq!(register.all::<MembershipEvent>().count(), 4);
    let states: Vec<_> = reconcile.decisions().map(|view| view.state).collect();
    assert!(states.contains(&DecisionState::ChangedSince) && states.contains(&DecisionState::Dismissed));

    let signed = desk.book.sign_off(&mut context(&mut desk.rng), &mut reconcile).unwrap();
    assert_eq!(signed.len(), 2);
    let views = desk.book.imports().unwrap();
    assert!(views.iter().all(|view| view.signed_off.is_some()));
    // Signed off once more, the same two lists stand for it.
    assert_eq!(desk.book.sign_off(&mut context(&mut desk.rng), &mut reconcile).unwrap(), signed);

    // What was accepted is not asked again.
    let again = told(&desk.compare());
    assert_eq!(
        again.iter().filter(|(kind, _)| [NewMember, NewAtEmployer, Joined, OnePerson].contains(kind)).count(),
        0
    );
    let told = format!("{reconcile:?} {}", desk.book.export_json().unwrap());
    assert!(!told.contains("851399"));
}

/// Practice 20: somebody who stands twice on a list is one person, and what the second row says is not lost.
#[test]
fn a_person_who_is_listed_twice_is_asked_about_once_and_both_rows_are_seen() {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let anna = desk.contact("Anna Svensson", "0701740605", norra, Membership::Member);
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let employer = "Namn;Personnummer;Arbetsplats;Befattning;Mobil\n\
        Anna Svensson;;Norra;;0701740605\n\
        Anna Svensson;;Norra;chef;0701740605\n\
        Mira Zorn;851399-1007;Norra;;\n\
        Mira Zorn;851399-1007;Norra;;\n\
        Leo Alm;851399-1008;Norra;;\n\
        Leo Alm-Ek;19851399-1008;Norra;;0701740620\n";
    let list = reconcile.read(employer.as_bytes()).unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Employer)).unwrap();
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    let lines = |kind| {
        let of_kind = reconcile.decisions().filter(move |view| view.kind == kind);
        of_kind.map(|view| (view.name.as_str(), view.employer_line, view.again_of)).collect::<Vec<_>>()
    };
    assert_eq!(lines(DecisionKind::NewAtEmployer), [("Leo Alm", Some(6), None), ("Mira Zorn", Some(4), None)]);
    assert_eq!(lines(DecisionKind::Twice), [("Anna Svensson", Some(3), Some(2)), ("Leo Alm-Ek", Some(7), Some(6))]);
    let twice = reconcile.decisions().find(|view| view.kind == DecisionKind::Twice).unwrap();
    assert_eq!(twice.contact, Some(anna));
    assert_eq!(reconcile.open(), 4);

    // A list whose rows are doubled tells of nobody who came or went.
    let once = "Namn;Personnummer;Arbetsplats\nMira Zorn;851399-1007;Norra\nLeo Alm;851399-1008;Norra\n\
        Anna Svensson;;Norra\n";
    let once = reconcile.read(once.as_bytes()).unwrap();
    let of = |list: &List| terms(&desk.book, list, ImportSource::Employer);
    let changes = list_changes(desk.book.register(), (&once, &of(&once)), (&list, &of(&list))).unwrap();
    assert_eq!((changes.came.len(), changes.went.len(), changes.stayed), (0, 0, 3));
}

/// Practice 20: a name that sounds like a colleague's pairs nothing; somebody is to look, and a new colleague can be added.
#[test]
fn somebody_new_is_shown_with_colleagues_whose_names_sound_alike() {
    let mut desk = Desk::new();
    let (norra, sodra) = (desk.place("Norra"), desk.place("Södra"));
    let known = desk.contact("Anna Aagaard", "0701740605", norra, Membership::Unorganised);
    desk.contact("Bo Sjögren", "", sodra, Membership::Unorganised);
    let employer = "Namn;Arbetsplats;Mobil\n\
        Anna Ågård;Norra;0701740606\n\
        Bo Sjogrem;Norra;\n";
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(employer.as_bytes()).unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Employer)).unwrap();
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    let new = reconcile.decisions().filter(|view| view.kind == DecisionKind::NewAtEmployer);
    let new: Vec<_> = new.map(|view| (view.name.clone(), view.candidates.clone())).collect();
    let [(anna, may_be), (bo, nobody)] = new.as_slice() else { panic!("{new:?}") };
    assert_eq!((anna.as_str(), bo.as_str(), nobody.len()), ("Anna Ågård", "Bo Sjogrem", 0));
    assert_eq!(may_be.iter().map(|one| one.contact).collect::<Vec<_>>(), [known]);
    assert!(may_be[0].reasons.contains(&MatchReason::NameAlike));
    desk.accept(&mut reconcile, DecisionKind::NewAtEmployer);
    assert_eq!(desk.book.register().all::<Contact>().count(), 4);
}

/// Practice 20: the employer's list has at one workplace whom the register has at another, and nothing else tells who it is.
#[test]
fn somebody_new_is_shown_with_those_of_the_same_name_at_other_workplaces() {
    let mut desk = Desk::new();
    let (norra, sodra) = (desk.place("Norra"), desk.place("Södra"));
    let olle = desk.contact("Olle Berg", "", sodra, Membership::Unorganised);
    desk.contact("Bo Ek", "", norra, Membership::Unorganised);
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read("Namn;Arbetsplats\nOlle Berg;Norra\nBo Ek;Norra\nNy Palm;Norra\n".as_bytes()).unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Employer)).unwrap();
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    let new = reconcile.decisions().filter(|view| view.kind == DecisionKind::NewAtEmployer);
    let new: Vec<_> = new.map(|view| (view.name.as_str(), view.candidates.clone())).collect();
    let [("Ny Palm", nobody), ("Olle Berg", may_be)] = new.as_slice() else { panic!("{new:?}") };
    assert!(nobody.is_empty());
    let may_be: Vec<_> = may_be.iter().map(|one| (one.contact, one.reasons.as_slice())).collect();
    assert_eq!(may_be, [(olle, [MatchReason::Name, MatchReason::WorkplaceDiffers].as_slice())]);
}

#[test]
fn a_list_of_the_stewards_own_is_not_compared() {
    let mut desk = Desk::new();
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(OFFICE.as_bytes()).unwrap();
    let own = terms(&desk.book, &list, ImportSource::Own);
    assert!(matches!(reconcile.add(desk.book.register(), &list, &own), Err(ListError::OwnList)));
    assert!(reconcile.sides().is_empty());
}

/// Practice 19: the hash of a list is kept, and tells none of the numbers in a column that is said to hold some.
#[test]
fn what_is_kept_of_a_list_tells_no_number_of_a_column_that_is_said_to_hold_some() {
    let mut desk = Desk::new();
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let register = desk.book.register();
    let mut hashes = |number: &str, job: &str, meaning: Column| {
        let list = reconcile.read(format!("Navn;Kode;Se {number}\nAnna Ek;{number};{job}\n").as_bytes()).unwrap();
        let columns = vec![Column::Name, meaning, Column::Job];
        let terms = ListTerms { source: ImportSource::Office, columns, workplace: None, places: Vec::new() };
        reconcile.add(register, &list, &terms).unwrap();
        let compared = reconcile.sides().last().unwrap().sha256.clone();
        let dry = desk.book.dry_run(&list, &terms, DAY).unwrap();
        assert_eq!(dry.sha256, compared);
        (compared, list.sha256())
    };
    let (one, raw) = hashes("9913851234", "chef", Column::PersonalNumber);
    assert_ne!(one, raw);
    assert_eq!(hashes("9913852345", "chef", Column::PersonalNumber).0, one);
    assert_ne!(hashes("9913851234", "lærer", Column::PersonalNumber).0, one);
    let (ignored, raw) = hashes("9913851234", "chef", Column::Ignored);
    assert_eq!(ignored, raw);
}

/// Reading, taking in and comparing tell how far they have come, and no more often than every so many rows.
#[test]
fn comparing_a_long_list_tells_how_far_it_has_come() {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    desk.contact("Anna Svensson", "0701740605", norra, Membership::Member);
    let rows: String = (0..2_500).map(|nth| format!("Anna Ek{nth}\n")).collect();
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let (mut read, mut compared) = (Vec::new(), Vec::new());
    let list = reconcile.read_telling(format!("Namn\n{rows}").as_bytes(), |progress| read.push(progress)).unwrap();
    let register = desk.book.register();
    let mut adding = AddSteps::begin(register, &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    assert_eq!(adding.progress(), ListProgress { done: 0, total: 2_500 });
    let added: Vec<_> = (0..3).map(|_| adding.step(register, 1_000).done).collect();
    assert_eq!(added, [1_000, 2_000, 2_500]);
    adding.finish(register, &mut reconcile);
    reconcile.compare_telling(register, &[], DAY, |progress| compared.push(progress)).unwrap();
    assert_eq!((list.len(), read.len()), (2_500, 2));
    let compared: Vec<_> = compared.iter().map(|progress| (progress.done, progress.total)).collect();
    assert_eq!(compared, [(1_000, 2_501), (2_000, 2_501)]);
}

/// Practice 20: nobody is missed on a list whose workplaces the register does not know, so that is said.
#[test]
fn an_employers_list_without_a_workplace_is_not_taken_for_one_that_misses_nobody() {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let bo = desk.contact("Bo Ek", "0701740606", norra, Membership::Member);
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read("Namn;Arbetsplats\nEva Lund;Norra skolan\n".as_bytes()).unwrap();
    let mut said = terms(&desk.book, &list, ImportSource::Employer);
    reconcile.add(desk.book.register(), &list, &said).unwrap();
    assert!(matches!(reconcile.compare(desk.book.register(), &[], DAY), Err(ListError::NoWorkplace)));
    let unknown: Vec<_> = reconcile.unknown_workplaces().map(|place| (place.name.as_str(), place.rows)).collect();
    assert_eq!(unknown, [("Norra skolan", 1)]);

    said.places = vec![PlaceName { name: "Norra skolan".into(), workplace: norra }];
    reconcile.add(desk.book.register(), &list, &said).unwrap();
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    let missed = reconcile.decisions().find(|view| view.kind == DecisionKind::UnknownAtEmployer).unwrap();
    assert_eq!(missed.contact, Some(bo));
}

/// Practice 20: what is said of the columns and of the workplaces of a compared list is not asked again.
#[test]
fn what_was_said_of_a_compared_list_is_remembered() {
    let text = "Namn;Nr;Hus\nEva Lund;0701740620;Norra skolan\n";
    for sign_off in [false, true] {
        let mut desk = Desk::new();
        let norra = desk.place("Norra");
        let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
        let list = reconcile.read(text.as_bytes()).unwrap();
        let columns = vec![Column::Name, Column::Phone, Column::Workplace];
        let places = vec![PlaceName { name: "Norra skolan".into(), workplace: norra }];
        let said = ListTerms { source: ImportSource::Employer, columns, workplace: None, places };
        reconcile.add(desk.book.register(), &list, &said).unwrap();
        reconcile.compare(desk.book.register(), &[], DAY).unwrap();
        let known = |desk: &Desk| {
            let columns = desk.book.list_columns(&List::read(text.as_bytes()).unwrap()).unwrap();
            let all = columns.iter().all(|column| column.reason == ColumnReason::Remembered);
            (all, columns[2].meaning, desk.book.list_places().unwrap())
        };
        assert_eq!(known(&desk), (false, Column::Ignored, Vec::new()), "comparing alone writes nothing");
        desk.book.accept(&mut context(&mut desk.rng), &mut reconcile, usize::MAX, "").unwrap();
        assert!(!known(&desk).0, "there is no such decision");
        if sign_off {
            let all: Vec<_> = reconcile.decisions().map(|view| view.id).collect();
            all.into_iter().for_each(|id| reconcile.dismiss(id));
            desk.book.sign_off(&mut context(&mut desk.rng), &mut reconcile).unwrap();
        } else {
            desk.accept(&mut reconcile, DecisionKind::NewAtEmployer);
        }
        assert_eq!(known(&desk), (true, Column::Workplace, said.places), "signed off: {sign_off}");
    }
}

/// Practice 19: a number ties a member list that has no telephone to the row of the employer that has.
#[test]
fn a_number_shows_that_two_contacts_are_one_person() {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let one = desk.contact("Eva Lund", "", norra, Membership::Member);
    let other: Id<Contact> = desk.add(ContactDraft {
        given_name: Some("Eva".into()),
        family_name: Some("Lund-Berg".into()),
        email: Some("eva@exempel.se".into()),
        ..ContactDraft::default()
    });
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let office = "Namn;pnr;E-post\nEva Lund-Berg;198513991003;eva@exempel.se\n";
    for (source, text) in [(ImportSource::Employer, EMPLOYER), (ImportSource::Office, office)] {
        let list = reconcile.read(text.as_bytes()).unwrap();
        reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, source)).unwrap();
    }
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    desk.accept(&mut reconcile, DecisionKind::OnePerson);
    let person = desk.book.register().one_person(other);
    assert_eq!(person, [one, other]);
    // Whoever accepts it knows more than whoever kept the two apart.
    desk.book.link_not_same(&mut context(&mut desk.rng), one, other).unwrap();
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    desk.accept(&mut reconcile, DecisionKind::OnePerson);
    assert_eq!(desk.book.register().one_person(other), [one, other]);
    assert_eq!(desk.book.register().disputed_links(), []);
}

/// Practice 15: new hires and leavers by two successive lists of the employer.
#[test]
fn two_lists_of_one_employer_tell_who_came_and_who_went() {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let bo = desk.contact("Bo Ek", "0701740606", norra, Membership::Member);
    let later = "Efternamn;Förnamn;Pnr;Arbetsplats;Anställd från\n\
        Svensson-Berg;Anna;198513991001;Norra;\n\
        Lund;Eva;198513991003;Södra;\n\
        Nyman;Ida;198513991004;Norra;\n\
        Zorn;Mira;198513991007;Norra;2026-11-15\n\
        Alm;Leo;198513991008;Norra;2026-11-01\n";
    let reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let (before, after) = (reconcile.read(EMPLOYER.as_bytes()).unwrap(), reconcile.read(later.as_bytes()).unwrap());
    let of = |list: &List| terms(&desk.book, list, ImportSource::Employer);
    assert!(of(&after).columns.contains(&Column::HiredOn));
    let changes = list_changes(desk.book.register(), (&before, &of(&before)), (&after, &of(&after))).unwrap();
    let names = |all: &[crate::lists::ListedView]| all.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&changes.came), ["Leo Alm", "Mira Zorn"]);
    assert_eq!(names(&changes.went), ["Bo Ek", "Ny Anställd"]);
    assert_eq!(changes.went[0].contact, Some(bo));
    assert_eq!(changes.stayed, 3);
    assert_eq!(changes.moved.len(), 1);
    assert_eq!((changes.moved[0].after.name.as_str(), changes.moved[0].before.line), ("Eva Lund", 4));

    // Without numbers a name that stands once in each is likely the same.
    let (before, after) =
        ("Namn;Arbetsplats\nAnna Ek;Norra\nBo Al;Norra\n", "Namn;Arbetsplats\nAnna Ek;Södra\nCy Ö;Norra\n");
    let (before, after) = (List::read(before.as_bytes()).unwrap(), List::read(after.as_bytes()).unwrap());
    let changes = list_changes(desk.book.register(), (&before, &of(&before)), (&after, &of(&after))).unwrap();
    assert_eq!((names(&changes.came), names(&changes.went)), (vec!["Cy Ö".to_owned()], vec!["Bo Al".to_owned()]));
    assert_eq!(changes.moved.len(), 1);
}

/// Practices 13 and 17: what the office calls a fund-only or a former member is a leaver with a day.
#[test]
fn a_trial_that_the_office_does_not_have_is_asked_for_and_not_ended() {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let anna = desk.contact("Anna Svensson", "0701740605", norra, Membership::Unknown);
    desk.add::<MembershipEvent>(MembershipEventDraft {
        contact: Some(anna),
        kind: Some(MembershipKind::Signed),
        on: DAY.pred_opt(),
        ..MembershipEventDraft::default()
    });
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(b"Namn;Mobil;Status\nEva Ek;0701740620;Medlem\n").unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[norra], DAY).unwrap();
    let kinds: Vec<_> = told(&reconcile).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [DecisionKind::NewMember, DecisionKind::NotAtOffice]);

    let list = reconcile.read(b"Namn;Mobil;Status\nAnna Svensson;0701740605;Endast a-kassa\n").unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[norra], DAY).unwrap();
    desk.accept(&mut reconcile, DecisionKind::Left);
    assert_eq!(desk.book.register().status(&[anna], Date::MAX), Membership::Former);

    // Back again: the office's list has the day of the first time, which would not end the leaving.
    let list = reconcile.read(b"Namn;Mobil;Medlem sedan\nAnna Svensson;0701740605;2015-01-01\n").unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[norra], DAY + chrono::Days::new(1)).unwrap();
    desk.accept(&mut reconcile, DecisionKind::Joined);
    assert_eq!(desk.book.register().status(&[anna], Date::MAX), Membership::Member);
}

/// Anna is a member at a workplace, and leaves on a day to come.
fn with_a_leaving_to_come() -> (Desk, Id<Workplace>, Date) {
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let anna = desk.contact("Anna Svensson", "0701740605", norra, Membership::Leaving);
    let on = DAY + chrono::Days::new(60);
    desk.add::<MembershipEvent>(MembershipEventDraft {
        contact: Some(anna),
        kind: Some(MembershipKind::Left),
        on: Some(on),
        ..Default::default()
    });
    (desk, norra, on)
}

/// Practices 13 and 20: whoever leaves on a day to come is on the office's list until then, and has not joined anew.
#[test]
fn a_member_who_leaves_later_is_still_one() {
    let (mut desk, norra, on) = with_a_leaving_to_come();
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(b"Namn;Mobil;Status\nAnna Svensson;0701740605;Medlem\n").unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[norra], DAY).unwrap();
    assert_eq!(told(&reconcile), []);
    reconcile.compare(desk.book.register(), &[norra], on).unwrap();
    assert_eq!(told(&reconcile), [(DecisionKind::Joined, "Anna Svensson".to_owned())]);
}

/// Practices 13, 17 and 20: whom the office's list does not have any more has left once, though a later day was noted.
#[test]
fn a_member_who_left_before_the_day_that_was_noted_has_left_once() {
    let (mut desk, norra, _) = with_a_leaving_to_come();
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(b"Namn;Mobil;Status\nAnna Svensson;0701740605;Endast a-kassa\n").unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[norra], DAY).unwrap();
    desk.accept(&mut reconcile, DecisionKind::Left);
    let left = desk.book.register().all::<MembershipEvent>().map(|event| (event.kind, event.on));
    assert_eq!(left.collect::<Vec<_>>(), [(Some(MembershipKind::Left), Some(DAY))]);
}

/// Practices 13 and 20: a trial is no membership that the office confirms, and whoever is on the way out stays so.
#[test]
fn a_trial_on_the_offices_list_pays_nothing_yet() {
    const TRIALS: &str = "Namn;Mobil;Medlem sedan;Status\n\
        Ny Prov;0701740621;2026-10-01;Provmedlem\n\
        Ute Snart;0701740622;2015-01-01;Uppsagd\n\
        Anna Svensson;0701740605;2026-10-01;Provmedlem\n\
        Bo Ek;0701740606;;Provmedlem\n";
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let anna = desk.contact("Anna Svensson", "0701740605", norra, Membership::Unorganised);
    let bo = desk.contact("Bo Ek", "0701740606", norra, Membership::Trial);
    let left = Some(MembershipKind::Left);
    let left = MembershipEventDraft { contact: Some(bo), kind: left, on: Some(DAY), ..MembershipEventDraft::default() };
    desk.add::<MembershipEvent>(left);
    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(TRIALS.as_bytes()).unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[norra], DAY).unwrap();
    let kinds: Vec<_> = told(&reconcile).into_iter().map(|(kind, _)| kind).collect();
    use DecisionKind::{Differs, NewMember};
    assert_eq!(kinds, [NewMember, NewMember, Differs, Differs]);
    desk.accept(&mut reconcile, NewMember);
    desk.accept(&mut reconcile, Differs);
    let register = desk.book.register();
    let status = |name: &str| register.search(name, 1, Date::MAX).remove(0).membership;
    assert_eq!((status("ny prov"), status("ute snart")), (Membership::Trial, Membership::Leaving));
    assert_eq!(
        (register.status(&[anna], Date::MAX), register.status(&[bo], Date::MAX)),
        (Membership::Trial, Membership::Former)
    );
    let paying = register.all::<MembershipEvent>().filter(|event| event.kind == Some(MembershipKind::Paying));
    assert_eq!(paying.count(), 1, "of whom the office calls a member until the end");
    // What events tell is not written over; somebody looks at it and lets it be.
    assert_eq!(reconcile.open(), 1);
}

/// Practices 20, 38 and 39: the office's word ends a trial, and its recruiter hears of it. Who is only on the list may be on trial
/// by that list, too.
#[test]
fn a_trial_is_confirmed_by_the_word_of_the_office_and_by_nothing_less() {
    const NOTED: Option<(MembershipKind, &str)> = None;
    const SIGNED: Option<(MembershipKind, &str)> = Some((MembershipKind::Signed, "2026-11-01"));
    const BY_ITS_END: Option<(MembershipKind, &str)> = Some((MembershipKind::TrialEnds, "2026-12-31"));
    // In the order of the names: how the register knows of the trial, since when and what by the list, and the day from which
    // dues are paid.
    let cases = [
        ("Anna Ek", NOTED, "2026-10-01;Medlem", Some("2026-10-01")),
        ("Bo Lind", NOTED, ";Medlem", Some("2026-11-27")),
        ("Cia Berg", NOTED, ";ja", Some("2026-11-27")),
        ("Dan Holm", NOTED, ";Betalande medlem", Some("2026-11-27")),
        ("Eva Strand", NOTED, ";", None),
        ("Fia Dahl", NOTED, "2026-10-01;", None),
        ("Gun Nyman", NOTED, ";Provmedlem", None),
        ("Ida Palm", NOTED, ";Hedersmedlem", None),
        ("Jon Vik", SIGNED, "2026-11-01;Medlem", Some("2026-11-27")),
        ("Kim Falk", SIGNED, "2026-11-01;", None),
        ("Leo Ros", BY_ITS_END, ";Medlem", Some("2026-11-27")),
        ("Mia Alm", BY_ITS_END, ";", None),
    ];
    let mut desk = Desk::new();
    let norra = desk.place("Norra");
    let recruiter = desk.book.register().all::<Person>().next().map(|person| person.id);
    let event = |contact, kind, day: &str| MembershipEventDraft {
        contact: Some(contact),
        kind: Some(kind),
        on: day.parse().ok(),
        recruiter: recruiter.filter(|_| kind == MembershipKind::Signed),
        ..MembershipEventDraft::default()
    };
    let mut list = "Namn;Mobil;Medlem sedan;Status\n".to_owned();
    for (nth, (name, known, said, _)) in cases.iter().enumerate() {
        let phone = format!("07017406{}", 30 + nth);
        let noted = if known.is_none() { Membership::Trial } else { Membership::Unknown };
        let contact = desk.contact(name, &phone, norra, noted);
        if let Some((kind, day)) = *known {
            desk.add::<MembershipEvent>(event(contact, kind, day));
        }
        assert_eq!(desk.book.register().status(&[contact], Date::MAX), Membership::Trial, "{name}");
        list.push_str(&format!("{name};{phone};{said}\n"));
    }
    let query = ReportQuery::of(DAY - chrono::Days::new(60), DAY, DAY);
    let score = |desk: &Desk| {
        let register = desk.book.register();
        let scores = register.recruiter_scores(&query);
        let of = |score: &RecruiterScore| (score.pending, score.confirmed);
        (scores.iter().map(of).collect::<Vec<_>>(), register.thanks_due(&query).len())
    };
    assert_eq!(score(&desk), (vec![(2, 0)], 0));

    let mut reconcile = Reconcile::begin(&mut context(&mut desk.rng));
    let list = reconcile.read(list.as_bytes()).unwrap();
    reconcile.add(desk.book.register(), &list, &terms(&desk.book, &list, ImportSource::Office)).unwrap();
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    let confirmed: Vec<_> =
        cases.iter().filter_map(|(name, _, _, day)| Some((DecisionKind::Joined, *name, (*day)?.to_owned()))).collect();
    let asked = reconcile.decisions().map(|view| (view.kind, view.name.as_str(), view.on.unwrap().to_string()));
    assert_eq!(asked.collect::<Vec<_>>(), confirmed);

    let names: Vec<_> = confirmed.iter().map(|(_, name, _)| *name).collect();
    desk.accept(&mut reconcile, DecisionKind::Joined);
    for (name, ..) in &cases {
        let status = if names.contains(name) { Membership::Member } else { Membership::Trial };
        assert_eq!(desk.book.register().search(name, 1, Date::MAX).remove(0).membership, status, "{name}");
    }
    assert_eq!(score(&desk), (vec![(1, 1)], 1));
    // What was confirmed is not asked again.
    reconcile.compare(desk.book.register(), &[], DAY).unwrap();
    assert_eq!(reconcile.open(), 0);
}
