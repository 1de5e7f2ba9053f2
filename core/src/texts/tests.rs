//! The catalogues against everything that they speak of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use samla_wire::Role;
use samla_wire::problem::Code;

use super::forms::UNITS;
use super::words::{WORDS, Worded};
use super::{Language, fill, text};
use crate::BookError;
use crate::context::{Date, Moment};
use crate::error::of_problem;
use crate::lists::{Column, Encoding, ListError, ListForm, ReportText, export_report};
use crate::register::{Register, Report, ReportNote, ReportQuery};
use crate::replica::local::Alarm;
use crate::tables::{FieldReason, Table, VisitKind};

/// Every key that a catalogue must have.
fn needed() -> BTreeSet<String> {
    let tables = Table::ALL.into_iter();
    let names = tables.clone().map(|table| format!("table.{table}"));
    let fields = tables.flat_map(|table| table.fields()).map(|spec| format!("field.{}", spec.name));
    let words =
        WORDS.into_iter().flatten().flat_map(|(of, words)| words.iter().map(move |word| format!("{of}.{word}")));
    let forms_of_lists = list_forms().map(|form| format!("ListForm.{}", form.word()));
    let meanings = Column::ALL.iter().map(|meaning| meaning.word()).filter(|word| !is_contacts_field(word));
    let meanings = meanings.map(|word| format!("Column.{word}"));
    let reports = Report::ALL.iter().map(|report| format!("Report.{}", report.word()));
    let notes = ReportNote::ALL.iter().map(|note| format!("ReportNote.{}", note.word()));
    let cells = ["yes", "no", "not_said", "others", "suppressed", "total", "tab"].map(|word| format!("cell.{word}"));
    let figures = Register::default().comparison(&query()).into_iter().map(|row| format!("Figure.{}", row.figure));
    let columns = columns().into_iter().filter(|id| !has_a_field(id)).map(|id| format!("column.{id}"));
    let reports = reports.chain(notes).chain(cells).chain(figures).chain(columns);
    let reasons = FieldReason::ALL.iter().map(|reason| format!("FieldReason.{}", reason.code()));
    let alarms = [Alarm::Sheet, Alarm::Chain, Alarm::Fork, Alarm::Epoch, Alarm::DeviceFork].map(Alarm::code);
    let errors = BookError::CODES.iter().chain(ListError::CODES).copied().chain(alarms);
    let errors = errors.flat_map(|code| [format!("error.{code}"), format!("next.{code}")]);
    // Where two logs differ there is an alarm, which says what to do.
    let compared = ["same", "ahead", "behind", "other_book", "older_epoch", "newer_epoch"];
    let errors = errors.chain(compared.map(|word| format!("next.compared_{word}")));
    let refused = |code: &&Code| matches!(of_problem(code.as_str()), BookError::ServerRefused(_));
    let problems = Code::ALL.iter().filter(refused).map(|code| code.as_str()).chain(["unknown"]);
    let problems = problems.map(|code| format!("problem.{code}"));
    let units = UNITS.into_iter().flat_map(|unit| [format!("unit.{unit}.one"), format!("unit.{unit}.other")]);
    let forms = ["unit.week", "unit.percent", "bool.true", "bool.false"].into_iter().map(str::to_owned);
    let written = ["day", "date", "time", "decimal", "thousands", "trial_ended", "was_due"];
    let forms = forms.chain(written.map(|form| format!("form.{form}")));
    let named = (1..=7).map(|n| format!("weekday.{n}")).chain((1..=12).map(|n| format!("month.{n}")));
    let forms = forms.chain(["form", "own_list"].map(|text| format!("written.{text}")));
    let about = crate::lists::about::SAID.iter().map(|word| format!("page.{word}"));
    let register = names.chain(fields).chain(words).chain(forms_of_lists).chain(meanings).chain(reasons).chain(reports);
    register.chain(about).chain(errors).chain(problems).chain(units).chain(forms).chain(named).collect()
}

fn is_contacts_field(word: &str) -> bool {
    Table::Contacts.fields().iter().any(|spec| spec.name == word)
}

/// A question to put to an empty register.
fn query() -> ReportQuery {
    let day = Date::from_ymd_opt(2026, 11, 23).unwrap();
    ReportQuery::of(day, day, day)
}

/// The ids of the columns of every report.
fn columns() -> BTreeSet<&'static str> {
    let tables = Report::ALL.iter().map(|report| Register::default().report(*report, &query()));
    tables.flat_map(|table| table.columns).map(|column| column.id).chain(["level"]).collect()
}

/// A column of this name can be called as the field.
fn has_a_field(name: &str) -> bool {
    Table::ALL.into_iter().any(|table| table.field(name).is_some())
}

/// A column that is called otherwise than the field of its name.
fn is_column(key: &str) -> bool {
    key.strip_prefix("column.").is_some_and(|id| columns().contains(id))
}

