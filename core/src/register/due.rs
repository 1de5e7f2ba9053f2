//! What is to be done today.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Register;
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Contact, FollowUp, FollowUpKind};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DueView {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// Whom or what it is about: the contact, else the workplace, else the visit.
    pub who: Option<String>,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// Who is to do it.
    pub owner_name: Option<String>,
    /// Days since it was due, 0 on the day; none where no day was set.
    pub overdue_days: Option<i64>,
}

impl Register {
    /// What is due by `today` and not done, the oldest first, then what has no day. Calls to people who have asked not to
    /// be contacted are left out, and so is what concerns a removed contact.
    pub fn due(&self, today: Date) -> Vec<DueView> {
        let is_due = |follow_up: &&FollowUp| follow_up.due.is_none_or(|due| due <= today);
        let mut due: Vec<_> = self.open_follow_ups(self.all()).into_iter().filter(is_due).collect();
        due.retain(|follow_up| !self.is_hidden(follow_up));
        due.sort_by_key(|follow_up| (follow_up.due.is_none(), follow_up.due, follow_up.id));
        due.into_iter().map(|follow_up| self.due_view(follow_up, today)).collect()
    }

    /// Those of the follow-ups that are not done. Of several with one cause and one person only the first is open, and none
    /// when any of them is done.
    pub(super) fn open_follow_ups<'a>(&self, all: impl Iterator<Item = &'a FollowUp>) -> Vec<&'a FollowUp> {
        let (done, mut open): (Vec<_>, Vec<_>) = all.partition(|follow_up| follow_up.done_at.is_some());
        let same = |follow_up: &FollowUp| {
            let cause = filled(&follow_up.cause)?.to_owned();
            Some((cause, self.first_of_person(follow_up.contact?)?))
        };
        let mut settled: BTreeSet<_> = done.into_iter().filter_map(same).collect();
        open.retain(|follow_up| same(follow_up).is_none_or(|same| settled.insert(same)));
        open
    }

    pub(super) fn is_hidden(&self, follow_up: &FollowUp) -> bool {
        let Some(contact) = follow_up.contact else { return false };
        let removed = self.rows.held(contact).is_some_and(|held| !held.live);
        let calls = matches!(follow_up.kind, Some(FollowUpKind::Call | FollowUpKind::Welcome | FollowUpKind::SaveTalk));
        removed || (calls && self.wants_peace(contact))
    }

    /// Whether the person has asked, by any of its contacts, not to be contacted.
    fn wants_peace(&self, contact: Id<Contact>) -> bool {
        self.one_person(contact).into_iter().any(|id| self.get(id).is_some_and(|row| row.do_not_contact == Some(true)))
    }

    fn due_view(&self, follow_up: &FollowUp, today: Date) -> DueView {
        let contact = follow_up.contact.and_then(|id| self.merged_from(id.row()));
        DueView {
            who: self.who(follow_up),
            phone: contact.as_ref().and_then(|contact| filled(&contact.phone)).map(str::to_owned),
            owner_name: follow_up.owner.and_then(|id| self.person_name(id)),
            overdue_days: follow_up.due.map(|due| (today - due).num_days()),
            follow_up: follow_up.clone(),
        }
    }

    fn who(&self, follow_up: &FollowUp) -> Option<String> {
        let contact = follow_up.contact.map(|id| {
            let first = self.first_of_person(id).unwrap_or(id);
            self.contact_name(first)
        });
        let workplace = || follow_up.workplace.and_then(|id| self.workplace_name(id));
        let visit = || follow_up.visit.and_then(|id| self.rows.held(id)).map(|held| self.place_of(&held.row));
        contact.or_else(workplace).or_else(visit)
    }
}
