//! What a phone shows of the season: every report and every list, to hold one phone against another.

use samla_core::register::{Register, Report, ReportQuery};
use samla_core::tables::Person;
use serde::Serialize;

/// A report or a list, and its rows as an app gets them.
type View = (String, Vec<String>);

/// Where a phone makes something else of the season than the first one: the report or the list, and the row at which they
/// part. Nobody's name is told.
pub(super) fn differences<'a>(registers: impl Iterator<Item = &'a Register>, query: &ReportQuery) -> Vec<String> {
    let mut phones = registers.map(|register| all(register, query));
    let Some(first) = phones.next() else { return Vec::new() };
    let mut differences = Vec::new();
    for (nth, other) in (1..).zip(phones) {
        for ((view, ours), (_, theirs)) in first.iter().zip(&other) {
            if ours != theirs {
                let row = ours.iter().zip(theirs).take_while(|(one, other)| one == other).count();
                let (ours, theirs) = (ours.len(), theirs.len());
                differences.push(format!("{view}: phone {nth} from row {row} on, of {ours} and {theirs}"));
            }
        }
    }
    differences
}

/// Every report, as it is and as it is shared, and every list.
fn all(register: &Register, query: &ReportQuery) -> Vec<View> {
    let shared = ReportQuery { shared: true, ..query.clone() };
    let report = |report: &Report| {
        [(query, ""), (&shared, ", shared")].map(|(query, how)| {
            let table = register.report(*report, query);
            let mut lines = rows(&table.rows);
            lines.extend(rows(&[(&table.columns, &table.totals, &table.notes)]));
            (format!("{}{how}", report.word()), lines)
        })
    };
    let lists = lists(register, query).into_iter().map(|(name, rows)| (name.to_owned(), rows));
    let day = register.all::<Person>().next().map(|person| register.today(Some(person.id), query.today));
    let day = ("a steward's day".to_owned(), rows(day.as_slice()));
    Report::ALL.iter().flat_map(report).chain(lists).chain([day]).collect()
}

/// Every list over the season.
pub(super) fn lists(register: &Register, query: &ReportQuery) -> Vec<(&'static str, Vec<String>)> {
    let (first, until, today) = (query.from, query.until, query.today);
    vec![
        ("persons", rows(&register.persons())),
        ("who is one person", rows(&register.links())),
        ("pairs that may be one person", rows(&register.duplicates(today))),
        ("fields answered twice", rows(&register.conflicts())),
        ("what is due", rows(&register.due(today))),
        ("what is open", rows(&register.open(None, today))),
        ("what follows by itself", rows(&register.automatic(today))),
        ("new colleagues", rows(&register.new_hires(first, today))),
        ("not spoken with", rows(&register.not_spoken_with(today, None))),
        ("call list", rows(&register.call_list(first, until, today))),
        ("two called the same", rows(&register.call_clashes(first))),
        ("weeks", rows(&register.season(first, until, today))),
        ("gaps", rows(&register.gaps(today, until, today))),
        ("coverage", rows(&register.coverage(today, None))),
        ("density", rows(&register.density(query))),
        ("best times and places", rows(&register.best_slots(query))),
        ("suggested visits", rows(&register.suggested_visits(today, until))),
        ("what visits need", rows(&register.visit_needs(today, until, today))),
        ("what lies with whom", rows(&register.allotments())),
        ("who came by themselves", rows(&register.inbound(query))),
        ("new members", rows(&register.new_members(query))),
        ("who may be kept", rows(&register.save_talks(today))),
        ("who is to be told", rows(&register.notices_due(today))),
        ("who was kept long enough", rows(&register.expired(today))),
        ("thanks due", rows(&register.thanks_due(query))),
        ("lists that were taken out", rows(&register.taken_out())),
        ("how old lists are", rows(&register.list_sources(today))),
    ]
}

fn rows<T: Serialize>(rows: &[T]) -> Vec<String> {
    rows.iter().map(|row| serde_json::to_string(row).expect("an app gets it so")).collect()
}
