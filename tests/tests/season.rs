//! The season that `cargo xtask demo` makes: the same from one seed, with the dirt that it promises and nobody's number.

use chrono::NaiveDate;
use samla_core::lists::{Column, DryRun, List, ListTerms};
use samla_core::tables::{Contact, ImportSource, Talk};
use samla_tests::season::{Many, Plan, Season, Size, play, tell};

fn club(seed: u64) -> (Season, tempfile::TempDir) {
    let folder = samla_tests::scratch();
    let today = NaiveDate::from_ymd_opt(2026, 10, 20).expect("a day");
    let season = play(&Plan { size: Size::Club, seed, today }, folder.path(), &mut |_| {});
    let season = season.expect("a season");
    (season, folder)
}

#[test]
fn the_same_plan_gives_the_same_register_and_another_another() {
    let (one, again, other) = (club(1).0, club(1).0, club(2).0);
    // A link names the hash of the whole log, so equal links are equal registers to the last byte.
    assert_eq!(one.links, again.links);
    assert_ne!(one.links, other.links);
    assert_eq!(one.links.len(), 4);
}

/// What a season holds of one kind of row.
fn count(season: &Season, kind: &str) -> usize {
    season.rows.iter().find(|(name, _)| *name == kind).expect("a kind of row").1
}

#[test]
fn it_is_as_used_as_a_used_one() {
    let (season, _folder) = club(3);
    for (kind, n) in [
        ("phones", 5),
        ("workplaces and units", 3),
        ("visits", 6),
        ("days of calls", 0),
        // 45 people, one of them twice at one table, three again at a later visit.
        ("contacts", 49),
        ("talks with a name", 110),
        ("talks without a name", 60),
        ("sign-ups", 6),
        ("of them, dues paid and confirmed", 5),
        ("of them, left", 1),
        ("removals that met an edit", 1),
    ] {
        assert_eq!(count(&season, kind), n, "{kind}");
    }
    assert!(count(&season, "pairs that may be one person") >= 1);
    assert!(count(&season, "fields answered twice") >= 1);
}

#[test]
fn a_season_is_played_once_in_a_folder() {
    let (_, folder) = club(4);
    let today = NaiveDate::from_ymd_opt(2026, 10, 20).expect("a day");
    let plan = Plan { size: Size::Club, seed: 4, today };
    let told = play(&plan, folder.path(), &mut |_| {}).unwrap_err().to_string();
    assert!(told.contains("--seed"), "{told}");
    play(&Plan { seed: 5, ..plan }, folder.path(), &mut |_| {}).unwrap();
}

/// The season of a branch, from planning to paying, on 27 phones that are seldom online: all hold the same in the end, and
/// make the same of it in every report and every list. [`play`] fails where they do not. No table, report or list is alike
/// for being empty.
#[test]
fn a_branch_shows_the_same_on_27_phones() {
    let folder = samla_tests::scratch();
    let today = NaiveDate::from_ymd_opt(2026, 10, 20).expect("a day");
    let season = play(&Plan { size: Size::Branch, seed: 1, today }, folder.path(), &mut |_| {}).expect("a season");
    for (kind, n) in [
        ("phones", 27),
        ("workplaces and units", 130),
        ("visits", 27),
        ("days of calls", 14),
        // 520 people, 20 of them twice at one table, 45 again at a later visit.
        ("contacts", 585),
        ("talks with a name", 900),
        ("talks without a name", 950),
        ("sign-ups", 110),
        ("of them, dues paid and confirmed", 82),
        ("removals that met an edit", 1),
    ] {
        assert_eq!(count(&season, kind), n, "{kind}");
    }
    assert_eq!(season.silent, [""; 0], "these show nothing");
    assert_eq!(season.told_of_few, [""; 0], "these tell of few");
    assert!(season.called > 0 && season.handed_over > 0);
    assert!(count(&season, "of them, left") > 0);
    assert!(count(&season, "fields answered twice") >= 3);
    let fields = count(&season, "fields that are filled");
    assert!((25_000..35_000).contains(&fields), "{fields}");
}

/// What the benchmark measures: the same people, visits and lists in one register, of any size.
#[test]
fn a_season_is_told_in_any_size() {
    let today = NaiveDate::from_ymd_opt(2026, 10, 20).expect("a day");
    let many = Many { contacts: 1_000, talks: 2_000, strangers: 500, seed: 1, today };
    let [told, again, other] = [1, 1, 2].map(|seed| tell(&Many { seed, ..many }).expect("a season"));
    assert!(told.register == again.register && told.register != other.register);
    let register = &told.register;
    let contacts = register.all::<Contact>().count();
    assert!((990..=1_010).contains(&contacts), "{contacts}");
    assert_eq!(register.all::<Talk>().filter(|talk| talk.contact.is_some()).count(), 2_000);
    assert!(
        register.duplicates(today).len() > 30
            && register.conflicts().len() > 3
            && !register.disputed_links().is_empty()
    );
    let is_nobodys = |phone: &str| phone.starts_with("+999") || phone.starts_with("00999");
    let phones: Vec<_> = register.all::<Contact>().filter_map(|contact| contact.phone.as_deref()).collect();
    assert!(phones.len() > 700 && phones.into_iter().all(is_nobodys));

    let (list, new) = told.employers_list(900);
    let list = List::read(&list).expect("a list");
    assert_eq!((list.len(), new.len() + 600), (900, 900));
    let columns = vec![
        Column::PersonalNumber,
        Column::Name,
        Column::Phone,
        Column::Email,
        Column::Workplace,
        Column::Department,
        Column::Job,
        Column::HiredOn,
    ];
    let terms = ListTerms { source: ImportSource::Employer, columns, workplace: None, places: Vec::new() };
    let dry = DryRun::of(register, &list, &terms, today).expect("a dry run");
    let view = dry.view();
    assert!(view.same + view.changed > 450 && view.new > 250, "{view:?}");
    assert!(List::read(&told.office_list(700)).expect("a list").len() == 700);
}
