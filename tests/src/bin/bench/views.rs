//! How long every list and report takes, and how it grows with the register.
//!
//! The register is made in memory, as a phone has it once a book is open: for each contact two talks, for every second a
//! follow-up, for every third a sign-up with what came of it, for every fourth a consent and an answer to a poll; a visit for
//! each hundred contacts, staffed and counted; and a twentieth of the contacts written down twice and linked, every tenth of
//! those disputed. For each hundred contacts something is ordered and something lies with a steward; a fiftieth came by
//! themselves, a ninth are new colleagues, and 0.7 % have a field with two answers. Each workplace has something that makes
//! the union visible and something in its calendar. The first line is every row looked at once: what a view of
//! everybody cannot do without.

use chrono::{Days, NaiveDate, TimeDelta};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::register::{Register, Report, ReportQuery};
use samla_core::tables::{
    Answer, AttendanceDraft, AttendanceState, CalendarEntryDraft, CalendarEvent, Campaign, CampaignDraft, CheckDraft,
    CheckItem, CheckState, Clash, ConsentDraft, Contact, ContactDraft, Draft, ExportKind, GoalDraft, GuideDraft,
    ImportDraft, ImportSource, LinkDraft, LinkKind, ListDirection, Material, MaterialDraft, MembershipEvent,
    MembershipEventDraft, MembershipKind, Metric, MetricDraft, MoveDraft, MoveKind, Origin, Person, PersonDraft, Poll,
    PollAnswerDraft, PollDraft, RaiseDraft, ReadingDraft, ReasonDraft, RowState, ShiftDraft, ShiftState, Talk,
    TallyDraft, TallyKind, TopicDraft, Value, Visit, VisitDraft, VisitKind, VisitState, Workplace,
};
use samla_core::{Context, DeviceId, Id, Moment, RowId};

use crate::contacts;
use crate::measure::{LINEAR, Share, Times, seconds};

const RUNS: usize = 7;
const STEWARDS: usize = 20;
const CHOICES: [&str; 3] = ["Pay", "Hours", "Safety"];

/// Measures every list and report at every size, and prints the table.
pub(crate) fn run(sizes: &[usize]) {
    let now = crate::device::now();
    let measured: Vec<Vec<(String, f64)>> = sizes.iter().map(|size| measure(*size, now)).collect();
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
}

/// How much faster than the register the last time grew, where it did.
fn growth(sizes: &[usize], times: &[f64]) -> String {
    let [.., (small, short), (large, long)] = sizes.iter().zip(times).collect::<Vec<_>>()[..] else {
        return String::new();
    };
    let more = (long / short) / (*large as f64 / *small as f64);
    if more > LINEAR { format!("× {more:.1}") } else { "linear".to_owned() }
}

fn measure(contacts: usize, now: Moment) -> Vec<(String, f64)> {
    let (register, me) = fill(contacts, now);
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
    take("card of one person", &|| register.contact_card(contact).map_or(0, |card| card.timeline.len()));
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
    take("due", &|| register.due(today).len());
    take("open follow-ups", &|| register.open(None, today).len());
    take("what follows by itself", &|| register.automatic(today).len());
    take("call list", &|| register.call_list(from, until, today).len());
    take("two called the same", &|| register.call_clashes(from).len());
    take("new colleagues", &|| register.new_hires(from).len());
    take("not spoken with", &|| register.not_spoken_with(today, None).len());
    take("coverage", &|| register.coverage(today, None).len());
    take("suggested visits", &|| register.suggested_visits(from, until).len());
    take("addresses", &|| register.addresses_to_take("news", None));
    take("vCards", &|| register.vcards_to_take("news"));
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
    times
}

/// A register being filled as the document would.
struct Filling {
    register: Register,
    rng: ChaCha20Rng,
    now: Moment,
}

impl Filling {
    fn add<T>(&mut self, draft: impl Into<Draft>) -> Id<T> {
        self.add_answered_twice(draft, false)
    }

    /// The same, and its department may be a field that two answered.
    fn add_answered_twice<T>(&mut self, draft: impl Into<Draft>, twice: bool) -> Id<T> {
        let draft = draft.into();
        let mut ctx = Context { now: self.now, rng: &mut self.rng };
        let id = match draft.parent() {
            Some(parent) => parent.child_of(&mut ctx),
            None => RowId::new(&mut ctx),
        };
        let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let answer = |(nth, text): (u8, &str)| Answer {
            value: Some(Value::Text(text.into())),
            device: DeviceId([nth; 16]).into(),
            at: self.now,
        };
        let answers = (0..).zip(["Akuten", "Natten"]).map(answer).collect();
        let clashes = if twice { vec![Clash { field: "department".into(), answers }] } else { Vec::new() };
        self.register.apply(RowState { table: draft.table(), id, live: true, fields, clashes, by: None });
        id.into()
    }
}

