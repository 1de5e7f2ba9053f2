//! The season: visits that repeat, who comes to them, where nobody has been for long.

use samla_core::Repeated;
use samla_core::lists::export_icalendar;
use samla_core::register::{CoverageView, SeasonVisit, SeasonWeek, SeriesView, ShiftView, SuggestedVisit};
use samla_core::tables::ShiftState;

use crate::book::{Book, now, today};
use crate::error::SamlaError;
use crate::records::{PersonId, ShiftId, VisitId};
use crate::scalars::Day;

/// The season.
#[uniffi::export]
impl Book {
    /// The weeks from the one of `from` to the one of `until`, with every visit in them; at most three years.
    pub fn season(&self, from: Day, until: Day) -> Result<Vec<SeasonWeek>, SamlaError> {
        Ok(self.look(|book| book.register().season(from, until, today())))
    }

    /// The visits of these days that nobody staffs, by day and hour.
    pub fn gaps(&self, from: Day, until: Day) -> Result<Vec<SeasonVisit>, SamlaError> {
        Ok(self.look(|book| book.register().gaps(from, until, today())))
    }

    /// What one person was asked to staff in these days, by day and hour, whatever the answer; visits that were called off
    /// are left out.
    pub fn shifts_of(&self, person: PersonId, from: Day, until: Day) -> Result<Vec<ShiftView>, SamlaError> {
        Ok(self.look(|book| book.register().shifts_of(person, from, until, today())))
    }

    /// Every workplace that is not archived, first those that are overdue with nothing planned. Overdue is where nobody was
    /// for so many months, six if none are named.
    #[uniffi::method(default(months = None))]
    pub fn coverage(&self, months: Option<i64>) -> Vec<CoverageView> {
        self.look(|book| book.register().coverage(today(), months))
    }

    /// The visits that the employers' calendars suggest for these days, by day, each with a draft of the visit but for its
    /// hour.
    pub fn suggested_visits(&self, from: Day, until: Day) -> Result<Vec<SuggestedVisit>, SamlaError> {
        Ok(self.look(|book| book.register().suggested_visits(from, until)))
    }

    /// The series that begins with this visit, or that it is part of; none where it does not repeat.
    pub fn series(&self, visit: VisitId) -> Result<Option<SeriesView>, SamlaError> {
        Ok(self.look(|book| book.register().series(visit, today())))
    }

    /// Lets a visit repeat every so many weeks until a day, and makes the visits of those days; on a visit that repeats
    /// already, or one of its later days, the rule becomes this one. Doing it again makes nothing twice. Days on which the
    /// calendar says that nobody is at work are left out. A series ends after three years.
    pub fn repeat(&self, visit: VisitId, every_weeks: i64, until: Day) -> Result<Repeated, SamlaError> {
        self.act(|book, ctx| book.repeat(ctx, visit, every_weeks, until))
    }

    /// Makes the visits of a series that are still missing: after its first visit was repeated on another phone, or a
    /// holiday was taken out of the calendar.
    pub fn plan_series(&self, visit: VisitId) -> Result<Repeated, SamlaError> {
        self.act(|book, ctx| book.plan_series(ctx, visit))
    }

    /// Says whether somebody staffs a visit; the user of this device if nobody is named. Whoever was not asked is now among
    /// the staff with this answer.
    #[uniffi::method(default(note = None))]
    pub fn answer_shift(
        &self,
        visit: VisitId,
        person: Option<PersonId>,
        state: ShiftState,
        note: Option<String>,
    ) -> Result<ShiftId, SamlaError> {
        self.act(|book, ctx| book.answer_shift(ctx, visit, person, state, note.as_deref()))
    }

    /// "I can't come": the user of this device no longer staffs the visit. It shows as a gap where nobody else comes.
    #[uniffi::method(default(note = None))]
    pub fn cannot_come(&self, visit: VisitId, note: Option<String>) -> Result<ShiftId, SamlaError> {
        self.act(|book, ctx| book.cannot_come(ctx, visit, note.as_deref()))
    }

    /// Gives one person's turn at a visit to another, in one step. Who takes it for themselves comes; anybody else is asked.
    pub fn swap_shift(&self, visit: VisitId, from: PersonId, to: PersonId) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.swap_shift(ctx, visit, from, to))
    }

    /// The visits of these days as iCalendar, for the calendar on a phone: all of them, or those that one person was asked to
    /// staff, struck out where they said no. An event says where and when, and not what for, who comes or what is noted.
    #[uniffi::method(default(person = None))]
    pub fn export_icalendar(&self, from: Day, until: Day, person: Option<PersonId>) -> Result<String, SamlaError> {
        Ok(self.look(|book| export_icalendar(book.register(), from, until, person, &now())))
    }
}
