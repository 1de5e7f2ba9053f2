//! The notes on a season: what went well and what did not, of each visit and each campaign.

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use crate::context::Date;
use crate::ids::RowId;
use crate::register::Register;
use crate::register::names::filled;
use crate::tables::{Campaign, Table, Visit};

/// What somebody noted of a visit or a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SeasonNote {
    /// The table of the row that says so: visits or campaigns.
    pub row_table: Table,
    /// That row.
    pub row_id: RowId,
    /// The day of the visit, or the campaign's last; none where a campaign has no end.
    pub on: Option<Date>,
    /// The place of the visit, or the campaign's name.
    pub title: String,
    /// The note.
    pub note: String,
}

impl Register {
    /// What was noted of a season: of each visit in the period, by day, and then of each campaign that ran within it. A query
    /// about one workplace has its visits alone: a campaign belongs to no workplace.
    pub fn season_notes(&self, query: &ReportQuery) -> Vec<SeasonNote> {
        let scope = Scope::of(self, query);
        let of_visit = |visit: &Visit| {
            let (on, note) = (scope.visit_day(visit)?, filled(&visit.review)?);
            let (row_id, title) = (visit.id.row(), self.place_of(visit));
            Some(SeasonNote { row_table: Table::Visits, row_id, on: Some(on), title, note: note.to_owned() })
        };
        let of_campaign = |campaign: &Campaign| {
            let runs = query.workplace.is_none()
                && campaign.starts_on.is_none_or(|day| day <= query.until)
                && campaign.ends_on.is_none_or(|day| day >= query.from);
            let note = filled(&campaign.note).filter(|_| runs && scope.has_campaign(Some(campaign.id)))?;
            let (row_id, title) = (campaign.id.row(), filled(&campaign.name).unwrap_or_default().to_owned());
            let (on, note) = (campaign.ends_on, note.to_owned());
            Some(SeasonNote { row_table: Table::Campaigns, row_id, on, title, note })
        };
        let mut visits: Vec<_> = self.all::<Visit>().filter_map(of_visit).collect();
        visits.sort_by_key(|note| (note.on, note.row_id));
        let mut campaigns: Vec<_> = self.all::<Campaign>().filter_map(of_campaign).collect();
        campaigns.sort_by_key(|note| (note.on.is_none(), note.on, note.row_id));
        visits.into_iter().chain(campaigns).collect()
    }
}
