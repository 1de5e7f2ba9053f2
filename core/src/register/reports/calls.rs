//! What the calls before the end of the free months came to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
use crate::ids::Id;
use crate::register::{CallDecision, Register};
use crate::tables::Campaign;

/// The free months of one campaign that end in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CallFigures {
    /// The campaign that gave them.
    pub campaign: Option<Id<Campaign>>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// Persons whose free months end.
    pub ending: i64,
    /// Those whom somebody has tried to call, or called.
    pub called: i64,
    /// How many tries.
    pub attempts: i64,
    /// Those who stay.
    pub stays: i64,
    /// Those who leave.
    pub leaves: i64,
    /// Those who have not decided.
    pub undecided: i64,
}

impl Register {
    /// The free months that end in a period, by campaign, those of people among them whom nobody is to call or remembers any
    /// more.
    pub fn call_figures(&self, query: &ReportQuery) -> Vec<CallFigures> {
        let scope = Scope::of(self, query);
        let mut by_campaign: BTreeMap<_, CallFigures> = BTreeMap::new();
        for call in self.calls_ending(query.from, query.until, query.today, |_, _| true) {
            let person = self.one_person(call.contact);
            if !scope.has_place(self.workplace_of(&person)) || !scope.has_campaign(call.campaign) {
                continue;
            }
            let key = (call.campaign.is_none(), call.campaign_name.clone(), call.campaign);
            let figures = by_campaign.entry(key).or_insert_with(|| CallFigures {
                campaign: call.campaign,
                campaign_name: call.campaign_name.clone(),
                ending: 0,
                called: 0,
                attempts: 0,
                stays: 0,
                leaves: 0,
                undecided: 0,
            });
            figures.ending += 1;
            // Who says that a call is done has called, though nobody counted the tries.
            let mut rows = call.also.iter().chain(&call.follow_up);
            figures.called += i64::from(call.attempts > 0 || rows.any(|row| row.done_at.is_some()));
            figures.attempts = figures.attempts.saturating_add(call.attempts);
            *match call.decision {
                Some(CallDecision::Stays) => &mut figures.stays,
                Some(CallDecision::Leaves) => &mut figures.leaves,
                None => &mut figures.undecided,
            } += 1;
        }
        by_campaign.into_values().collect()
    }
}

/// The table of the calls.
pub(super) fn sheet(campaigns: &[CallFigures]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::text("campaign"),
        Spec::people("ending", 0),
        Spec::people("called", 1).of("ending"),
        Spec::people("attempts", 1),
        Spec::people("stays", 2),
        Spec::people("leaves", 2),
        Spec::people("undecided", 2),
        Spec::share("stays_share", "stays", "ending", 2),
    ]);
    for figures in campaigns {
        sheet.row([
            figures.campaign_name.clone().map_or(NOT_SAID, Cell::Text),
            Cell::Count(figures.ending),
            Cell::Count(figures.called),
            Cell::Count(figures.attempts),
            Cell::Count(figures.stays),
            Cell::Count(figures.leaves),
            Cell::Count(figures.undecided),
        ]);
    }
    sheet
}
