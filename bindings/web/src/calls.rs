//! What was promised, for JavaScript: calls before free months end, what follows by itself, hand-over, and whom nobody met.

use samla_core::tables::{FollowUpDraft, Person, Visit};
use samla_core::{CallLog, Date, Id, RowId};
use wasm_bindgen::prelude::*;

use crate::book::{Answered, WebBook, parse, read, thrown, told};
use crate::outside::{today, with_context};

#[wasm_bindgen]
impl WebBook {
    /// Everything that is open, of one person or of all.
    #[wasm_bindgen(js_name = openFollowUps)]
    pub fn open_follow_ups(&self, owner: Option<String>, today: &str) -> Answered {
        told(&self.book.register().open(person(owner)?, parse::<Date>(today)?))
    }

    /// What follows by itself and is due.
    pub fn automatic(&self, today: &str) -> Answered {
        told(&self.book.register().automatic(parse::<Date>(today)?))
    }

    /// The campaign whose offer a sign-up on a day takes, at a visit or without one; null where none does.
    pub fn offer(&self, visit: Option<String>, on: &str) -> Answered {
        let visit: Option<Id<Visit>> = visit.map(|visit| parse::<RowId>(&visit)).transpose()?.map(Id::from);
        told(&self.book.register().offer(visit, parse::<Date>(on)?))
    }

    /// The campaigns that run on a day, the first to begin first.
    #[wasm_bindgen(js_name = campaignsOn)]
    pub fn campaigns_on(&self, on: &str) -> Answered {
        told(&self.book.register().campaigns_on(parse::<Date>(on)?))
    }

    /// The day on which a campaign's free months end for whoever signs up on a day; null where it gives none.
    #[wasm_bindgen(js_name = freeUntil)]
    pub fn free_until(&self, campaign: &str, on: &str) -> Answered {
        let campaign = Id::from(parse::<RowId>(campaign)?);
        told(&self.book.register().free_until(campaign, parse::<Date>(on)?))
    }

    /// The day on which a person's latest free months end or ended; null where nobody knows of any.
    #[wasm_bindgen(js_name = trialEndsOn)]
    pub fn trial_ends_on(&self, contact: &str) -> Answered {
        told(&self.book.register().trial_ends_on(Id::from(parse::<RowId>(contact)?)))
    }

    /// Whose free months end from one day to another.
    #[wasm_bindgen(js_name = callList)]
    pub fn call_list(&self, from: &str, until: &str, today: &str) -> Answered {
        let (from, until, today) = (parse::<Date>(from)?, parse::<Date>(until)?, parse::<Date>(today)?);
        told(&self.book.register().call_list(from, until, today))
    }

    /// Whom two have called for one cause without knowing of each other, since a day.
    #[wasm_bindgen(js_name = callClashes)]
    pub fn call_clashes(&self, since: &str) -> Answered {
        told(&self.book.register().call_clashes(parse::<Date>(since)?))
    }

    /// Takes something to do, unless somebody else has it.
    pub fn claim(&mut self, draft: JsValue, take_over: bool) -> Answered {
        let draft: FollowUpDraft = read(draft)?;
        told(&with_context(|ctx| self.book.claim(ctx, &draft, take_over)).map_err(thrown)?)
    }

    /// Notes a call that was made or tried.
    #[wasm_bindgen(js_name = logCall)]
    pub fn log_call(&mut self, log: JsValue) -> Answered {
        let log: CallLog = read(log)?;
        told(&with_context(|ctx| self.book.log_call(ctx, &log)).map_err(thrown)?)
    }

    /// The reasons for leaving that were noted so far, the commonest first.
    #[wasm_bindgen(js_name = wordsForLeaving)]
    pub fn words_for_leaving(&self) -> Answered {
        told(&self.book.register().words_for_leaving())
    }

    /// Hands everything of a steward who leaves to another.
    #[wasm_bindgen(js_name = handOver)]
    pub fn hand_over(&mut self, from: &str, to: &str) -> Answered {
        let (from, to) = (Id::from(parse::<RowId>(from)?), Id::from(parse::<RowId>(to)?));
        told(&with_context(|ctx| self.book.hand_over(ctx, from, to)).map_err(thrown)?)
    }

    /// The new colleagues since a day, by workplace.
    #[wasm_bindgen(js_name = newHires)]
    pub fn new_hires(&self, since: &str) -> Answered {
        told(&self.book.register().new_hires(parse::<Date>(since)?, today()))
    }

    /// Those whom nobody has spoken with for so many months; without a number, for the months of the settings.
    #[wasm_bindgen(js_name = notSpokenWith)]
    pub fn not_spoken_with(&self, today: &str, months: Option<u32>) -> Answered {
        told(&self.book.register().not_spoken_with(parse::<Date>(today)?, months.map(i64::from)))
    }
}

/// The person named, if one is.
pub(crate) fn person(id: Option<String>) -> Result<Option<Id<Person>>, JsValue> {
    id.map(|id| parse::<RowId>(&id).map(Id::from)).transpose()
}
