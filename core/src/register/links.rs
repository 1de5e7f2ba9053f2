//! What people have decided about two contacts: the same person, not the same, acquainted. Each decision can be undone.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Register;
use super::same::pair;
use crate::context::Moment;
use crate::ids::Id;
use crate::tables::{Contact, Link, LinkKind};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LinkView {
    /// The link.
    pub id: Id<Link>,
    /// What was decided.
    pub kind: LinkKind,
    /// One contact.
    pub a: Id<Contact>,
    /// Its name.
    pub a_name: String,
    /// The other contact.
    pub b: Id<Contact>,
    /// Its name.
    pub b_name: String,
    /// Who decided: the steward named, else whoever writes on the device that made the link.
    pub by: Option<String>,
    /// When.
    pub at: Option<Moment>,
    /// False for a *same person* that is not followed, because somebody else keeps the two apart.
    pub holds: bool,
}

impl Register {
    /// The decisions about a person that were not undone, the first made first.
    pub fn links_of(&self, contact: Id<Contact>) -> Vec<LinkView> {
        let person = self.one_person(contact);
        let links: BTreeSet<_> = person.iter().flat_map(|id| self.indexes.pointing::<Link>(id.row())).collect();
        links.into_iter().filter_map(|id| self.link_view(self.get(id)?)).collect()
    }

    /// Every decision that was not undone, the newest made first.
    pub fn links(&self) -> Vec<LinkView> {
        let mut links: Vec<_> = self.all::<Link>().filter_map(|link| self.link_view(link)).collect();
        links.sort_unstable_by_key(|link| std::cmp::Reverse(link.id));
        links
    }

    /// Where people disagree: every *same person* that is not followed because somebody said that the two are not.
    /// One of the two decisions should be undone.
    pub fn disputed_links(&self) -> Vec<LinkView> {
        // Where nothing is kept apart nothing is disputed, and that is nearly always so.
        if !self.all::<Link>().any(|link| link.kind == Some(LinkKind::NotTheSame) && link.undone != Some(true)) {
            return Vec::new();
        }
        let same = self.all::<Link>().filter(|link| link.kind == Some(LinkKind::SamePerson));
        same.filter_map(|link| self.link_view(link)).filter(|view| !view.holds).collect()
    }

    fn link_view(&self, link: &Link) -> Option<LinkView> {
        let (a, b, kind) = (link.a?, link.b?, link.kind?);
        let device = || self.rows.held(link.id).and_then(|held| held.by).map(|id| self.device_name(id));
        (link.undone != Some(true)).then(|| LinkView {
            id: link.id,
            kind,
            a,
            a_name: self.contact_name(a),
            b,
            b_name: self.contact_name(b),
            by: link.by.and_then(|id| self.person_name(id)).or_else(device),
            at: link.at,
            holds: kind != LinkKind::SamePerson || self.joined(a).contains(&b),
        })
    }

    /// The links of this kind between just these two that were not undone, whichever way round: two phones may both have
    /// made one.
    pub(crate) fn links_between(&self, a: Id<Contact>, b: Id<Contact>, kind: LinkKind) -> Vec<Id<Link>> {
        self.linked(a, kind).filter(|(_, other)| *other == b).map(|(link, _)| link).collect()
    }

    /// The links that say that somebody of the one person is not somebody of the other.
    pub(crate) fn links_keeping_apart(&self, a: Id<Contact>, b: Id<Contact>) -> BTreeSet<Id<Link>> {
        let (one, other) = (self.joined(a), self.joined(b));
        let said = one.iter().flat_map(|id| self.linked(*id, LinkKind::NotTheSame));
        said.filter(|(_, id)| other.contains(id)).map(|(link, _)| link).collect()
    }

    /// The two contacts of a link in the order in which they were written down, and its kind.
    pub(crate) fn linked_pair(&self, link: Id<Link>) -> Option<(Id<Contact>, Id<Contact>, LinkKind)> {
        let link = self.get(link)?;
        let (a, b) = pair(link.a?, link.b?);
        Some((a, b, link.kind?))
    }
}
