//! Recruiters: each sign-up waits until dues are paid, and then counts for the one who brought it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::figures::SignUpFact;
use super::scope::Scope;
use super::sheet::{Cell, Sheet, Spec};
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::names::filled;
use crate::register::recruited::Recruiter;
use crate::tables::{Campaign, Contact, FollowUp, FollowUpDraft, Person};

/// What one steward, or a colleague who is none, has brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RecruiterScore {
    /// The steward; none where it is a colleague.
    pub recruiter: Option<Id<Person>>,
    /// The contact that stands for the colleague; none where it is a steward.
    pub colleague: Option<Id<Contact>>,
    /// Name.
    pub name: String,
    /// Sign-ups of which it is not yet known.
    pub pending: i64,
    /// Those for whom dues were paid in time.
    pub confirmed: i64,
    /// Those who left before, or did not pay in time.
    pub expired: i64,
    /// Prizes earned by the campaigns' own count, each named as the campaign does.
    pub prizes: Vec<Prize>,
    /// The first day on which a sign-up that waits expires.
    pub next_expiry: Option<Date>,
}

/// So many of one prize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Prize {
    /// The campaign that gives it.
    pub campaign: Id<Campaign>,
    /// What it is.
    pub prize: String,
    /// How many were earned.
    pub n: i64,
}

/// A recruiter to be thanked: somebody they brought pays dues now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ThanksView {
    /// The steward to thank; none where it is a colleague.
    pub recruiter: Option<Id<Person>>,
    /// The colleague to thank, by the contact that stands for the person; none where it is a steward.
    pub colleague: Option<Id<Contact>>,
    /// Name.
    pub name: String,
    /// For whom.
    pub contact: Id<Contact>,
    /// That person's name.
    pub contact_name: String,
    /// Since when dues are paid.
    pub confirmed_on: Date,
    /// The follow-up that thanking makes, but for `what` and its owner.
    pub draft: FollowUpDraft,
}

/// How far one sign-up has come for its recruiter.
enum Standing {
    Pending(Date),
    Confirmed(Date),
    Expired,
}

impl Register {
    /// The recruiters of the sign-ups of a period, the one with most confirmed first.
    pub fn recruiter_scores(&self, query: &ReportQuery) -> Vec<RecruiterScore> {
        let scope = Scope::of(self, query);
        let mut scores: BTreeMap<Recruiter, RecruiterScore> = BTreeMap::new();
        let mut confirmed: BTreeMap<(Recruiter, Id<Campaign>), i64> = BTreeMap::new();
        for fact in self.sign_ups_in(&scope) {
            let Some(recruiter) = fact.recruiter else { continue };
            let score = scores.entry(recruiter).or_insert_with(|| RecruiterScore {
                recruiter: recruiter.steward(),
                colleague: recruiter.colleague(),
                name: self.recruiter_name(recruiter).unwrap_or_default(),
                pending: 0,
                confirmed: 0,
                expired: 0,
                prizes: Vec::new(),
                next_expiry: None,
            });
            match self.standing(&fact, query.today) {
                Standing::Pending(expires) => {
                    score.pending += 1;
                    score.next_expiry = Some(score.next_expiry.map_or(expires, |next| next.min(expires)));
                }
                Standing::Confirmed(_) => {
                    score.confirmed += 1;
                    if let Some(campaign) = fact.campaign {
                        *confirmed.entry((recruiter, campaign)).or_default() += 1;
                    }
                }
                Standing::Expired => score.expired += 1,
            }
        }
        for ((recruiter, campaign), n) in confirmed {
            let prize = self.prize_of(campaign, n);
            if let Some(score) = scores.get_mut(&recruiter) {
                score.prizes.extend(prize);
            }
        }
        let mut scores: Vec<_> = scores.into_values().collect();
        scores.sort_by(|one, other| {
            let order = |score: &RecruiterScore| (score.confirmed, score.pending);
            let called = |score: &RecruiterScore| (score.name.clone(), score.recruiter, score.colleague);
            order(other).cmp(&order(one)).then_with(|| called(one).cmp(&called(other)))
        });
        scores
    }

