//! The practices of the field, 1 to 93, each with the test that proves its place in the core.
//!
//! The tests stand under the headings of the guides. [`PROVED`] says which test proves which practice, in these files and
//! in others, and is held against the tests themselves; what needs a screen is proved here as far as the core has a part
//! in it.

use super::*;

mod campaigns;
mod hires;
mod listening;
mod members;
mod season;
mod talks;
mod visibility;

/// A test, and the practices whose place in the core it proves.
struct Proof {
    /// The file, and what stands in it.
    file: (&'static str, &'static str),
    test: &'static str,
    practices: &'static [u32],
}

macro_rules! proofs {
    ($($file:literal { $($test:ident: $($practice:literal)+;)+ })+) => {
        &[$($(Proof {
            file: ($file, include_str!($file)),
            test: stringify!($test),
            practices: &[$($practice),+],
        },)+)+]
    };
}

/// Every practice, and the tests that prove it. The doc comment of each test names the same numbers.
const PROVED: &[Proof] = proofs! {
    "practices/hires.rs" {
        a_queue_for_each_workplace_says_who_was_caught: 1 2 15;
        the_induction_is_a_visit_of_its_own: 3 4;
        the_welcome_and_the_second_talk_come_by_themselves: 84 86;
    }
    "practices/visibility.rs" {
        each_workplace_has_a_list_of_what_was_asked_and_is_up: 5 6 10;
        only_who_agreed_is_written_to: 7;
        the_weekly_bowl_repeats_and_counts: 34;
        material_comes_in_and_goes_out: 9 35 63;
        each_visit_says_what_it_needs: 27;
        a_representative_has_material_and_tasks: 78;
        a_person_is_reached_as_they_like_and_where_they_are: 30 31 57;
    }
    "practices/season.rs" {
        a_table_has_a_spot_an_hour_counters_and_sign_ups: 8;
        a_talk_that_was_counted_and_named_is_one: 8;
        the_best_place_and_time_show_in_the_results: 21;
        every_workplace_has_its_best_time: 21;
        the_calendar_suggests_and_the_large_come_first: 23 62;
        one_schedule_with_turns_and_gaps: 65 66 67;
        the_coverage_says_where_somebody_was: 67;
        a_talk_needs_no_visit: 56;
        a_school_has_terms_and_students: 76 77;
        meetings_have_a_topic_guests_and_a_talk_after_them: 11 43 45 46 51 88;
        money_and_lectures_are_asked_for_by_somebody: 25 37;
    }
    "practices/talks.rs" {
        more_than_one_talk_is_needed: 81 87;
        every_occasion_has_its_results: 22 53 82 83;
        a_sign_up_within_a_year_came_of_the_talk: 82 83;
        every_channel_shows_what_came_of_it: 22;
        needs_stand_first_and_reasons_are_weighed: 54 85 91 92;
        guides_are_at_hand_in_their_order: 93;
        training_cards_come_one_after_another: 26;
        promises_have_an_owner_a_day_and_an_end: 89 90;
        what_two_did_for_one_cause_is_one_promise: 89;
        what_makes_people_join_is_noted_and_counted: 12;
        colleagues_recruit: 24 59;
        colleagues_who_are_no_stewards_recruit: 24 59;
        nobody_is_forgotten: 28 47 48;
    }
    "practices/listening.rs" {
        topics_are_ranked_and_told_back: 29 41 42 49 55;
        what_is_said_at_a_meeting_is_kept: 44 50;
        whoever_turns_to_the_union_is_answered: 60;
        a_poll_needs_no_names: 40 52;
        a_poll_tells_its_own_what_people_wrote: 40 52;
    }
    "practices/members.rs" {
        density_counts_sites_with_their_parts: 14;
        density_counts_what_lies_within_an_archived_site: 14;
        a_season_has_its_notes: 16;
        why_members_left: 17 32;
        a_reason_for_leaving_is_offered_again: 17;
        whoever_is_leaving_is_talked_with_before: 13;
        each_talk_to_keep_a_member_is_an_occasion_of_its_own: 13;
        every_list_has_a_day_and_an_owner: 18;
        new_members_are_welcomed: 36;
        recruiters_are_scored_and_thanked: 38 39;
    }
    "practices/campaigns.rs" {
        the_offer_gives_the_end_of_the_free_months: 33 61;
        the_campaigns_of_a_day_are_those_that_run: 33;
        calls_before_the_end_are_counted: 71;
        periods_goals_and_members_over_time: 33 61 68 69 72 73;
        a_comparison_counts_who_began_to_pay: 68;
        a_comparison_counts_new_colleagues_as_their_report_does: 68;
        a_metric_has_a_way_to_go: 80;
        the_team_is_in_the_register: 74 75 79;
    }
    "privacy.rs" {
        whoever_was_told_of_by_another_is_to_be_told: 19 58;
        everything_about_a_person_is_told_whatever_table_it_lies_in: 58;
        every_answer_that_is_held_is_told: 58;
    }
    "relations.rs" {
        new_colleagues_queue_at_their_workplace: 1 2;
        two_who_took_the_same_call_hear_of_each_other: 2;
        whoever_was_not_spoken_with_for_months_is_listed: 28 47 48;
        the_call_list_follows_the_end_of_the_free_months: 70 71;
        a_steward_who_leaves_hands_every_open_promise_over: 90;
    }
    "rules.rs" {
        rows_of_one_cause_read_as_one: 2;
        whoever_pays_before_the_free_months_end_is_a_member: 13 32;
        a_first_day_calls_for_a_welcome_and_a_second_talk: 84 86;
        a_meeting_calls_for_a_talk_with_the_guests_who_came: 11 43 46 88;
    }
    "season.rs" {
        a_season_shows_every_week_and_every_gap: 65 66 67;
        coverage_puts_first_where_most_can_be_won_and_nobody_was: 62;
        an_employers_calendar_suggests_visits_until_they_are_planned: 4 23;
    }
    "../../book/tests.rs" {
        a_reader_reads_and_writes_nothing: 45;
    }
    "../../book/tests/privacy.rs" {
        what_is_taken_out_is_noted_and_names_nobody: 7;
        a_reader_takes_no_addresses_out: 7 45;
    }
    "../../book/tests/imports.rs" {
        what_the_list_knows_is_added_and_filled_and_nothing_is_overwritten_unasked: 18;
        no_personal_number_reaches_the_book: 19;
    }
    "../../book/tests/season.rs" {
        a_call_is_claimed_once_and_taken_over_only_on_purpose: 2 70;
        a_tap_counts_one_and_is_taken_back: 8 9 34 63;
        a_sign_up_takes_the_offer_of_its_visit_or_the_only_one_that_runs: 33 61;
        repeating_a_visit_makes_each_day_once: 34;
        somebody_signs_up_on_the_spot: 64;
        a_turn_is_answered_given_away_and_cannot_be_kept: 66;
        a_call_notes_the_try_the_talk_and_the_decision_in_one_step: 71;
        a_call_notes_that_whoever_leaves_has_left: 17 71;
        a_steward_who_leaves_hands_everything_over: 90;
    }
    "../../book/tests/reconcile.rs" {
        two_lists_of_one_employer_tell_who_came_and_who_went: 15;
        three_lists_give_one_list_of_decisions_and_a_sign_off: 20;
        a_number_shows_that_two_contacts_are_one_person: 19;
    }
    "../../lists/tests/dry_run.rs" {
        a_row_is_told_by_what_it_shares: 18;
    }
    "../../lists/tests/numbers.rs" {
        a_number_is_cut_out_of_any_other_cell_and_nothing_else_is: 19;
        a_number_of_the_row_is_cut_out_of_its_other_cells: 19;
    }
    "../../lists/about.rs" {
        a_page_tells_everything_and_runs_nothing: 58;
    }
};

