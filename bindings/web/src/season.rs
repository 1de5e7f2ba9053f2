//! The season, for JavaScript: visits week by week and that repeat, who comes, where nobody has been, and the calendar's file.

use samla_core::lists::export_icalendar;
use samla_core::tables::ShiftState;
use samla_core::{Date, Id, RowId};
use wasm_bindgen::prelude::*;

use crate::book::{Answered, WebBook, parse, read, thrown, told};
use crate::calls::person;
use crate::outside::{now, with_context};

#[wasm_bindgen]
impl WebBook {
    /// What somebody has before them today; the user of this device if nobody is named.
    pub fn today(&self, who: Option<String>, today: &str) -> Answered {
        told(&self.book.today(person(who)?, parse::<Date>(today)?))
    }

    /// The weeks from one day to another, with their visits and who is missing.
    pub fn season(&self, from: &str, until: &str, today: &str) -> Answered {
        let (from, until, today) = (parse::<Date>(from)?, parse::<Date>(until)?, parse::<Date>(today)?);
        told(&self.book.register().season(from, until, today))
    }

    /// The visits that nobody staffs.
    pub fn gaps(&self, from: &str, until: &str, today: &str) -> Answered {
        let (from, until, today) = (parse::<Date>(from)?, parse::<Date>(until)?, parse::<Date>(today)?);
        told(&self.book.register().gaps(from, until, today))
    }

    /// What a person was asked to staff.
    #[wasm_bindgen(js_name = shiftsOf)]
    pub fn shifts_of(&self, person: &str, from: &str, until: &str, today: &str) -> Answered {
        let (from, until, today) = (parse::<Date>(from)?, parse::<Date>(until)?, parse::<Date>(today)?);
        told(&self.book.register().shifts_of(Id::from(parse::<RowId>(person)?), from, until, today))
    }

    /// The workplaces by how much a visit is called for; without a number of months, by the core's own.
    pub fn coverage(&self, today: &str, months: Option<u32>) -> Answered {
        told(&self.book.register().coverage(parse::<Date>(today)?, months.map(i64::from)))
    }

    /// The visits that the employers' calendars suggest.
    #[wasm_bindgen(js_name = suggestedVisits)]
    pub fn suggested_visits(&self, from: &str, until: &str) -> Answered {
        told(&self.book.register().suggested_visits(parse::<Date>(from)?, parse::<Date>(until)?))
    }

    /// The series that a visit belongs to; null where it does not repeat.
    pub fn series(&self, visit: &str, today: &str) -> Answered {
        told(&self.book.register().series(Id::from(parse::<RowId>(visit)?), parse::<Date>(today)?))
    }

    /// Lets a visit repeat every so many weeks until a day.
    pub fn repeat(&mut self, visit: &str, every_weeks: u32, until: &str) -> Answered {
        let (visit, until) = (Id::from(parse::<RowId>(visit)?), parse::<Date>(until)?);
        told(&with_context(|ctx| self.book.repeat(ctx, visit, every_weeks.into(), until)).map_err(thrown)?)
    }

    /// Makes the visits of a series that are still missing.
    #[wasm_bindgen(js_name = planSeries)]
    pub fn plan_series(&mut self, visit: &str) -> Answered {
        let visit = Id::from(parse::<RowId>(visit)?);
        told(&with_context(|ctx| self.book.plan_series(ctx, visit)).map_err(thrown)?)
    }

    /// Says whether somebody staffs a visit; the user of this device if nobody is named.
    #[wasm_bindgen(js_name = answerShift)]
    pub fn answer_shift(&mut self, visit: &str, who: Option<String>, state: JsValue) -> Answered {
        let (visit, who, state) = (Id::from(parse::<RowId>(visit)?), person(who)?, read::<ShiftState>(state)?);
        told(&with_context(|ctx| self.book.answer_shift(ctx, visit, who, state, None)).map_err(thrown)?)
    }

    /// The user of this device no longer staffs the visit.
    #[wasm_bindgen(js_name = cannotCome)]
    pub fn cannot_come(&mut self, visit: &str, note: Option<String>) -> Answered {
        let visit = Id::from(parse::<RowId>(visit)?);
        told(&with_context(|ctx| self.book.cannot_come(ctx, visit, note.as_deref())).map_err(thrown)?)
    }

    /// Gives one person's turn at a visit to another.
    #[wasm_bindgen(js_name = swapShift)]
    pub fn swap_shift(&mut self, visit: &str, from: &str, to: &str) -> Result<(), JsValue> {
        let [visit, from, to] = [parse::<RowId>(visit)?, parse::<RowId>(from)?, parse::<RowId>(to)?];
        with_context(|ctx| self.book.swap_shift(ctx, visit.into(), from.into(), to.into())).map_err(thrown)
    }

    /// The schedule as an iCalendar file, of all or of what one person was asked to staff.
    #[wasm_bindgen(js_name = exportCalendar)]
    pub fn export_calendar(&self, from: &str, until: &str, of: Option<String>) -> Result<String, JsValue> {
        let (from, until) = (parse::<Date>(from)?, parse::<Date>(until)?);
        Ok(export_icalendar(self.book.register(), from, until, person(of)?, &now()))
    }
}
