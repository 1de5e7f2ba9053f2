//! Active members over time, and why others left.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, ReportNote, Sheet, Spec};
use super::suppress::SMALLEST_GROUP;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::fold::folded;
use crate::register::names::filled;
use crate::tables::{Contact, Membership, MembershipEvent, MembershipKind};

/// The active members at the end of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MemberMonth {
    /// The last day of the month, or of the period; today in the month that has not ended.
    pub on: Date,
    /// Those who pay dues, those who have said that they will leave among them.
    pub members: i64,
    /// Those in their free months.
    pub trial: i64,
    /// Those of both who study.
    pub students: i64,
    /// All of them.
    pub active: i64,
}

/// Those who left for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LeaveFigures {
    /// The reason, as it was first written; none where nobody noted one.
    pub reason: Option<String>,
    /// How many left.
    pub left: i64,
    /// Those of them who never paid dues.
    pub without_paying: i64,
}

impl Register {
    /// The active members at the end of each month of the period, and today where that lies within it. Who is noted as a member
    /// and of whom no event is known counts from the day they were written down, and who is on trial as long as dues may still
    /// be paid.
    pub fn members_over_time(&self, query: &ReportQuery) -> Vec<MemberMonth> {
        let scope = Scope::of(self, query);
        let mut months: Vec<_> = query.month_ends().into_iter().filter(|on| *on <= query.today).collect();
        if (query.from..=query.until).contains(&query.today) && months.last() != Some(&query.today) {
            months.push(query.today);
        }
        let mut months: Vec<_> = months.into_iter().map(|on| MemberMonth { on, ..MemberMonth::default() }).collect();
        for contact in self.all::<Contact>() {
            let person = self.one_person(contact.id);
            if person.first() != Some(&contact.id) || !scope.has_place(self.workplace_of(&person)) {
                continue;
            }
            let student_until = person.iter().find_map(|id| self.get(*id)?.student_until);
            let status = self.status_over_time(&person);
            for month in &mut months {
                let counted = match status(month.on) {
                    Membership::Member | Membership::Leaving => &mut month.members,
                    Membership::Trial => &mut month.trial,
                    _ => continue,
                };
                *counted += 1;
                month.active += 1;
                month.students += i64::from(student_until.is_some_and(|until| until >= month.on));
            }
        }
        months
    }

    /// Why people left in a period, the commonest reason first. A person who left twice counts with the later time.
    pub fn leave_reasons(&self, query: &ReportQuery) -> Vec<LeaveFigures> {
        let scope = Scope::of(self, query);
        let is_asked = |on: Date, kind: MembershipKind| kind == MembershipKind::Left && scope.has_day(on);
        let left = self
            .all::<MembershipEvent>()
            .filter(|event| event.on.zip(event.kind).is_some_and(|(on, kind)| is_asked(on, kind)));
        let persons: BTreeSet<_> = left.filter_map(|event| self.first_of_person(event.contact?)).collect();
        let mut by_reason: BTreeMap<Option<String>, LeaveFigures> = BTreeMap::new();
        for person in persons {
            let contacts = self.one_person(person);
            let events = self.events_of(&contacts);
            let left = events.iter().enumerate().filter(|(_, (on, kind, _))| is_asked(*on, *kind));
            let Some((at, (on, _, event))) = left.max_by_key(|(_, (on, _, event))| (*on, event.id)) else { continue };
            let before = events.get(..at).unwrap_or_default();
            let signed = self.sign_up_among(before);
            let campaign = event.campaign.or(signed.and_then(|(_, event)| event.campaign));
            if !scope.has_place(self.workplace_of(&contacts)) || !scope.has_campaign(campaign) {
                continue;
            }
            let paid = before.iter().any(|(day, kind, paying)| {
                let is_paid = day < on || paying.confirmed_on.is_some();
                *kind == MembershipKind::Paying && is_paid && signed.is_none_or(|(began, _)| began <= *day)
            });
            let reason = filled(&event.reason);
            let none = LeaveFigures { reason: reason.map(str::to_owned), left: 0, without_paying: 0 };
            let figures = by_reason.entry(reason.map(reason_key)).or_insert(none);
            figures.left += 1;
            figures.without_paying += i64::from(!paid);
        }
        let mut figures: Vec<_> = by_reason.into_values().collect();
        figures.sort_by(|one, other| {
            let order = |figures: &LeaveFigures| (figures.reason.is_some(), figures.left);
            order(other).cmp(&order(one)).then_with(|| one.reason.cmp(&other.reason))
        });
        figures
    }

