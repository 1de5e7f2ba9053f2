//! The practices of the field, 1 to 93, each with the test that proves its place in the core.
//!
//! The tests stand under the headings of the guides. Where another file proves a practice already, [`PROVED`] says where;
//! what needs a screen is proved here as far as the core has a part in it.

use super::*;

mod campaigns;
mod hires;
mod listening;
mod members;
mod season;
mod talks;
mod visibility;

/// Every practice, and the test that proves it.
const PROVED: &[(&str, &[u32])] = &[
    ("hires::a_queue_for_each_workplace_says_who_was_caught", &[1, 2, 15]),
    ("hires::the_induction_is_a_visit_of_its_own", &[3, 4]),
    ("hires::the_welcome_and_the_second_talk_come_by_themselves", &[84, 86]),
    ("visibility::each_workplace_has_a_list_of_what_was_asked_and_is_up", &[5, 6, 10]),
    ("visibility::only_who_agreed_is_written_to", &[7]),
    ("visibility::the_weekly_bowl_repeats_and_counts", &[34]),
    ("visibility::material_comes_in_and_goes_out", &[9, 27, 35, 63, 78]),
    ("visibility::a_person_is_reached_as_they_like_and_where_they_are", &[30, 31, 57]),
    ("season::a_table_has_a_spot_an_hour_counters_and_sign_ups", &[8, 64]),
    ("season::the_best_place_and_time_show_in_the_results", &[21]),
    ("season::the_calendar_suggests_and_the_large_come_first", &[23, 62]),
    ("season::one_schedule_with_turns_gaps_and_swaps", &[65, 66, 67]),
    ("season::a_talk_needs_no_visit", &[56]),
    ("season::a_school_has_terms_and_students", &[76, 77]),
    ("season::meetings_have_a_topic_guests_and_a_talk_after_them", &[11, 43, 45, 46, 51, 88]),
    ("season::money_and_lectures_are_asked_for_by_somebody", &[25, 37]),
    ("talks::more_than_one_talk_is_needed", &[81, 87]),
    ("talks::every_occasion_has_its_results", &[22, 53, 82, 83]),
    ("talks::needs_stand_first_and_reasons_are_weighed", &[54, 85, 91, 92]),
    ("talks::guides_are_at_hand_in_their_order", &[26, 93]),
    ("talks::promises_have_an_owner_a_day_and_an_end", &[89, 90]),
    ("talks::what_makes_people_join_is_noted_and_counted", &[12]),
    ("talks::colleagues_recruit", &[24, 59]),
    ("talks::nobody_is_forgotten", &[28, 47, 48]),
    ("listening::topics_are_ranked_and_told_back", &[29, 41, 42, 49, 55]),
    ("listening::what_is_said_at_a_meeting_is_kept", &[44, 50, 60]),
    ("listening::a_poll_needs_no_names", &[40, 52]),
    ("members::density_counts_sites_with_their_parts", &[14]),
    ("members::a_season_has_its_notes", &[16]),
    ("members::why_members_left", &[13, 17, 32]),
    ("members::new_members_are_welcomed_and_recruiters_scored", &[36, 38, 39]),
    ("campaigns::the_offer_gives_the_end_of_the_free_months", &[33, 61]),
    ("campaigns::calls_before_the_end_are_counted", &[70, 71]),
    ("campaigns::periods_goals_and_members_over_time", &[68, 69, 72, 73]),
    ("campaigns::a_metric_has_a_way_to_go", &[80]),
    ("campaigns::the_team_is_in_the_register", &[74, 75, 79]),
    ("in the files of member lists", &[18, 19, 20]),
    ("in the files of what is kept about a person", &[58]),
];

#[test]
fn every_practice_has_its_test() {
    let mut proved: Vec<_> = PROVED.iter().flat_map(|(_, practices)| practices.iter().copied()).collect();
    proved.sort_unstable();
    assert_eq!(proved, (1..=93).collect::<Vec<_>>());
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

    fn follow_up(&mut self, what: &str, more: FollowUpDraft) -> Id<FollowUp> {
        self.add(FollowUpDraft { what: some(what), ..more })
    }
}
