//! What is looked into before the work begins: with whom to talk, what to pack, who does what, and how fresh the lists are.

use samla_core::register::{
    AllotmentView, BestSlotView, ChannelFigures, InboundFigures, InboundMonth, InboundView, ListSourceView,
    NewMemberView, ReportQuery, SaveTalkView, SeasonNote, TeamUnit, VisitNeeds, WorkplaceCard,
};
use samla_core::tables::{Guide, Reason};

use crate::book::{Book, today};
use crate::error::SamlaError;
use crate::records::{PersonId, VisitId, WorkplaceId};
use crate::scalars::Day;

/// Overviews.
#[uniffi::export]
impl Book {
    /// Everybody who is leaving or in the unemployment fund only: first those whom nobody has talked with about it. Each has a
    /// draft of the talk, for `claim`.
    pub fn save_talks(&self) -> Result<Vec<SaveTalkView>, SamlaError> {
        Ok(self.look(|book| book.register().save_talks(today())))
    }

    /// The new members of a period with what is done to welcome each; those who were welcomed come last.
    pub fn new_members(&self, query: ReportQuery) -> Result<Vec<NewMemberView>, SamlaError> {
        self.ask(&query, |register| register.new_members(&query))
    }

    /// Those who turned to the union by themselves in a period, the first that came first.
    pub fn inbound(&self, query: ReportQuery) -> Result<Vec<InboundView>, SamlaError> {
        self.ask(&query, |register| register.inbound(&query))
    }

    /// The same in numbers, by the way they came.
    pub fn inbound_figures(&self, query: ReportQuery) -> Result<Vec<InboundFigures>, SamlaError> {
        self.ask(&query, |register| register.inbound_figures(&query))
    }

    /// The same month by month; months in which nobody came are left out.
    pub fn inbound_by_month(&self, query: ReportQuery) -> Result<Vec<InboundMonth>, SamlaError> {
        self.ask(&query, |register| register.inbound_by_month(&query))
    }

    /// The talks of a period by the way they were held, and what came of them until today.
    pub fn talks_by_channel(&self, query: ReportQuery) -> Result<Vec<ChannelFigures>, SamlaError> {
        self.ask(&query, |register| register.talks_by_channel(&query))
    }

    /// The best time and place of each workplace, by what came of the visits of a period.
    pub fn best_slots(&self, query: ReportQuery) -> Result<Vec<BestSlotView>, SamlaError> {
        self.ask(&query, |register| register.best_slots(&query))
    }

    /// What was noted of a season: of each visit of a period, and of the campaigns that ran within it. A query about one
    /// workplace has its visits alone.
    pub fn season_notes(&self, query: ReportQuery) -> Result<Vec<SeasonNote>, SamlaError> {
        self.ask(&query, |register| register.season_notes(&query))
    }

    /// What the visits of these days need and what of it is missing, by day and hour.
    pub fn visit_needs(&self, from: Day, until: Day) -> Result<Vec<VisitNeeds>, SamlaError> {
        Ok(self.look(|book| book.register().visit_needs(from, until, today())))
    }

    /// What material lies with whom.
    pub fn allotments(&self) -> Result<Vec<AllotmentView>, SamlaError> {
        Ok(self.look(|book| book.register().allotments()))
    }

    /// The team by unit: who has which task, and what each has taken on.
    pub fn team(&self) -> Result<Vec<TeamUnit>, SamlaError> {
        Ok(self.look(|book| book.register().team(today())))
    }

    /// The units that answer for a visit, by those who staff it.
    pub fn responsible_units(&self, visit: VisitId) -> Result<Vec<String>, SamlaError> {
        Ok(self.look(|book| book.register().responsible_units(visit)))
    }

    /// A workplace: the line to its HR, its parts, their groups, what makes the union visible, and when to come.
    pub fn workplace_card(
        &self,
        workplace: WorkplaceId,
        query: ReportQuery,
    ) -> Result<Option<WorkplaceCard>, SamlaError> {
        self.ask(&query, |register| register.workplace_card(workplace, &query))
    }

    /// How fresh the lists are that the register was fed from, and who took each in.
    pub fn list_sources(&self) -> Result<Vec<ListSourceView>, SamlaError> {
        Ok(self.look(|book| book.register().list_sources(today())))
    }

    /// Guides and training cards in their order; in one language, if a tag is given.
    #[uniffi::method(default(language = None))]
    pub fn guides(&self, language: Option<String>) -> Result<Vec<Guide>, SamlaError> {
        Ok(self.look(|book| book.register().guides(language.as_deref())))
    }

    /// Reasons to join: one's own first, then everybody's.
    #[uniffi::method(default(person = None))]
    pub fn reasons_for(&self, person: Option<PersonId>) -> Result<Vec<Reason>, SamlaError> {
        Ok(self.look(|book| book.register().reasons_for(person)))
    }
}
