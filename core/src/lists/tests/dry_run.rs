//! What taking a list in would do to a small register, row by row.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::seal::MatchKey;
use crate::tables::{
    Contact, ContactDraft, Draft, ImportSource, Link, LinkDraft, LinkKind, Membership, RowState, Workplace,
    WorkplaceDraft,
};

fn put<T>(register: &mut Register, id: u8, draft: impl Into<Draft>) -> Id<T> {
    let (draft, id) = (draft.into(), RowId::from_bytes([id; 16]));
    let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    register.apply(RowState { table: draft.table(), id, live: true, fields, clashes: Vec::new(), by: None });
    id.into()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Two workplaces and a few people.
fn register() -> Register {
    let mut register = Register::default();
    let norra: Id<Workplace> =
        put(&mut register, 1, WorkplaceDraft { name: some("Norra lagret"), ..Default::default() });
    let sodra: Id<Workplace> =
        put(&mut register, 2, WorkplaceDraft { name: some("Södra lagret"), ..Default::default() });
    let person = |name: &str, phone: &str, email: &str, workplace| {
        let (given, family) = name.split_once(' ').unwrap();
        let filled = |text: &str| some(text).filter(|text| !text.is_empty());
        ContactDraft {
            given_name: some(given),
            family_name: some(family),
            phone: filled(phone),
            email: filled(email),
            workplace: Some(workplace),
            ..Default::default()
        }
    };
    put::<Contact>(&mut register, 10, person("Anna Svensson", "070-174 06 05", "anna@exempel.se", norra));
    put::<Contact>(&mut register, 11, person("Anna Svensson", "", "", sodra));
    put::<Contact>(&mut register, 12, person("Bo Ek", "070-174 06 06", "", norra));
    put::<Contact>(&mut register, 13, person("Eva Ek", "070-174 06 06", "", norra));
    put::<Contact>(&mut register, 14, person("Mohamed Ali", "", "mo@exempel.se", sodra));
    put::<Contact>(&mut register, 15, person("Ida Lund", "070-174 06 07", "", norra));
    put::<Contact>(&mut register, 16, person("Ida Lund", "070-174 06 08", "", norra));
    register
}

fn dry(register: &Register, text: &str) -> DryRun {
    let list = list(text);
    let terms =
        ListTerms { source: ImportSource::Employer, columns: meanings(&list), workplace: None, places: Vec::new() };
    DryRun::of(register, &list, &terms, Date::MAX).unwrap()
}

fn only(register: &Register, row: &str) -> DryRowView {
    let dry = dry(register, &format!("Namn;Mobil;E-post;Arbetsplats;Befattning\n{row}\n"));
    dry.rows(register, None, 0, 10).remove(0)
}

/// Practices 14 and 18: each row of a list is new, changed, the same or unsure, and says why.
#[test]
fn a_row_is_told_by_what_it_shares() {
    let register = register();
    let contact = |id: u8| Some(Id::<Contact>::from(RowId::from_bytes([id; 16])));
    use Verdict::{Changed, New, Same, Unsure};
    let cases = [
        // By telephone and name, however both are written.
        ("SVENSSON, ANNA;+46 70 174 06 05;;;", Same, contact(10)),
        ("Anna Svensson;0701740605;ANNA@exempel.se;norra  lagret;", Same, contact(10)),
        ("Anna Svensson;0701740605;;;lagerarbetare", Changed, contact(10)),
        // A nickname and a middle name are no other name.
        ("Anna \"Annis\" Maria Svensson;0701740605;;;", Changed, contact(10)),
        // By address.
        (";;mo@exempel.se;;", Same, contact(14)),
        // By name and workplace.
        ("Anna Svensson;;;Södra lagret;", Same, contact(11)),
        ("Anna Svensson;0701740610;;Södra lagret;", Changed, contact(11)),
        // A married name.
        ("Anna Berg;0701740605;;;", Unsure, None),
        // A couple with one telephone: each finds their own.
        ("Bo Ek;0701740606;;;", Same, contact(12)),
        ("Eva Ek;0701740606;;;", Same, contact(13)),
        ("Ulla Ek;0701740606;;;", Unsure, None),
        // Two of one name at one workplace.
        ("Ida Lund;;;Norra lagret;", Unsure, None),
        ("Ida Lund;0701740607;;Norra lagret;", Same, contact(15)),
        // The name and the workplace, and another telephone.
        ("Bo Ek;0701740611;;Norra lagret;", Unsure, None),
        // The name alone.
        ("Mohamed Ali;;;;", Unsure, None),
        ("Mohamed Ali;;;Norra lagret;", New, None),
        ("Nils Nyman;0701740612;;Norra lagret;", New, None),
        // Nobody.
        (";;;Norra lagret;chef", Unsure, None),
        // A name in letters of two parts, in another order, with a middle name.
        ("Mohamed Ali;;MO@EXEMPEL.SE;;", Same, contact(14)),
        ("Ali, Mohamed;;mo@exempel.se;;", Same, contact(14)),
        // A name that only sounds the same is another until somebody has said so.
        ("Muhammed Ali;;mo@exempel.se;Södra lagret;", Unsure, None),
        // The telephone of a couple, and nobody's name.
        (";0701740606;;;", Unsure, None),
        // Somebody else's telephone, and a name that has nothing in common.
        ("Gun Borg;0701740607;;Norra lagret;", Unsure, None),
        // The address of one and the telephone of another.
        (";0701740607;mo@exempel.se;;", Unsure, None),
    ];
    for (row, verdict, contact) in cases {
        let view = only(&register, row);
        assert_eq!((view.verdict, view.contact), (verdict, contact), "{row}: {view:?}");
    }
    let unsure = only(&register, "Anna Berg;0701740605;;;");
    assert_eq!(unsure.reason, Some(RowReason::OneMayMatch));
    assert_eq!(unsure.candidates[0].reasons, [MatchReason::Phone, MatchReason::NamePart]);
    assert_eq!(only(&register, "Mohamed Ali;;;Norra lagret;").notes, [RowNote::NameElsewhere]);
    assert_eq!(only(&register, ";;;Norra lagret;chef").reason, Some(RowReason::NobodyNamed));
    assert_eq!(only(&register, "Nils Nyman;;;Östra lagret;").notes, [RowNote::UnknownWorkplace]);
}

/// A changed field shows both values; what the list leaves empty, or says in other letters, changes nothing.
#[test]
fn a_change_shows_what_is_there_and_what_the_list_says() {
    let register = register();
    let view = only(&register, "Anna Svensson;0701740605;anna.svensson@exempel.se;Södra lagret;Truckförare");
    let changes: Vec<_> = view
        .changes
        .iter()
        .map(|change| (change.field.as_str(), change.old_shown.as_str(), change.new_shown.as_str()))
        .collect();
    let expected = [
        ("email", "anna@exempel.se", "anna.svensson@exempel.se"),
        ("workplace", "Norra lagret", "Södra lagret"),
        ("job", "", "Truckförare"),
    ];
    assert_eq!(changes, expected);
    assert_eq!(view.changes[2].old, None);
}

#[test]
fn the_same_person_twice_in_a_list_is_told_by_the_first_line() {
    let register = register();
    let text = "Namn;Mobil;Befattning\n\
                Nils Nyman;0701740612;chef\n\
                NYMAN, NILS;070-174 06 12;\n\
                Nils Nyman;0701740612;chef\n\
                Anna Svensson;0701740605;\n\
                Annika Svensson;0701740605;\n";
    let dry = dry(&register, text);
    let rows = dry.rows(&register, None, 0, 10);
    let told: Vec<_> = rows.iter().map(|row| (row.verdict, row.reason, row.again_of)).collect();
    let again = Some(RowReason::AgainInList);
    assert_eq!(told[0], (Verdict::New, None, None));
    assert_eq!(told[1], (Verdict::Unsure, again, Some(2)));
    assert_eq!(told[2], (Verdict::Same, again, Some(2)));
    assert_eq!(told[3], (Verdict::Same, None, None));
    assert_eq!(told[4].0, Verdict::Unsure);
    assert_eq!((dry.view().new, dry.view().same, dry.view().unsure), (1, 2, 2));
    assert_eq!(dry.rows(&register, Some(Verdict::Unsure), 1, 5).len(), 1);
}

/// Contacts that are one person are read as one, and a change goes to the one that has the field.
#[test]
fn one_person_of_two_contacts_is_one() {
    let mut register = register();
    let (a, b) = (RowId::from_bytes([10; 16]), RowId::from_bytes([11; 16]));
    let same =
        LinkDraft { a: Some(a.into()), b: Some(b.into()), kind: Some(LinkKind::SamePerson), ..Default::default() };
    put::<Link>(&mut register, 20, same);
    let later = ContactDraft {
        given_name: some("Anna"),
        family_name: some("Svensson"),
        job: some("chef"),
        ..Default::default()
    };
    put::<Contact>(&mut register, 11, later);
    let dry = dry(&register, "Namn;Mobil;Befattning\nAnna Svensson;0701740605;truckförare\n");
    assert_eq!(dry.rows[0].contact, Some(a.into()));
    assert_eq!(dry.rows[0].changes[0].contact, b.into());
}

#[test]
fn terms_that_do_not_fit_are_refused() {
    let (register, list) = (register(), list("Namn;Mobil\nAnna;0701740605\n"));
    let terms = |columns: &[Column]| ListTerms {
        source: ImportSource::Own,
        columns: columns.to_vec(),
        workplace: None,
        places: Vec::new(),
    };
    let refused = |columns: &[Column]| DryRun::of(&register, &list, &terms(columns), Date::MAX).err();
    assert_eq!(refused(&[Column::Name]), Some(ListError::OtherColumns));
    assert_eq!(refused(&[Column::Ignored, Column::Job]), Some(ListError::NobodyNamed));
    assert_eq!(refused(&[Column::Name, Column::Phone]), None);
}

#[test]
fn words_for_memberships_are_known_in_five_languages() {
    let cases = [
        ("Medlem", Some(Membership::Member)),
        ("JA", Some(Membership::Member)),
        (" x ", Some(Membership::Member)),
        ("Betalande medlem", Some(Membership::Member)),
        ("betalende", Some(Membership::Member)),
        ("aktivt medlem", Some(Membership::Member)),
        ("jäsen", Some(Membership::Member)),
        ("Kyllä", Some(Membership::Member)),
        ("full member", Some(Membership::Member)),
        ("Ej medlem", Some(Membership::Unorganised)),
        ("oorganiserad", Some(Membership::Unorganised)),
        ("ikke-medlem", Some(Membership::Unorganised)),
        ("nei", Some(Membership::Unorganised)),
        ("uorganiseret", Some(Membership::Unorganised)),
        ("Ei jäsen", Some(Membership::Unorganised)),
        ("non-member", Some(Membership::Unorganised)),
        ("Provmedlem", Some(Membership::Trial)),
        ("prøvemedlem", Some(Membership::Trial)),
        ("koejäsen", Some(Membership::Trial)),
        ("trial member", Some(Membership::Trial)),
        ("på väg ut", Some(Membership::Leaving)),
        ("oppsagt", Some(Membership::Leaving)),
        ("eroamassa", Some(Membership::Leaving)),
        ("Endast A-kassa", Some(Membership::FundOnly)),
        ("kun a-kasse", Some(Membership::FundOnly)),
        ("työttömyyskassa", Some(Membership::FundOnly)),
        ("annat förbund", Some(Membership::OtherUnion)),
        ("anden fagforening", Some(Membership::OtherUnion)),
        ("toinen liitto", Some(Membership::OtherUnion)),
        ("other_union", Some(Membership::OtherUnion)),
        ("utmeldt", Some(Membership::Former)),
        ("udmeldt", Some(Membership::Former)),
        ("eronnut", Some(Membership::Former)),
        ("Tidigare medlem", Some(Membership::Former)),
        ("vet ej", None),
        ("kanske", None),
        ("medlem sedan 2019", None),
    ];
    for (word, status) in cases {
        let row = row_with("Medlemsstatus", word);
        assert_eq!(row.membership, status, "{word}");
        assert_eq!(row.notes.is_empty(), status.is_some(), "{word}");
    }
}

/// One name and one telephone, in so many ways that lists have them.
fn written(given: &str, family: &str, phone: &str) -> Vec<String> {
    let (upper, first) = (format!("{given} {family}").to_uppercase(), phone.trim_start_matches('0'));
    let names = [
        format!("{given} {family}"),
        format!("{family}, {given}"),
        upper,
        format!("  {given}\u{a0}{family} "),
        format!("{given} Maria {family}"),
    ];
    let phones = [phone.to_owned(), format!("+46{first}"), format!("0046 {first}"), format!("{phone} jobb")];
    names.iter().flat_map(|name| phones.iter().map(move |phone| format!("{name};{phone};;;"))).collect()
}

/// A couple with one telephone: each row finds its own person, however name and number are written.
#[test]
fn a_couple_with_one_telephone_is_two() {
    let register = register();
    for (given, id) in [("Bo", 12), ("Eva", 13)] {
        let contact = Some(Id::<Contact>::from(RowId::from_bytes([id; 16])));
        for row in written(given, "Ek", "0701740606") {
            let view = only(&register, &row);
            assert_eq!((view.contact, view.reason), (contact, None), "{row}: {view:?}");
        }
    }
}

/// Another family name with the same telephone may be a marriage, and may be somebody else: a person decides.
#[test]
fn a_married_name_is_for_a_person_to_decide() {
    let register = register();
    let anna = Id::<Contact>::from(RowId::from_bytes([10; 16]));
    for row in written("Anna", "Berg", "0701740605") {
        let view = only(&register, &row);
        assert_eq!((view.verdict, view.reason), (Verdict::Unsure, Some(RowReason::OneMayMatch)), "{row}: {view:?}");
        assert_eq!(view.candidates[0].contact, anna, "{row}");
        assert!(view.candidates[0].reasons.contains(&MatchReason::NamePart), "{row}: {view:?}");
    }
}

/// Two of one name at one workplace: the telephone tells them apart, and without it nobody is guessed.
#[test]
fn two_of_one_name_are_told_apart_by_the_telephone_alone() {
    let register = register();
    for (phone, id) in [("0701740607", 15), ("0701740608", 16)] {
        let contact = Some(Id::<Contact>::from(RowId::from_bytes([id; 16])));
        for row in written("Ida", "Lund", phone) {
            let view = only(&register, &row);
            assert_eq!(view.contact, contact, "{row}: {view:?}");
            // The same without its number, at the workplace of both.
            let name = row.split(';').next().unwrap();
            let view = only(&register, &format!("{name};;;Norra lagret;"));
            assert_eq!(
                (view.verdict, view.reason),
                (Verdict::Unsure, Some(RowReason::SeveralMatch)),
                "{name}: {view:?}"
            );
            assert_eq!(view.candidates.len(), 2, "{name}");
        }
    }
}

/// A name that only sounds like one at the same site is neither taken for it nor for somebody new: a person decides.
#[test]
fn a_name_that_sounds_like_one_at_the_site_is_for_a_person_to_decide() {
    use MatchReason::{
        Email, EmailDiffers, NameAlike, NameDiffers, NamePart, Phone, PhoneDiffers, Workplace as AtWork,
        WorkplaceDiffers,
    };
    let mut register = register();
    let [norra, sodra] = [1, 2].map(|id| Id::<Workplace>::from_bytes([id; 16]));
    let part = WorkplaceDraft { name: some("Verkstaden"), parent: Some(norra), ..Default::default() };
    put::<Workplace>(&mut register, 3, part);
    let people = [
        (40, "Åke", "Ågård", "070-174 06 20", "", norra),
        (41, "Lena Maria", "Sjögren", "", "", norra),
        (42, "Muhammad", "Hussein", "", "mu@exempel.se", norra),
        (43, "Karin \"Kajsa\"", "Lindgren", "", "", norra),
        (44, "Lars", "Persson", "", "", norra),
        (45, "Lars", "Person", "070-174 06 21", "", norra),
        (46, "Åsa", "Wikström", "", "", sodra),
    ];
    for (id, given, family, phone, email, workplace) in people {
        let filled = |text: &str| some(text).filter(|text| !text.is_empty());
        let contact = ContactDraft {
            given_name: some(given),
            family_name: some(family),
            phone: filled(phone),
            email: filled(email),
            workplace: Some(workplace),
            ..Default::default()
        };
        put::<Contact>(&mut register, id, contact);
    }
    let unsure: &[(&str, &[u8], &[MatchReason])] = &[
        // Other letters for the same sound.
        ("Åke Aagaard;;;Norra lagret;", &[40], &[NameAlike, AtWork]),
        ("AAGAARD, ÅKE;;;norra  lagret;", &[40], &[NameAlike, AtWork]),
        ("Aake Ågaard;;;Norra lagret;", &[40], &[NameAlike, AtWork]),
        ("Mohamed Hussein;;;Norra lagret;", &[42], &[NameAlike, AtWork]),
        ("Hossein, Mohammed;;;Norra lagret;", &[42], &[NameAlike, AtWork]),
        ("Åsa Vikström;;;Södra lagret;", &[46], &[NameAlike, AtWork]),
        // One letter wrong, left out, too many, or two of them the wrong way round.
        ("Åke Ågårt;;;Norra lagret;", &[40], &[NameAlike, AtWork]),
        ("Åsa Wiktröm;;;Södra lagret;", &[46], &[NameAlike, AtWork]),
        ("Karin Lindgrens;;;Norra lagret;", &[43], &[NameAlike, AtWork]),
        ("Karin Lindrgen;;;Norra lagret;", &[43], &[NameAlike, AtWork]),
        // A middle name, a nickname, an everyday name, two family names.
        ("Lena Sjögren;;;Norra lagret;", &[41], &[NameAlike, AtWork]),
        ("Lena Sjogren;0701740622;;Norra lagret;", &[41], &[NameAlike, AtWork]),
        ("Helena Maria Sjögren;;;Norra lagret;", &[41], &[NameAlike, AtWork]),
        ("Åke Ivar Ågård;;;Norra lagret;", &[40], &[NameAlike, AtWork]),
        ("Kajsa Lindgren;;;Norra lagret;", &[43], &[NameAlike, AtWork]),
        ("Åke Ågård-Ek;;;Norra lagret;", &[40], &[NameAlike, AtWork]),
        // At another end of the site, even the very name.
        ("Åke Aagaard;;;Verkstaden;", &[40], &[NameAlike, WorkplaceDiffers]),
        ("Åke Ågård;;;Verkstaden;", &[40], &[NameAlike, WorkplaceDiffers]),
        // Several.
        ("Lasse Persson;;;Norra lagret;", &[44, 45], &[NameAlike, AtWork]),
        // Another number or address speaks against it and does not settle it, as in the list of duplicates.
        ("Åke Aagaard;0701740622;;Norra lagret;", &[40], &[NameAlike, AtWork, PhoneDiffers]),
        ("Mohamed Hussein;;mo2@exempel.se;Norra lagret;", &[42], &[NameAlike, AtWork, EmailDiffers]),
        // The same number or address says more than the sound.
        ("Åke Aagaard;0701740620;;Norra lagret;", &[40], &[Phone, NamePart, AtWork]),
        ("Mohamed Hussein;;mu@exempel.se;Norra lagret;", &[42], &[Email, NamePart, AtWork]),
        // The number of one, and a name like another's.
        ("Åke Aagaard;0701740621;;Norra lagret;", &[45, 40], &[Phone, AtWork, NameDiffers]),
    ];
    for (row, ids, reasons) in unsure {
        let view = only(&register, row);
        let reason = if ids.len() == 1 { RowReason::OneMayMatch } else { RowReason::SeveralMatch };
        assert_eq!((view.verdict, view.reason), (Verdict::Unsure, Some(reason)), "{row}: {view:?}");
        let found: Vec<_> = view.candidates.iter().map(|one| one.contact).collect();
        assert_eq!(
            found,
            ids.iter().map(|id| Id::<Contact>::from_bytes([*id; 16])).collect::<Vec<_>>(),
            "{row}: {view:?}"
        );
        assert_eq!(view.candidates[0].reasons, *reasons, "{row}");
        assert_eq!((view.contact, view.changes.len()), (None, 0), "{row}");
    }
    // What says more is taken, and what says less is nobody in the register.
    let decided = [
        ("Ake Agard;;;Norra lagret;", Verdict::Same, Some(40)),
        ("Karin Lindgren;;;Norra lagret;", Verdict::Changed, Some(43)),
        ("Lars Persson;;;Norra lagret;", Verdict::Same, Some(44)),
        ("Åke Aagaard;;;Södra lagret;", Verdict::New, None),
        ("Åke Aagaard;;;Östra lagret;", Verdict::New, None),
        ("Åke Aagaard;;;;", Verdict::New, None),
        ("Åke;;;Norra lagret;", Verdict::New, None),
        ("Ane Ågård;;;Norra lagret;", Verdict::New, None),
        ("Bo Ågård;;;Norra lagret;", Verdict::New, None),
        ("Åsa Viklund;;;Södra lagret;", Verdict::New, None),
        ("Åke Ågertt;;;Norra lagret;", Verdict::New, None),
    ];
    for (row, verdict, id) in decided {
        let view = only(&register, row);
        let contact = id.map(|id: u8| Id::<Contact>::from_bytes([id; 16]));
        assert_eq!((view.verdict, view.contact), (verdict, contact), "{row}: {view:?}");
    }
}

/// A workplace is known by its name, however it is written, and by what somebody said that a list calls it.
#[test]
fn workplaces_are_known_by_their_names() {
    let mut register = Register::default();
    let names = [
        "Norra lagret",
        "Äldreboendet Åsgården",
        "S:t Görans sjukhus",
        "Hus 3",
        "Rødhuset på Ærø",
        "Skolan",
        "Skolan",
        "Vård- & omsorgsboendet \"Linden\"",
    ];
    for (name, id) in names.into_iter().zip(1..) {
        let place = WorkplaceDraft { name: some(name), ..Default::default() };
        put::<Workplace>(&mut register, id, place);
    }
    let place = |id: u8| Id::<Workplace>::from_bytes([id; 16]);
    let said = [("N. lagret", 1), ("12-4711", 2), ("Skolan", 6)];
    let said = said.map(|(name, id)| PlaceName { name: name.to_owned(), workplace: place(id) });
    let cases = [
        ("Norra lagret", Some(1)),
        ("NORRA LAGRET", Some(1)),
        ("norra lagret", Some(1)),
        ("  Norra   lagret ", Some(1)),
        ("Norra\u{a0}lagret", Some(1)),
        ("Norra\u{200b} lagret", Some(1)),
        ("Norra\nlagret", Some(1)),
        ("Norra-lagret", Some(1)),
        ("Norra lagret.", Some(1)),
        ("(Norra lagret)", Some(1)),
        ("\"Norra lagret\"", Some(1)),
        ("Äldreboendet Åsgården", Some(2)),
        ("ÄLDREBOENDET ÅSGÅRDEN", Some(2)),
        ("A\u{308}ldreboendet A\u{30a}sga\u{30a}rden", Some(2)),
        ("Aldreboendet Asgarden", Some(2)),
        ("S:T GÖRANS SJUKHUS", Some(3)),
        ("S t Görans sjukhus", Some(3)),
        ("hus 3", Some(4)),
        ("RØDHUSET PÅ ÆRØ", Some(5)),
        ("Rodhuset pa Aero", Some(5)),
        ("Vård & omsorgsboendet Linden", Some(8)),
        ("Vård- och omsorgsboendet Linden", None),
        // Other names, and parts of one.
        ("Norra", None),
        ("Lagret Norra", None),
        ("Norra lagret, plan 2", None),
        ("Norralagret", None),
        ("Östra lagret", None),
        ("St Görans sjukhus", None),
        ("Hus 4", None),
        ("Hus 03", None),
        // Two have it.
        ("Skolan", None),
        // Nothing is said, so nothing is unknown.
        ("", None),
        ("-", None),
        ("saknas", None),
    ];
    let judged = |cell: &str, places: &[PlaceName], workplace| {
        let list = list(&format!("Namn;Arbetsplats\nNils Nyman;\"{}\"\n", cell.replace('"', "\"\"")));
        let columns = vec![Column::Name, Column::Workplace];
        let terms = ListTerms { source: ImportSource::Employer, columns, workplace, places: places.to_vec() };
        let dry = DryRun::of(&register, &list, &terms, Date::MAX).unwrap();
        let is_unknown = dry.rows[0].listed.notes.contains(&RowNote::UnknownWorkplace);
        assert_eq!(dry.view().unknown_workplaces.len(), usize::from(is_unknown), "{cell}");
        (dry.rows[0].workplace, is_unknown)
    };
    for (cell, id) in cases {
        let workplace = id.map(place);
        let says_nothing = ["", "-", "saknas"].contains(&cell);
        assert_eq!(judged(cell, &[], None), (workplace, workplace.is_none() && !says_nothing), "{cell}");
    }
    for (cell, id) in [("N. lagret", 1), ("n LAGRET", 1), ("12-4711", 2), ("12 4711", 2), ("Skolan", 6), ("Hus 3", 4)] {
        assert_eq!(judged(cell, &said, None), (Some(place(id)), false), "{cell}");
    }
    // The workplace of a whole list is that of the rows that name none.
    let whole = Some(place(4));
    assert_eq!(judged("", &[], whole), (whole, false));
    assert_eq!(judged("Norra lagret", &[], whole), (Some(place(1)), false));
    assert_eq!(judged("Östra lagret", &[], whole), (None, true));
}

/// The same between two rows of one list, unless a number or an address tells them apart.
#[test]
fn a_row_that_sounds_like_an_earlier_one_is_for_a_person_to_decide() {
    let mut register = register();
    let part = WorkplaceDraft { name: some("Verkstaden"), parent: Some(Id::from_bytes([1; 16])), ..Default::default() };
    put::<Workplace>(&mut register, 3, part);
    let (again, may_be) = (Some(RowReason::AgainInList), Some(RowReason::MayBeAgain));
    let rows = [
        ("Örjan Aagaard;;;Norra lagret", Verdict::New, None, None),
        ("Örjan Ågård;;;Norra lagret", Verdict::Unsure, may_be, Some(2)),
        ("Örjan Ågård;;;Södra lagret", Verdict::New, None, None),
        ("Örjan Ågaard;0701740630;;Norra lagret", Verdict::Unsure, may_be, Some(2)),
        ("Örjan Aagaard;0701740631;;Norra lagret", Verdict::Unsure, again, Some(2)),
        ("Nina Lindh;0701740632;;Norra lagret", Verdict::New, None, None),
        ("Nina Lind;0701740633;;Norra lagret", Verdict::New, None, None),
        ("Nina Lind;0701740632;;Norra lagret", Verdict::Unsure, may_be, Some(7)),
        ("Siv Blom;;siv@exempel.se;Norra lagret", Verdict::New, None, None),
        ("Siv Blomm;;siv.b@exempel.se;Norra lagret", Verdict::New, None, None),
        ("Tove Maria Ek;;;Norra lagret", Verdict::New, None, None),
        ("Tove Ek;;;Norra lagret", Verdict::Unsure, may_be, Some(12)),
        ("Tove Ek;;;Verkstaden", Verdict::Unsure, may_be, Some(12)),
        // One that the register may have is asked about, and one that it surely has is not.
        ("Idda Lund;;;Norra lagret", Verdict::Unsure, Some(RowReason::SeveralMatch), None),
        ("Ida Lund;0701740607;;Norra lagret", Verdict::Same, None, None),
    ];
    let text: String = rows.iter().map(|(row, ..)| format!("{row}\n")).collect();
    let dry = dry(&register, &format!("Namn;Mobil;E-post;Arbetsplats\n{text}"));
    for (view, (row, verdict, reason, line)) in dry.rows(&register, None, 0, 20).into_iter().zip(rows) {
        assert_eq!((view.verdict, view.reason, view.again_of), (verdict, reason, line), "{row}");
    }
    // Two personal numbers are two persons.
    let key = MatchKey::make(&mut ChaCha20Rng::seed_from_u64(1));
    let text = "Namn;Personnr;Arbetsplats\nTove Maria Ek;851399-1001;Norra lagret\nTove Ek;851399-1002;Norra lagret\n";
    let list = List::read_for(text.as_bytes(), &key).unwrap();
    let terms =
        ListTerms { source: ImportSource::Employer, columns: meanings(&list), workplace: None, places: Vec::new() };
    assert_eq!(DryRun::of(&register, &list, &terms, Date::MAX).unwrap().view().new, 2);
}

/// A list that is held against the register in steps comes to the same as one that is in one go.
#[test]
fn a_dry_run_in_steps_says_the_same_and_how_far_it_has_come() {
    let register = register();
    let mut text = String::from("Namn;Mobil;Arbetsplats\nAnna Svensson;0701740605;Norra lagret\n");
    for n in 0..50 {
        text.push_str(&format!("Person{n} Efternamn{n};;{}\n", if n % 2 == 0 { "Östra" } else { "Norra lagret" }));
    }
    text.push_str("Anna Svensson;070-174 06 05;Norra lagret\n");
    let list = list(&text);
    let terms =
        ListTerms { source: ImportSource::Employer, columns: meanings(&list), workplace: None, places: Vec::new() };
    let mut running = DryRunSteps::begin(&register, &list, &terms, Date::MAX).unwrap();
    let mut told = vec![running.progress()];
    while told.last().is_some_and(|progress| progress.done < progress.total) {
        told.push(running.step(&register, 20));
    }
    assert_eq!(told.iter().map(|progress| progress.done).collect::<Vec<_>>(), [0, 20, 40, 52]);
    assert!(told.iter().all(|progress| progress.total == 52));
    let (steps, whole) = (running.finish(&register), DryRun::of(&register, &list, &terms, Date::MAX).unwrap());
    assert_eq!(steps.view(), whole.view());
    assert_eq!(steps.view().unknown_workplaces[0].rows, 25);
    assert_eq!(steps.rows(&register, None, 0, 100), whole.rows(&register, None, 0, 100));
    assert_eq!(steps.rows(&register, None, 51, 1)[0].again_of, Some(2));
}
