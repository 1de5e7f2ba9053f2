//! What is at hand during a talk: the guides and training cards in their order, and the reasons to join.

use super::Register;
use super::names::filled;
use crate::ids::Id;
use crate::tables::{Guide, Person, Reason};

impl Register {
    /// The guides of one language in their order, those without a place last; of all languages if none is named.
    pub fn guides(&self, language: Option<&str>) -> Vec<Guide> {
        let asked = |guide: &&Guide| language.is_none() || filled(&guide.language) == language;
        let mut guides: Vec<_> = self.all::<Guide>().filter(asked).cloned().collect();
        guides.sort_by_key(|guide| (guide.order.is_none(), guide.order, guide.id));
        guides
    }

    /// The reasons that a steward has to choose from in a talk: their own in their order, and then everybody's.
    pub fn reasons_for(&self, person: Option<Id<Person>>) -> Vec<Reason> {
        let theirs = |reason: &&Reason| reason.person.is_none() || reason.person == person;
        let mut reasons: Vec<_> = self.all::<Reason>().filter(theirs).cloned().collect();
        reasons.sort_by_key(|reason| (reason.person.is_none(), reason.order.is_none(), reason.order, reason.id));
        reasons
    }
}