fn fill(contacts: usize, now: Moment) -> (Register, Id<Person>) {
    let rng = ChaCha20Rng::seed_from_u64(1);
    let mut filling = Filling { register: Register::default(), rng, now: now - TimeDelta::days(400) };
    let stewards: Vec<Id<Person>> = (0..STEWARDS)
        .map(|n| filling.add(PersonDraft { name: Some(format!("Steward {n}")), ..PersonDraft::default() }))
        .collect();
    let offer = CampaignDraft { name: Some("Summer".into()), trial_months: Some(6), ..CampaignDraft::default() };
    let offer = filling.add(offer);
    followed(&mut filling, contacts, offer, now);
    let topics: Vec<_> = (0..30)
        .map(|n| filling.add(TopicDraft { title: Some(format!("Topic {n}")), ..TopicDraft::default() }))
        .collect();
    let places: Vec<Id<Workplace>> =
        (0..contacts::workplaces(contacts)).map(|n| filling.add(contacts::workplace(n))).collect();
    visible(&mut filling, &places, now);
    let question = PollDraft {
        question: Some("What matters most?".into()),
        choices: Some(CHOICES.join("\n")),
        ..PollDraft::default()
    };
    let poll: Id<Poll> = filling.add(question);
    let visits: Vec<Id<Visit>> =
        (0..contacts.div_ceil(100)).map(|n| visit(&mut filling, n, &places, &stewards, now)).collect();
    let materials: Vec<Id<Material>> = (0..10)
        .map(|n| filling.add(MaterialDraft { name: Some(format!("Material {n}")), ..MaterialDraft::default() }))
        .collect();
    for n in 0..20 {
        let (language, order) = (Some(if n % 2 == 0 { "sv" } else { "nb" }.to_owned()), Some(n));
        filling.add::<()>(GuideDraft { title: Some(format!("Guide {n}")), language, order, ..GuideDraft::default() });
        let person = stewards.first().copied().filter(|_| n % 2 == 0);
        filling.add::<()>(ReasonDraft { text: Some(format!("Reason {n}")), person, ..ReasonDraft::default() });
        let (source, at) = (Some(ImportSource::Employer), Some(now - TimeDelta::days(n)));
        filling.add::<()>(ImportDraft { source, at, rows: Some(100), ..ImportDraft::default() });
        let (direction, kind) = (Some(ListDirection::Out), Some(ExportKind::Addresses));
        let (purpose, by) = (Some("news".to_owned()), stewards.first().copied());
        let out = ImportDraft { direction, kind, purpose, rows: Some(100), at, by, ..ImportDraft::default() };
        filling.add::<()>(out);
    }
    for (n, visit) in visits.iter().enumerate() {
        let (material, by) = (materials.get(n % materials.len()).copied(), stewards.get(n % STEWARDS).copied());
        let visit = Some(*visit);
        let moved = MoveDraft { material, n: Some(50), ..MoveDraft::default() };
        filling.add::<()>(MoveDraft { kind: Some(MoveKind::Ordered), visit, ..moved.clone() });
        filling.add::<()>(MoveDraft { kind: Some(MoveKind::Placed), by, ..moved });
    }
    let at = |list: &[Id<Visit>], n: usize| list.get(n % list.len().max(1)).copied();
    for n in 0..contacts {
        let mut person = contacts::contact(n, &places);
        if let Draft::Contacts(person) = &mut person {
            person.origin = (n % 50 == 0).then_some(Origin::Themselves);
            person.hired_on = (n % 9 == 0).then(|| days_ago(now, n));
        }
        let contact: Id<Contact> = filling.add_answered_twice(person, n % 1_000 < 7);
        if n % 4 == 0 {
            let choice = CHOICES.get(n / 4 % CHOICES.len()).map(|choice| (*choice).to_owned());
            filling.add::<()>(PollAnswerDraft { poll: Some(poll), choice, ..PollAnswerDraft::default() });
            let (purpose, given_at) = (Some("news".to_owned()), Some(now - TimeDelta::days(30)));
            let contact = Some(contact);
            filling.add::<()>(ConsentDraft { contact, purpose, given_at, round: Some(1), ..ConsentDraft::default() });
        }
        filling.add::<()>(contacts::talk(n, contact, &places, now));
        filling.add::<()>(contacts::talk(n + 1, contact, &places, now));
        if n % 2 == 0 {
            filling.add::<()>(contacts::follow_up(n, contact, now));
        }
        if n % 3 == 0 {
            let recruiter = stewards.get(n % STEWARDS).copied();
            signed(
                &mut filling,
                n,
                contact,
                now,
                &MembershipEventDraft {
                    contact: Some(contact),
                    campaign: Some(offer),
                    recruiter,
                    visit: at(&visits, n / 3),
                    ..MembershipEventDraft::default()
                },
            );
        }
        if n % 5 == 0 {
            let topic = topics.get(n % topics.len()).copied();
            filling.add::<()>(RaiseDraft { topic, contact: Some(contact), at: Some(now), ..RaiseDraft::default() });
            let (visit, state) = (at(&visits, n), Some(AttendanceState::Attended));
            filling.add::<()>(AttendanceDraft { visit, contact: Some(contact), state });
        }
        if n % 20 == 0 {
            let again = ContactDraft { given_name: Some(contacts::given_name(n).into()), ..ContactDraft::default() };
            let again: Id<Contact> = filling.add(again);
            let kind = Some(LinkKind::SamePerson);
            filling.add::<()>(LinkDraft { a: Some(contact), b: Some(again), kind, ..LinkDraft::default() });
            if n % 200 == 0 {
                let kind = Some(LinkKind::NotTheSame);
                filling.add::<()>(LinkDraft { a: Some(contact), b: Some(again), kind, ..LinkDraft::default() });
            }
        }
    }
    (filling.register, stewards.first().copied().unwrap_or_default())
}

