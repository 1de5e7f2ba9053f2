//! Where a person stands towards the union, from what happened.

use super::Register;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Campaign, Contact, Membership, MembershipEvent, MembershipKind};

impl Register {
    /// The status of a person, given the contacts that are one person.
    ///
    /// The event with the latest day decides: `paying` is a member, `left` a former one, `trial_ends` a person on trial,
    /// and `signed` is on trial where the campaign gives free months and a member otherwise. Without events the contact's own
    /// field counts. That field also wins where it says that a member is leaving, which no event tells.
    pub(super) fn status(&self, person: &[Id<Contact>]) -> Membership {
        let noted = || person.iter().filter_map(|id| self.get(*id)?.membership);
        let latest = self.membership_events(person).max_by_key(|(on, kind, event)| (*on, *kind, event.id));
        let derived = latest.map(|(_, kind, event)| match kind {
            MembershipKind::Signed if event.campaign.is_some_and(|id| self.gives_trial(id)) => Membership::Trial,
            MembershipKind::Signed | MembershipKind::Paying => Membership::Member,
            MembershipKind::TrialEnds => Membership::Trial,
            MembershipKind::Left => Membership::Former,
        });
        match derived {
            None => noted().next().unwrap_or(Membership::Unknown),
            Some(Membership::Former) => Membership::Former,
            Some(_) if noted().any(|noted| noted == Membership::Leaving) => Membership::Leaving,
            Some(status) => status,
        }
    }

    /// The membership events of a person that say what happened and when.
    fn membership_events(
        &self,
        person: &[Id<Contact>],
    ) -> impl Iterator<Item = (Date, MembershipKind, &MembershipEvent)> {
        let events = person.iter().flat_map(|id| self.indexes.pointing::<MembershipEvent>(id.row()));
        events.filter_map(|id| self.get(id)).filter_map(|event| Some((event.on?, event.kind?, event)))
    }

    fn gives_trial(&self, campaign: Id<Campaign>) -> bool {
        self.rows.held(campaign).and_then(|held| held.row.trial_months).is_some_and(|months| months > 0)
    }
}
