//! What was promised and what follows by itself: whom to call, whom to welcome, with whom nobody has spoken for long.

use samla_core::register::{AutomaticView, CallClash, CallView, NewHiresView, NotSpokenWithView};
use samla_core::tables::{Campaign, FollowUpDraft};
use samla_core::{CallLog, CallLogged, Claimed, HandedOver};

use crate::book::{Book, today};
use crate::error::SamlaError;
use crate::records::{CampaignId, ContactId, PersonId, VisitId};
use crate::scalars::Day;

/// Calls and relations.
#[uniffi::export]
impl Book {
    /// What follows from what happened and is due up to a day, the oldest first; to today if none is given. Each has a draft
    /// of its follow-up, for `claim` or `add`.
    #[uniffi::method(default(day = None))]
    pub fn automatic(&self, day: Option<Day>) -> Result<Vec<AutomaticView>, SamlaError> {
        Ok(self.look(|book| book.register().automatic(day.unwrap_or_else(today))))
    }

    /// Everybody whose free months end in these days: first those who have not decided, by the day they end. Each has a draft
    /// of the call, for `claim` and `logCall`.
    pub fn call_list(&self, from: Day, until: Day) -> Result<Vec<CallView>, SamlaError> {
        Ok(self.look(|book| book.register().call_list(from, until, today())))
    }

    /// Whom two have called, welcomed or tried to keep for one cause without knowing of each other, as far as the last of
    /// them wrote it down since a day; the newest first.
    pub fn call_clashes(&self, since: Day) -> Result<Vec<CallClash>, SamlaError> {
        Ok(self.look(|book| book.register().call_clashes(since)))
    }

    /// The campaign whose offer a sign-up on a day takes, at a visit or without one; none where no campaign gives one.
    pub fn offer(&self, visit: Option<VisitId>, on: Day) -> Result<Option<CampaignId>, SamlaError> {
        Ok(self.look(|book| book.register().offer(visit, on)))
    }

    /// The campaigns that run on a day, the first to begin first: to choose from where `offer` gives none.
    pub fn campaigns_on(&self, on: Day) -> Result<Vec<Campaign>, SamlaError> {
        Ok(self.look(|book| book.register().campaigns_on(on)))
    }

    /// The day on which a campaign's free months end for whoever signs up on a day; none where it gives none.
    pub fn free_until(&self, campaign: CampaignId, on: Day) -> Result<Option<Day>, SamlaError> {
        Ok(self.look(|book| book.register().free_until(campaign, on)))
    }

    /// The day on which a person's latest free months end or ended.
    pub fn trial_ends_on(&self, contact: ContactId) -> Result<Option<Day>, SamlaError> {
        Ok(self.look(|book| book.register().trial_ends_on(contact)))
    }

    /// Takes something to do, as the call list or the list of what follows by itself drafts it, for the user of this device or for a
    /// colleague, whomever the draft names. What somebody else has is left alone and told, unless `takeOver` is set.
    #[uniffi::method(default(take_over = false, whom = None))]
    pub fn claim(&self, draft: FollowUpDraft, take_over: bool, whom: Option<PersonId>) -> Result<Claimed, SamlaError> {
        self.act(|book, ctx| match whom {
            Some(whom) => book.claim_for(ctx, &draft, whom, take_over),
            None => book.claim(ctx, &draft, take_over),
        })
    }

    /// Notes a call in one step: one try more in the caller's own row, the talk, and what was decided.
    pub fn log_call(&self, log: CallLog) -> Result<CallLogged, SamlaError> {
        self.act(|book, ctx| book.log_call(ctx, &log))
    }

    /// The reasons for leaving that were noted so far, the commonest first: offer them where another is noted, so that one
    /// reason is written in one way.
    pub fn words_for_leaving(&self) -> Vec<String> {
        self.look(|book| book.register().words_for_leaving())
    }

    /// Hands everything of a steward who leaves to another: open follow-ups, relations, and turns at visits to come, for
    /// which the other is asked.
    pub fn hand_over(&self, from: PersonId, to: PersonId) -> Result<HandedOver, SamlaError> {
        self.act(|book, ctx| book.hand_over(ctx, from, to))
    }

    /// How much would go from one steward to another. Nothing is changed by asking.
    pub fn to_hand_over(&self, from: PersonId, to: PersonId) -> Result<HandedOver, SamlaError> {
        Ok(self.look(|book| book.to_hand_over(from, to, today()))?)
    }

    /// Those whose first day is `since` or later, by workplace and day. Whoever wants no contact is left out.
    pub fn new_hires(&self, since: Day) -> Result<Vec<NewHiresView>, SamlaError> {
        Ok(self.look(|book| book.register().new_hires(since, today())))
    }

    /// Those whom nobody has spoken with for so many months, or for the months of the settings: the longest silence first.
    /// Former members and those who want no contact are left out.
    #[uniffi::method(default(months = None))]
    pub fn not_spoken_with(&self, months: Option<i64>) -> Vec<NotSpokenWithView> {
        self.look(|book| book.register().not_spoken_with(today(), months))
    }
}
