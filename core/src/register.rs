//! The register in memory: what every screen reads.
//!
//! It is the last step on the way of one tap, and the only way to a screen: a command of one's own and a change from
//! another phone both end as touched rows ([`RowState`]), which [`Register::apply`] takes in one by one. Nothing else
//! writes here. Opening a book reads the register from a snapshot ([`Register::from_snapshot`]) instead of from the
//! document.
//!
//! What always holds: the answers depend on the rows alone and not on the order in which they came, so two phones with
//! the same document show the same; a question is answered from memory in milliseconds at fifty thousand contacts; no row,
//! however odd, makes a question fail.

mod about;
mod addresses;
pub(crate) mod alike;
mod automatic;
mod calls;
mod card;
mod cause;
pub(crate) mod conflicts;
mod consent;
mod coverage;
mod day;
mod due;
mod duplicates;
pub(crate) mod fold;
mod forget;
mod guides;
mod history;
mod index;
mod links;
pub(crate) mod matching;
mod material;
mod mentions;
mod names;
mod notice;
pub(crate) mod phone;
mod places;
pub(crate) mod prevail;
mod recruited;
mod relations;
mod reports;
mod retention;
mod rows;
mod same;
mod save_talks;
mod search;
mod season;
mod series;
mod snapshot;
mod sound;
mod sources;
mod status;
mod table;
mod team;
#[cfg(test)]
mod tests;
mod today;
mod week;
mod workplace;

use std::collections::{BTreeMap, BTreeSet};

pub use about::{AboutField, AboutRow, AboutTable, AboutView};
pub use addresses::{AddressView, TakenOutView};
pub use automatic::{AutomaticReason, AutomaticView};
pub use calls::{CallClash, CallDecision, CallView, Caller};
pub use card::{ContactCard, OtherAnswer, TimelineEntry, TimelineKind};
pub use conflicts::{AnswerView, ConflictView};
pub use consent::ConsentView;
pub use coverage::{CoverageView, SuggestedVisit};
pub use due::DueView;
pub use duplicates::{DuplicateHint, DuplicatePair, DuplicateQuery, DuplicateReason};
pub use history::TalkHistory;
pub use links::LinkView;
pub use matching::MatchReason;
pub use material::{AllotmentView, NeededItem, VisitNeeds};
pub use mentions::MentionView;
pub use names::DeviceView;
pub use notice::NoticeView;
pub use relations::{NewHire, NewHiresView, NotSpokenWithView};
pub use reports::{
    BestSlotView, CallFigures, Cell, ChannelFigures, CheckView, ColumnKind, ComparedFigure, ConversionFigures,
    GoalFigures, HireFigures, InboundFigures, InboundMonth, InboundView, LeaveFigures, MemberMonth, MetricFigures,
    MetricReading, NewMemberView, PeriodReversed, PlaceFigures, PollFigures, Prize, PromiseFigures, ReasonFigures,
    RecruiterScore, Report, ReportColumn, ReportNote, ReportQuery, ReportRow, ReportTable, SMALLEST_GROUP, SeasonNote,
    SignUpFigures, SignUpGroup, SlotFigures, StockView, ThanksView, TopicFigures, VisitFigures, WeekFigures,
    WelcomeStep,
};
pub use retention::{ExpiredReason, ExpiredView, KeptView};
pub use rows::Stored;
pub use save_talks::SaveTalkView;
pub use search::SearchHit;
pub use season::{SeasonVisit, SeasonWeek, ShiftView, StaffGap};
pub use series::{SeriesDay, SeriesDayState, SeriesView};
pub use sources::ListSourceView;
pub use status::trial_end;
pub use table::{EntryView, ItemCount, TableSummary};
pub use team::{TeamMember, TeamUnit};
pub use today::TodayView;
pub use week::{DayView, StaffView, VisitView, WeekView};
pub use workplace::{PartView, WorkplaceCard};

use crate::ids::{DeviceId, Id, RowId};
use crate::tables::{Clash, Contact, Country, Row, RowState, Setting, Table};
use index::Indexes;
use rows::{AllRows, Held, for_table};

/// All rows of a book, and what is quickly known about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    rows: AllRows,
    /// The rows with fields that were answered twice.
    clashes: BTreeMap<(Table, RowId), Vec<Clash>>,
    indexes: Indexes,
    /// The device that shows this register.
    me: Option<DeviceId>,
}