#[test]
fn every_practice_has_its_test() {
    for Proof { file: (file, source), test, practices } in PROVED {
        let doc = doc_of_test(source, test).unwrap_or_else(|| panic!("{file} has no test {test}"));
        let named = numbers(&doc);
        assert!(practices.iter().all(|practice| named.contains(practice)), "{file}, {test}: {practices:?} in {doc}");
    }
    let proved: BTreeSet<_> = PROVED.iter().flat_map(|proof| proof.practices.iter().copied()).collect();
    assert_eq!(proved, (1..=93).collect::<BTreeSet<_>>());
}

/// The page about the practices names tests that prove what stands in the row.
#[test]
fn the_page_names_the_tests_that_prove() {
    let page = include_str!("../../../docs/practices.md");
    let mut told: BTreeSet<u32> = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let practices = numbers(cells[0]);
        let named = cells[cells.len() - 1].split('`').skip(1).step_by(2).filter(|word| !word.ends_with(".rs"));
        for test in named {
            let proves = |proof: &&Proof| proof.practices.iter().any(|practice| practices.contains(practice));
            assert!(PROVED.iter().filter(proves).any(|proof| proof.test == test), "{practices:?}: {test}");
            told.extend(&practices);
        }
    }
    assert_eq!(told, (1..=93).collect::<BTreeSet<_>>());
}