/// What the board follows: goals month by month, and metrics with a reading for each hundred contacts.
fn followed(filling: &mut Filling, contacts: usize, campaign: Id<Campaign>, now: Moment) {
    let metrics: Vec<Id<Metric>> = (0..5)
        .map(|n| {
            filling.add(MetricDraft { name: Some(format!("Metric {n}")), target: Some(500), ..MetricDraft::default() })
        })
        .collect();
    for n in 0..contacts.div_ceil(100) {
        let (metric, on) = (metrics.get(n % metrics.len()).copied(), Some(days_ago(now, n)));
        let value = i64::try_from(n).ok();
        filling.add::<()>(ReadingDraft { metric, on, value, ..ReadingDraft::default() });
    }
    for n in 0..12 {
        let starts = days_ago(now, 30 * n);
        let (starts_on, ends_on, target) = (Some(starts), Some(starts + Days::new(29)), Some(100));
        let campaign = (n % 2 == 0).then_some(campaign);
        let metric = metrics.get(n % metrics.len()).copied().filter(|_| campaign.is_none());
        filling.add::<()>(GoalDraft { campaign, metric, starts_on, ends_on, target });
    }
}

/// What makes the union visible at each workplace, and what its employer plans.
fn visible(filling: &mut Filling, places: &[Id<Workplace>], now: Moment) {
    for (n, place) in places.iter().enumerate() {
        let workplace = Some(*place);
        for item in [CheckItem::NoticeBoard, CheckItem::RollUp] {
            let (item, state, refresh_by) = (Some(item), Some(CheckState::Posted), Some(days_ago(now, n)));
            filling.add::<()>(CheckDraft { workplace, item, state, refresh_by, since: None });
        }
        let (what, on) = (Some(CalendarEvent::PayReview), Some(now.date_naive() + Days::new(n as u64 % 90)));
        filling.add::<()>(CalendarEntryDraft { workplace, what, on, until: None, note: None });
    }
}

fn days_ago(now: Moment, n: usize) -> NaiveDate {
    now.date_naive() - Days::new(n as u64 % 365)
}

fn signed(filling: &mut Filling, n: usize, contact: Id<Contact>, now: Moment, event: &MembershipEventDraft) {
    let on = days_ago(now, n);
    let kind = Some(MembershipKind::Signed);
    filling.add::<()>(MembershipEventDraft { kind, on: Some(on), ..event.clone() });
    let then = match n % 4 {
        0 => Some(MembershipKind::Left),
        1 | 2 => Some(MembershipKind::Paying),
        _ => None,
    };
    if let Some(kind) = then {
        let (on, kind) = (Some(on + Days::new(90)), Some(kind));
        let reason = Some(format!("reason {}", n % 9));
        filling.add::<()>(MembershipEventDraft {
            contact: Some(contact),
            kind,
            on,
            reason,
            ..MembershipEventDraft::default()
        });
    }
}

fn visit(filling: &mut Filling, n: usize, places: &[Id<Workplace>], stewards: &[Id<Person>], now: Moment) -> Id<Visit> {
    let starts_at = Some(now + TimeDelta::days(60 - n as i64 % 300));
    let visit: Id<Visit> = filling.add(VisitDraft {
        kind: Some(VisitKind::Table),
        workplace: places.get(n % places.len().max(1)).copied(),
        starts_at,
        slot: Some(format!("slot {}", n % 4)),
        state: (n % 300 > 60).then_some(VisitState::Done),
        review: Some(format!("note {n}")),
        ..VisitDraft::default()
    });
    for nth in 0..2 {
        let person = stewards.get((n + nth) % STEWARDS).copied();
        let state = Some(if n.is_multiple_of(3) { ShiftState::No } else { ShiftState::Yes });
        filling.add::<()>(ShiftDraft { visit: Some(visit), person, state, note: None });
        for kind in [TallyKind::Talked, TallyKind::PassedBy, TallyKind::HandedOut] {
            let device = Some(DeviceId([u8::try_from(nth).unwrap_or(0); 16]).into());
            let (visit, kind, n) = (Some(visit), Some(kind), Some(20));
            filling.add::<()>(TallyDraft { visit, kind, item: None, device, n });
        }
    }
    visit
}