/// A field of this table, which may have a name of its own there.
fn is_field_of_a_table(key: &str) -> bool {
    let parts: Vec<_> = key.split('.').collect();
    let ["field", table, field] = parts[..] else { return false };
    table.parse::<Table>().is_ok_and(|table| table.field(field).is_some())
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_language_has_a_text_for_everything_and_for_nothing_else() {
    let needed = needed();
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let has: BTreeMap<_, _> = language.catalogue().iter().collect();
        let missing = needed.iter().filter(|key| !has.contains_key(key.as_str()));
        wrong.extend(missing.map(|key| format!("{}: {key} is missing", language.tag())));
        let unasked = has.keys().filter(|key| !needed.contains(**key) && !is_field_of_a_table(key) && !is_column(key));
        wrong.extend(unasked.map(|key| format!("{}: nothing asks for {key}", language.tag())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_languages_have_the_same_keys_and_places() {
    let english: BTreeMap<_, _> = Language::En.catalogue().iter().collect();
    for language in Language::ALL {
        let own: BTreeMap<_, _> = language.catalogue().iter().collect();
        assert!(own.keys().eq(english.keys()), "{} has other keys than en", language.tag());
        for (key, text) in own {
            assert_eq!(places(text), places(english[key]), "{}: {key}", language.tag());
        }
    }
}

#[test]
fn texts_are_written_as_the_house_writes() {
    for language in Language::ALL {
        for (key, text) in language.catalogue().iter() {
            let at = format!("{}: {key} “{text}”", language.tag());
            assert!(!text.is_empty() && !text.contains(['!', '\'', '"', '\n']), "{at}");
            assert!(key == "form.thousands" || text.trim() == text, "{at}");
            let sentence = key.starts_with("error.") || key.starts_with("next.") || key == "page.all_of_it";
            let abbreviated = ["unit.", "form.", "weekday.", "month."].iter().any(|family| key.starts_with(family));
            assert!(abbreviated || text.ends_with('.') == sentence, "{at}");
        }
    }
}

#[test]
fn a_key_is_the_word_that_travels() {
    super::words::is_written();
    Column::ALL.into_iter().for_each(is_written);
    for role in [Role::Reader, Role::Steward, Role::Organiser] {
        assert_eq!(role.word(), role.name());
    }
    assert_eq!((VisitKind::Round.type_name(), VisitKind::Round.word()), ("VisitKind", "round"));
}

/// One list of each form.
fn list_forms() -> [&'static ListForm; 2] {
    static FORMS: [ListForm; 2] =
        [ListForm::Csv { encoding: Encoding::Utf8, separator: ';' }, ListForm::Xlsx { sheet: String::new() }];
    FORMS.each_ref()
}

/// The word of a value is how it is written in JSON.
pub(super) fn is_written<T: Worded + serde::Serialize>(value: T) {
    assert_eq!(json!(value), value.word());
}

#[test]
fn a_field_knows_the_type_of_its_choices() {
    for spec in Table::ALL.into_iter().flat_map(|table| table.fields()) {
        let is_choice = matches!(spec.kind, crate::tables::Kind::Choice(_));
        assert_eq!(spec.choice.is_some(), is_choice, "{}", spec.name);
    }
    assert_eq!(Table::Visits.field("kind").unwrap().choice, Some("VisitKind"));
}

#[test]
fn a_language_is_found_by_what_systems_call_it() {
    for (tag, language) in [
        ("sv", Language::Sv),
        ("sv_FI.UTF-8", Language::Sv),
        ("no", Language::Nb),
        ("nn-NO", Language::Nb),
        ("DA", Language::Da),
        ("fi-FI", Language::Fi),
        ("en_GB@euro", Language::En),
    ] {
        assert_eq!(Language::of_tag(tag), Some(language), "{tag}");
    }
    for none in ["", "C", "POSIX", "de_DE", "sve"] {
        assert_eq!(Language::of_tag(none), None, "{none}");
    }
    assert_eq!(text("de", "VisitKind.table"), Some("Table"));
    assert_eq!(text("fi", "VisitKind.tabel"), None);
}

#[test]
fn texts_are_found_by_what_they_speak_of() {
    assert_eq!(Language::Nb.word(VisitKind::Table), "Stand");
    assert_eq!(Language::Sv.word(Role::Steward), "förtroendevald");
    assert_eq!(Language::Fi.table(Table::Visits), "Käynnit");
    assert_eq!(Language::Da.field(Table::Contacts, "note"), "Notat");
    assert_ne!(Language::Sv.field(Table::FollowUps, "owner"), Language::Sv.field(Table::Contacts, "owner"));
    assert_eq!(Language::En.field(Table::Contacts, "shoe_size"), "shoe_size");
    let on = Date::from_ymd_opt(2027, 3, 1).unwrap();
    let said = [Language::ALL.map(|language| language.trial_ended(on)), Language::ALL.map(|it| it.was_due(on))];
    for said in said {
        assert!(said.iter().all(|text| text.contains("2027") && !text.contains('{')), "{said:?}");
        assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), 5);
    }
}

#[test]
fn what_the_program_wrote_is_told_in_the_readers_language() {
    let follow_up = |text| Language::Sv.written(Table::FollowUps, "what", text);
    assert_eq!(follow_up("Call before the free months end"), Some("Ring innan gratismånaderna tar slut"));
    assert_eq!(
        follow_up("Soita ennen kuin maksuttomat kuukaudet päättyvät"),
        follow_up("Ring innan gratismånaderna tar slut")
    );
    assert_eq!(follow_up("Call about the free months"), None);
    for source in crate::tables::ImportSource::ALL {
        let list = format!("{} list", source.text());
        for language in Language::ALL {
            assert!(language.written(Table::Memberships, "method", &list).is_some(), "{list}");
            assert!(language.written(Table::Contacts, "source", source.text()).is_some(), "{list}");
        }
    }
    let words =
        ["first_day", "first_month", "trial_ends", "after_meeting", "save_talk", "new_member", "thank_recruiter"];
    for cause in words.map(|word| format!("{word} signed 2026-08-31")) {
        assert!(Language::ALL.iter().all(|it| it.written(Table::FollowUps, "cause", &cause).is_some()), "{cause}");
        assert!(super::is_mark(Table::FollowUps, "cause", &cause) && !super::is_mark(Table::FollowUps, "what", &cause));
    }
    assert_eq!(Language::Sv.written(Table::Talks, "note", "form"), None);
}

#[test]
fn what_is_too_large_is_told_with_the_largest_that_it_may_be() {
    use crate::lists::{FILE_MAX, ROWS_MAX};

    for language in Language::ALL {
        let of = |code: &str, most: &str| {
            let told = language.text(&format!("error.list_{code}")).unwrap_or_default();
            assert!(told.contains(most), "{}: {told}", language.tag());
        };
        of("too_large", &format!(" {} MiB", FILE_MAX >> 20));
        of("too_many_rows", &format!(" {} ", language.number(i64::try_from(ROWS_MAX).unwrap())));
        of("cell_too_long", &format!(" {} KiB", crate::tables::TEXT_MAX >> 10));
    }
}

#[test]
fn a_report_speaks_every_language() {
    let sv = |text| Language::Sv.report_text(text);
    assert_eq!(sv(ReportText::Column("density")), "Organisationsgrad");
    assert_eq!(sv(ReportText::Column("workplace")), "Arbetsplats");
    assert_eq!(sv(ReportText::Word("visit_kind", "round")), "Rundtur");
    assert_eq!(sv(ReportText::Word("overdue", "yes")), "Ja");
    assert_eq!(sv(ReportText::Word("figure", "visits_done")), "Gjorda besök");
    assert_eq!(sv(ReportText::Word("visit_kind", "picnic")), "picnic");
    for report in Report::ALL {
        let table = Register::default().report(*report, &query());
        let words = Language::ALL.map(|language| {
            export_report(&table, language.csv_form(), |text| {
                let said = language.report_text(text);
                // Nothing of an empty register is said in the code's own words by chance: all texts begin with a capital.
                assert!(said.starts_with(char::is_uppercase), "{}: {text:?}", language.tag());
                said.to_owned()
            })
        });
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), 5, "{report:?}");
        assert_eq!(words, Language::ALL.map(|language| language.report_csv(&table)));
    }
}

