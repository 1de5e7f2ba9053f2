//! How long every list and report takes, and how it grows with the register.
//!
//! The register is a season in memory, as a phone has it once a book is open, with two talks for each contact. The first line
//! is every row looked at once: what a view of everybody cannot do without.

use anyhow::Result;
use chrono::Days;
use samla_core::Moment;
use samla_core::register::{Report, ReportQuery};
use samla_core::tables::{Contact, MembershipEvent, Talk, Visit, Workplace};
use samla_tests::season::AGREED;

use crate::measure::{LINEAR, Share, Times, seconds};
use crate::season;

const RUNS: usize = 7;
const TALKS_EACH: usize = 2;

/// Measures every list and report at every size, and prints the table.
pub(crate) fn run(sizes: &[usize]) -> Result<()> {
    let now = crate::device::now();
    let measured: Vec<Vec<(String, f64)>> = sizes.iter().map(|size| measure(*size, now)).collect::<Result<_>>()?;
    let heads: String = sizes.iter().map(|size| format!("{size:>12}")).collect();
    println!("\nLists and reports, CPU, median of {RUNS}, by contacts; the target at 10000 is 50 ms");
    println!("linear: from the size before, the last time grew at most {LINEAR} times as much as the register");
    println!("\n  {:44}{heads}   {:>8}", "", "growth");
    let names = measured.first().into_iter().flatten().map(|(name, _)| name);
    for (nth, name) in names.enumerate() {
        let times: Vec<f64> = measured.iter().filter_map(|of| of.get(nth)).map(|(_, time)| *time).collect();
        let cells: String = times.iter().map(|time| format!("{:>12}", seconds(*time))).collect();
        println!("  {name:44}{cells}   {:>8}", growth(sizes, &times));
    }
    Ok(())
}

/// How much faster than the register the last time grew, where it did.
fn growth(sizes: &[usize], times: &[f64]) -> String {
    let [.., (small, short), (large, long)] = sizes.iter().zip(times).collect::<Vec<_>>()[..] else {
        return String::new();
    };
    let more = (long / short) / (*large as f64 / *small as f64);
    if more > LINEAR { format!("× {more:.1}") } else { "linear".to_owned() }
}

fn measure(contacts: usize, now: Moment) -> Result<Vec<(String, f64)>> {
    let told = season::tell(contacts, TALKS_EACH, 0, now)?;
    let (register, me) = (&told.register, told.me);
    let today = now.date_naive();
    let (from, until) = (today - Days::new(365), today + Days::new(90));
    let place = register.all::<Workplace>().next().map(|place| place.id).unwrap_or_default();
    let contact = register.all::<Contact>().next().map(|contact| contact.id).unwrap_or_default();
    let visit = register.all::<Visit>().next().map(|visit| visit.id).unwrap_or_default();
    let mut times = Vec::new();
    let mut take = |name: &str, look: &dyn Fn() -> usize| {
        let mut of = Times::default();
        for _ in 0..RUNS {
            of.take(|| std::hint::black_box(look()));
        }
        times.push((name.to_owned(), of.cpu(Share::Median)));
    };
    take("every person, talk and event once", &|| {
        let people = register.all::<Contact>().filter(|contact| contact.phone.is_some()).count();
        let talks = register.all::<Talk>().filter(|talk| talk.at.is_some()).count();
        people + talks + register.all::<MembershipEvent>().filter(|event| event.on.is_some()).count()
    });
    take("every person once", &|| register.persons().len());
    take("card of one person", &|| register.contact_card(contact, today).map_or(0, |card| card.timeline.len()));
    take("talks with one person, in short", &|| usize::try_from(register.talk_history(contact).talks).unwrap_or(0));
    take("where one person is named", &|| register.mentions(contact).len());
    take("one table in numbers", &|| register.table_summary(visit).items.len());
    take("fields answered twice", &|| register.conflicts().len());
    take("links between contacts", &|| register.links().len());
    take("links that are disputed", &|| register.disputed_links().len());
    take("week", &|| register.week(today, today).days.len());
    take("season", &|| register.season(from, until, today).len());
    take("gaps", &|| register.gaps(today, until, today).len());
    take("own turns", &|| register.shifts_of(me, today, until, today).len());
    take("today", &|| register.today(Some(me), today).due.len());
    take("due", &|| register.due(today).len());
    take("open follow-ups", &|| register.open(None, today).len());
    take("what follows by itself", &|| register.automatic(today).len());
    take("call list", &|| register.call_list(from, until, today).len());
    take("two called the same", &|| register.call_clashes(from).len());
    take("new colleagues", &|| register.new_hires(from, today).len());
    take("not spoken with", &|| register.not_spoken_with(today, None).len());
    take("today in one view", &|| register.today(Some(me), today).due.len());
    take("coverage", &|| register.coverage(today, None).len());
    take("suggested visits", &|| register.suggested_visits(from, until).len());
    take("addresses", &|| register.addresses_to_take(AGREED, None));
    take("vCards", &|| register.vcards_to_take(AGREED));
    take("who took them out", &|| register.taken_out().len());
    let query = ReportQuery::of(from, until, today);
    take("overview leaving", &|| register.save_talks(today).len());
    take("overview new members", &|| register.new_members(&query).len());
    take("overview inbound", &|| register.inbound(&query).len());
    take("overview inbound, in numbers", &|| register.inbound_figures(&query).len());
    take("overview channels", &|| register.talks_by_channel(&query).len());
    take("overview slots", &|| register.best_slots(&query).len());
    take("overview needs", &|| register.visit_needs(today, until, today).len());
    take("overview notes", &|| register.season_notes(&query).len());
    take("overview allotments", &|| register.allotments().len());
    take("overview directory", &|| register.team(today).len());
    take("overview sources", &|| register.list_sources(today).len());
    take("overview guides", &|| register.guides(Some("sv")).len());
    take("overview reasons", &|| register.reasons_for(Some(me)).len());
    take("overview of one workplace", &|| register.workplace_card(place, &query).map_or(0, |card| card.parts.len()));
    take("who is to be told", &|| register.notices_due(today).len());
    take("thanks due", &|| register.thanks_due(&query).len());
    for report in Report::ALL {
        take(&format!("report {}", report.word()), &|| register.report(*report, &query).rows.len());
    }
    let shared = ReportQuery { shared: true, ..query };
    let by_place = Report::SignUpsByPlace;
    take("report sign_ups_by_place, shared", &|| register.report(by_place, &shared).rows.len());
    Ok(times)
}
