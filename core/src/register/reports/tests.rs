//! Tables as they are shared, and queries.

use super::*;
use crate::register::reports::sheet::Spec;

fn finish(rows: &[(&str, i64, i64)], shared: bool) -> ReportTable {
    let mut sheet = Sheet::summed([
        Spec::text("place"),
        Spec::people("signed", 0),
        Spec::people("paying", 1).of("signed"),
        Spec::share("paying_share", "paying", "signed", 1),
        Spec::people("talks", 0),
    ]);
    for (place, signed, paying) in rows {
        sheet.row([
            Cell::Text((*place).to_owned()),
            Cell::Count(*signed),
            Cell::Count(*paying),
            Cell::Empty,
            Cell::Count(signed * 2),
        ]);
    }
    sheet.finish(Report::SignUpsByPlace, shared)
}

fn numbers(table: &ReportTable, column: usize) -> Vec<Option<i64>> {
    let rows = table.rows.iter().map(|row| &row.cells).chain(&table.totals);
    rows.map(|cells| match &cells[column] {
        Cell::Percent(tenths) => Some(*tenths),
        cell => cell.number(),
    })
    .collect()
}

#[test]
fn a_total_does_not_give_a_small_group_away() {
    let rows = [("Norra", 40, 20), ("Södra", 12, 3), ("Västra", 9, 8), ("Östra", 2, 0)];
    let own = finish(&rows, false);
    assert_eq!(numbers(&own, 1), [Some(40), Some(12), Some(9), Some(2), Some(63)]);
    assert_eq!(numbers(&own, 3), [Some(500), Some(250), Some(889), Some(0), Some(492)]);
    assert_eq!(own.notes, []);

    let shared = finish(&rows, true);
    // Östra is small; Västra, the next, goes with it, so that 63 − 40 − 12 − 9 tells nothing.
    assert_eq!(numbers(&shared, 1), [Some(40), Some(12), None, None, Some(63)]);
    // Three of Södra pay: they are left out with their share, and whatever would tell more of the two small groups.
    assert_eq!(numbers(&shared, 2), [Some(20), None, None, None, Some(31)]);
    assert_eq!(numbers(&shared, 3), [Some(500), None, None, None, Some(492)]);
    // Four talks would tell that it were four persons at most.
    assert_eq!(numbers(&shared, 4), [Some(80), Some(24), None, None, Some(126)]);
    assert_eq!(shared.notes, [ReportNote::SmallGroupsLeftOut]);

    let alone = finish(&[("Norra", 3, 0), ("Södra", 0, 0)], true);
    assert_eq!(numbers(&alone, 1), [None, Some(0), None]);
    let extreme = finish(&[("Norra", 4, 0), ("Södra", 4, 0)], true);
    assert_eq!(numbers(&extreme, 1), [None, None, None]);
}

#[test]
fn a_query_compares_with_the_year_before_or_with_what_is_named() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let query = ReportQuery::of(day("2026-08-01"), day("2027-02-28"), day("2027-03-01"));
    let days = |query: &ReportQuery| (query.from.to_string(), query.until.to_string());
    assert_eq!(days(&query.compared()), ("2025-08-01".into(), "2026-02-28".into()));
    let named = ReportQuery { compare_from: Some(day("2026-01-01")), ..query.clone() };
    assert_eq!(days(&named.compared()), ("2026-01-01".into(), "2026-07-31".into()));
    let both = ReportQuery { compare_until: Some(day("2026-01-31")), ..named };
    assert_eq!(days(&both.compared()), ("2026-01-01".into(), "2026-01-31".into()));
    assert_eq!(query.check(), Ok(()));
    let reversed = ReportQuery { from: day("2027-03-01"), ..query.clone() };
    assert_eq!(reversed.check(), Err(PeriodReversed));
    let compared = ReportQuery { compare_until: Some(day("2025-07-31")), ..query.clone() };
    assert_eq!(compared.check(), Err(PeriodReversed));
    let ends: Vec<_> = query.month_ends().iter().map(Date::to_string).collect();
    let expected = ["2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"];
    assert_eq!(ends, expected);
    let whole = ReportQuery::of(Date::MIN, Date::MAX, day("2027-03-01"));
    assert!(whole.month_ends().len() <= 121);
    let json = r#"{"from":"2026-08-01","until":"2026-12-31","today":"2026-12-31","shared":true}"#;
    assert!(serde_json::from_str::<ReportQuery>(json).unwrap().shared);
}

#[test]
fn shares_are_rounded_and_nothing_has_no_share() {
    let cases = [(1, 3, Some(333)), (2, 3, Some(667)), (1, 2_000, Some(1)), (-1, 3, Some(-333)), (5, 0, None)];
    for (of, base, share) in cases {
        assert_eq!(Cell::share(of, base), share.map(Cell::Percent), "{of} of {base}");
    }
    assert_eq!(Cell::share(i64::MAX, 1), None);
}

#[test]
fn every_report_goes_by_one_word_and_fits_its_columns() {
    let register = Register::default();
    for report in Report::ALL {
        let query = ReportQuery::of(Date::MIN, Date::MAX, Date::MAX);
        for shared in [false, true] {
            let table = register.report(*report, &ReportQuery { shared, ..query.clone() });
            let ids: std::collections::BTreeSet<_> = table.columns.iter().map(|column| column.id).collect();
            assert_eq!(ids.len(), table.columns.len(), "{}", report.word());
            assert!(table.rows.iter().all(|row| row.cells.len() == table.columns.len()));
            assert!(table.to_csv().starts_with(&table.columns[0].id.to_owned()), "{}", report.word());
        }
        assert_eq!(serde_json::to_value(report).unwrap(), report.word());
        assert!(!report.doc().is_empty());
    }
}

#[test]
fn what_is_shared_as_it_is_has_no_column_of_people() {
    let query = ReportQuery::of(Date::default(), Date::default(), Date::default());
    for report in Report::ALL {
        let sheet = report.sheet(&Register::default(), &query);
        // The rows of a comparison count different things, and it looks after each by itself.
        let tells = *report == Report::Comparison || sheet.tells_of_people();
        assert_eq!(report.tells_of_people(), tells, "{}", report.word());
    }
}