/// What stands above a test of this name, if there is one that runs.
fn doc_of_test(source: &str, test: &str) -> Option<String> {
    let mut above: Vec<_> = source.lines().map(str::trim).collect();
    let at = above.iter().position(|line| line.starts_with(&format!("fn {test}(")))?;
    above.truncate(at);
    above.pop().filter(|line| *line == "#[test]")?;
    let doc: Vec<_> = above.into_iter().rev().map_while(|line| line.strip_prefix("///")).collect();
    Some(doc.into_iter().rev().collect())
}

/// The numbers that a text names: `65–67` names three.
fn numbers(text: &str) -> BTreeSet<u32> {
    let spans = text.split(|letter: char| !letter.is_ascii_digit() && letter != '–');
    let ends = spans.map(|span| span.split('–').filter_map(|end| end.parse().ok()).collect::<Vec<u32>>());
    ends.filter_map(|ends| Some(*ends.first()?..=*ends.last()?)).flatten().collect()
}

/// A whole autumn, seen from its end.
fn autumn() -> ReportQuery {
    ReportQuery::of(day("2026-08-01"), day("2026-12-31"), day("2026-12-31"))
}

/// The rows of a report as one text a row, cells apart by `|`.
fn table(book: &Book, report: Report, query: &ReportQuery) -> Vec<String> {
    let table = book.register.report(report, query);
    let text = |cell: &Cell| match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Word(word) => (*word).to_owned(),
        Cell::Count(n) | Cell::Money(n) => n.to_string(),
        Cell::Percent(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        Cell::Date(day) => day.to_string(),
        Cell::Suppressed => "*".to_owned(),
    };
    let line = |cells: &[Cell]| cells.iter().map(text).collect::<Vec<_>>().join("|");
    let rows = table.rows.iter().map(|row| format!("{}{}", "> ".repeat(row.depth as usize), line(&row.cells)));
    rows.chain(table.totals.iter().map(|totals| format!("={}", line(totals)))).collect()
}

impl Book {
    fn campaign(&mut self, name: &str, trial_months: i64) -> Id<Campaign> {
        self.add(CampaignDraft { name: some(name), trial_months: Some(trial_months), ..Default::default() })
    }

    fn talk(&mut self, contact: Option<Id<Contact>>, at: &str, more: TalkDraft) -> Id<Talk> {
        self.add(TalkDraft { contact, at: Some(moment(at)), ..more })
    }

    fn signs(&mut self, name: &str, on: &str, more: MembershipEventDraft) -> Id<Contact> {
        let contact = self.contact(name, "", "");
        let signed = event(contact, MembershipKind::Signed, on);
        let (contact_of, kind, day) = (signed.contact, signed.kind, signed.on);
        self.add::<MembershipEvent>(MembershipEventDraft { contact: contact_of, kind, on: day, ..more });
        contact
    }

    fn counts(&mut self, visit: Id<Visit>, kind: TallyKind, item: &str, n: i64) {
        self.add::<Tally>(TallyDraft {
            visit: Some(visit),
            kind: Some(kind),
            item: (!item.is_empty()).then(|| item.to_owned()),
            device: Some(self.device),
            n: Some(n),
        });
    }

    fn moves(&mut self, material: Id<Material>, kind: MoveKind, n: i64, more: MoveDraft) {
        let (material, kind, n) = (Some(material), Some(kind), Some(n));
        self.add::<Move>(MoveDraft { material, kind, n, ..more });
    }

    fn follow_up(&mut self, what: &str, more: FollowUpDraft) -> Id<FollowUp> {
        self.add(FollowUpDraft { what: some(what), ..more })
    }
}