#[test]
fn places_are_filled() {
    assert_eq!(fill("{a} and {b}, {a}", &[("a", "1"), ("b", "{a}")]), "1 and {a}, 1");
    assert_eq!(fill("{c} {open", &[("a", "1")]), "{c} {open");
}

#[test]
fn numbers_and_days_are_written_as_people_write_them() {
    let date = Date::from_ymd_opt(2026, 8, 24).unwrap();
    let at = Moment::parse_from_rfc3339("2026-08-24T09:05:00+02:00").unwrap();
    let written = Language::ALL.map(|language| {
        let n = language.number(14_000);
        let share = language.percent(425);
        [language.week(34), language.day(date), language.date(date), language.time(&at), n, share]
    });
    assert_eq!(written[0], ["v. 34", "mån 24 aug.", "24 aug. 2026", "09:05", "14\u{a0}000", "42,5\u{a0}%"]);
    assert_eq!(written[1], ["uke 34", "man. 24. aug.", "24. aug. 2026", "09:05", "14\u{a0}000", "42,5\u{a0}%"]);
    assert_eq!(written[2], ["uge 34", "man. 24. aug.", "24. aug. 2026", "09.05", "14.000", "42,5\u{a0}%"]);
    assert_eq!(written[3], ["vko 34", "ma 24.8.", "24.8.2026", "09.05", "14\u{a0}000", "42,5\u{a0}%"]);
    assert_eq!(written[4], ["week 34", "Mon 24 Aug", "24 Aug 2026", "09:05", "14,000", "42.5%"]);
    assert_eq!(Language::Fi.count("days", 1), "1 päivä");
    assert_eq!(Language::Fi.count("days", 2), "2 päivää");
    assert_eq!(Language::En.count("signed", -1_234_567), "−1,234,567 signed");
    assert_eq!([Language::En.percent(-5), Language::En.percent(1_000), Language::En.number(0)], ["−0.5%", "100%", "0"]);
}