impl Register {
    /// Says which device shows this register; what it wrote itself is then marked as `mine`.
    pub fn set_me(&mut self, device: DeviceId) {
        self.me = Some(device);
    }

    /// Takes in one row as the document has it now. The only writer.
    pub fn apply(&mut self, state: RowState) {
        let before = self.country();
        for_table!(state.table, Row => self.place::<Row>(state));
        if self.country() != before {
            self.index_all();
        }
    }

    /// Makes the indexes anew from the rows.
    fn index_all(&mut self) {
        self.indexes = Indexes::of_all(&self.rows, self.country());
        self.join_all();
    }

    fn place<T: Stored>(&mut self, state: RowState) {
        let (key, id) = ((T::TABLE, state.id), Id::<T>::from(state.id));
        let mut row = T::new(state.id);
        state.fields.into_iter().for_each(|(field, value)| row.put(&field, Some(value)));
        let mut clashes = state.clashes;
        prevail::settle(&mut row, &mut clashes);
        match clashes.is_empty() {
            true => self.clashes.remove(&key),
            false => self.clashes.insert(key, clashes),
        };
        let mut relinked = if T::TABLE == Table::Links { self.around_link(state.id) } else { BTreeSet::new() };
        self.unlearn(id);
        T::rows_mut(&mut self.rows).insert(state.id, Held { row, live: state.live, by: state.by });
        self.learn(id);
        if T::TABLE == Table::Links {
            relinked.append(&mut self.around_link(state.id));
            self.join(relinked);
        }
    }

    /// Takes a row out of the indexes.
    fn unlearn<T: Stored>(&mut self, id: Id<T>) {
        let country = self.country();
        let Some(held) = self.rows.held(id) else { return };
        self.indexes.drop_pointers(&held.row);
        match T::TABLE {
            Table::Contacts => {
                self.rows.live(id.row().into()).inspect(|contact| self.indexes.drop_contact(contact, country));
            }
            Table::Workplaces => {
                self.rows.live(id.row().into()).inspect(|place| self.indexes.drop_place(place));
            }
            Table::Visits => {
                self.rows.live(id.row().into()).inspect(|visit| self.indexes.drop_visit(visit));
            }
            _ => {}
        }
    }

    /// Puts a row into the indexes.
    fn learn<T: Stored>(&mut self, id: Id<T>) {
        let country = self.country();
        let Some(held) = self.rows.held(id) else { return };
        self.indexes.add_pointers(&held.row);
        match T::TABLE {
            Table::Contacts => {
                self.rows.live(id.row().into()).inspect(|contact| self.indexes.add_contact(contact, country));
            }
            Table::Workplaces => {
                self.rows.live(id.row().into()).inspect(|place| self.indexes.add_place(place));
            }
            Table::Visits => {
                self.rows.live(id.row().into()).inspect(|visit| self.indexes.add_visit(visit));
            }
            _ => {}
        }
    }

    /// The contact, unless it was removed.
    pub fn contact(&self, id: Id<Contact>) -> Option<&Contact> {
        self.get(id)
    }

    /// The row of this id, unless it was removed.
    pub fn get<T: Stored>(&self, id: Id<T>) -> Option<&T> {
        self.rows.live(id)
    }

    /// All rows of a type that were not removed, by id.
    pub fn all<T: Stored>(&self) -> impl Iterator<Item = &T> {
        self.rows.all()
    }

    /// The row of this id in a table known by name, unless it was removed.
    pub fn row(&self, table: Table, id: RowId) -> Option<Row> {
        for_table!(table, T => self.get(Id::<T>::from(id)).cloned().map(Row::from))
    }

    /// The same, removed or not, and whether it is there.
    pub(crate) fn row_held(&self, table: Table, id: RowId) -> Option<(Row, bool)> {
        for_table!(table, T => self.rows.held(Id::<T>::from(id)).map(|held| (Row::from(held.row.clone()), held.live)))
    }

    /// All rows of a table known by name that were not removed, by id.
    pub fn rows(&self, table: Table) -> Vec<Row> {
        for_table!(table, T => self.all::<T>().cloned().map(Row::from).collect())
    }

    /// The settings of the book. Where two phones each made a row, the one with the lowest id counts.
    pub fn settings(&self) -> Setting {
        self.all::<Setting>().next().cloned().unwrap_or_default()
    }

    pub(crate) fn country(&self) -> Country {
        self.all::<Setting>().next().and_then(|settings| settings.country).unwrap_or(Country::Se)
    }
}