    fn standing(&self, fact: &SignUpFact<'_>, today: Date) -> Standing {
        let free = fact.campaign.and_then(|id| self.free_until(id, fact.on)).unwrap_or(fact.on);
        let expires = self.dues_by(fact.campaign, free);
        match (fact.paid_on, fact.left_on) {
            (Some(paid), _) if paid <= expires => Standing::Confirmed(paid),
            (None, None) if today <= expires => Standing::Pending(expires),
            _ => Standing::Expired,
        }
    }

    fn prize_of(&self, id: Id<Campaign>, confirmed: i64) -> Option<Prize> {
        let campaign = &self.rows.held(id)?.row;
        let n = confirmed / campaign.prize_at.unwrap_or(1).max(1);
        let prize = filled(&campaign.prize).filter(|_| n > 0)?;
        Some(Prize { campaign: id, prize: prize.to_owned(), n })
    }

    /// The recruiters who are to be thanked, for whoever began to pay dues in a period: the first that paid first. Whom
    /// somebody has thanked, or means to, is left out, and so is what nobody remembers, and a colleague who wants no contact.
    pub fn thanks_due(&self, query: &ReportQuery) -> Vec<ThanksView> {
        // Who pays now signed up long before.
        let all = ReportQuery { from: Date::MIN, until: query.today, ..query.clone() };
        let facts = self.sign_ups_in(&Scope::of(self, &all));
        let mut thanks: Vec<_> = facts.iter().filter_map(|fact| self.thanks_for(fact, query)).collect();
        thanks.sort_by_key(|thanks| (thanks.confirmed_on, thanks.contact));
        thanks
    }

    fn thanks_for(&self, fact: &SignUpFact<'_>, query: &ReportQuery) -> Option<ThanksView> {
        let (recruiter, contact) = (fact.recruiter?, fact.person?);
        let Standing::Confirmed(confirmed_on) = self.standing(fact, query.today) else { return None };
        let colleague = recruiter.colleague().map(|id| self.one_person(id)).unwrap_or_default();
        // It outlasts the colleague, of whom an erasure leaves nothing: so it names the sign-up, by its day.
        let cause = match recruiter.steward() {
            Some(steward) => format!("thank_recruiter {steward}"),
            None => format!("thank_recruiter {}", fact.on),
        };
        let acted = |row: &FollowUp| filled(&row.cause).is_some_and(|of| of == cause);
        let person = self.one_person(contact);
        let is_open = !self.are_forgotten(&person) && !self.of_person(&person).any(acted);
        let may_be_thanked = colleague.is_empty() || !self.are_forgotten(&colleague) && !self.wants_peace(&colleague);
        let asked = (query.from..=query.until).contains(&confirmed_on);
        (asked && is_open && may_be_thanked).then(|| ThanksView {
            recruiter: recruiter.steward(),
            colleague: recruiter.colleague(),
            name: self.recruiter_name(recruiter).unwrap_or_default(),
            contact,
            contact_name: self.contact_name(contact),
            confirmed_on,
            draft: FollowUpDraft { contact: Some(contact), cause: Some(cause), ..FollowUpDraft::default() },
        })
    }
}

/// The table of the recruiters.
pub(super) fn sheet(scores: &[RecruiterScore]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::names("recruiter"),
        Spec::people("confirmed", 0),
        Spec::people("pending", 0),
        Spec::people("expired", 0),
        Spec::date("next_expiry"),
        Spec::people("prizes", 0),
        Spec::names("prize"),
    ]);
    for score in scores {
        let prizes = score.prizes.iter().map(|prize| prize.n).fold(0, i64::saturating_add);
        let names: Vec<_> = score.prizes.iter().map(|prize| prize.prize.as_str()).collect();
        sheet.row([
            Cell::Text(score.name.clone()),
            Cell::Count(score.confirmed),
            Cell::Count(score.pending),
            Cell::Count(score.expired),
            Cell::date(score.next_expiry),
            Cell::Count(prizes),
            if names.is_empty() { Cell::Empty } else { Cell::Text(names.join(", ")) },
        ]);
    }
    sheet
}