    /// How many began to pay dues in a period, whenever they signed up. Whoever paid before, or of whom the first that is known
    /// is that they left, was a member and does not begin again.
    pub(super) fn began_to_pay(&self, scope: &Scope) -> usize {
        let paying = self.all::<MembershipEvent>().filter(|event| event.kind == Some(MembershipKind::Paying));
        let paying = paying.filter(|event| event.on.is_some_and(|on| scope.has_day(on)));
        let persons: BTreeSet<_> = paying.filter_map(|event| self.first_of_person(event.contact?)).collect();
        persons.into_iter().filter(|person| self.begins_to_pay(&self.one_person(*person), scope)).count()
    }

    fn begins_to_pay(&self, person: &[Id<Contact>], scope: &Scope) -> bool {
        let mut campaign = None;
        for (nth, (on, kind, event)) in self.events_of(person).into_iter().enumerate() {
            match kind {
                MembershipKind::Signed => {
                    let at_visit = || event.visit.and_then(|visit| self.visit_read(visit)?.campaign);
                    campaign = event.campaign.or_else(at_visit);
                }
                MembershipKind::Paying => {
                    let asked =
                        scope.has_place(self.workplace_of(person)) && scope.has_campaign(event.campaign.or(campaign));
                    return asked && scope.has_day(on) && on <= scope.today;
                }
                MembershipKind::Left if nth == 0 => return false,
                MembershipKind::Left | MembershipKind::TrialEnds => {}
            }
        }
        false
    }

    /// The reasons for leaving that were noted so far, to be offered again: the commonest first, each as it was first written.
    pub fn words_for_leaving(&self) -> Vec<String> {
        let left = self.all::<MembershipEvent>().filter(|event| event.kind == Some(MembershipKind::Left));
        let mut by_reason: BTreeMap<String, (usize, &str)> = BTreeMap::new();
        for reason in left.filter_map(|event| filled(&event.reason)) {
            by_reason.entry(reason_key(reason)).or_insert((0, reason)).0 += 1;
        }
        let mut reasons: Vec<_> = by_reason.into_values().collect();
        reasons.sort_by_key(|(times, _)| Reverse(*times));
        reasons.into_iter().map(|(_, reason)| reason.to_owned()).collect()
    }
}

/// What two ways to write one reason have in common: the folded words, with one blank between them.
fn reason_key(reason: &str) -> String {
    folded(reason).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The table of the active members. From one month to the next one person makes a difference, so what is shared is
/// rounded to fives.
pub(super) fn months_sheet(months: &[MemberMonth], shared: bool) -> Sheet {
    let mut sheet = Sheet::plain(
        [
            Spec::date("on"),
            Spec::people("members", 0),
            Spec::people("trial", 0),
            Spec::people("students", 0),
            Spec::people("active", 0),
        ]
        .map(Spec::not_summed),
    );
    let round = |n: i64| if shared && n >= SMALLEST_GROUP { (n + 2) / SMALLEST_GROUP * SMALLEST_GROUP } else { n };
    for month in months {
        let numbers = [month.members, month.trial, month.students, month.active].map(|n| Cell::Count(round(n)));
        sheet.row([&[Cell::Date(month.on)], &numbers[..]].concat());
    }
    if shared {
        sheet.note(ReportNote::Rounded);
    }
    sheet
}

/// The table of the reasons to leave.
pub(super) fn leave_sheet(reasons: &[LeaveFigures]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::groups("reason"),
        Spec::people("left", 0),
        Spec::people("without_paying", 1).of("left"),
        Spec::share("without_paying_share", "without_paying", "left", 1),
    ]);
    for figures in reasons {
        let reason = figures.reason.clone().map_or(NOT_SAID, Cell::Text);
        sheet.row([reason, Cell::Count(figures.left), Cell::Count(figures.without_paying)]);
    }
    sheet
}
