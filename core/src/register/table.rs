//! The table screen: what was counted at a visit, and the last entries, so that each can be taken back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Register;
use super::names::filled;
use super::rows::Stored;
use crate::context::{Moment, moment_text};
use crate::ids::{Id, RowId};
use crate::tables::{
    Attendance, AttendanceState, Contact, FollowUp, MembershipEvent, MembershipKind, Move, Row, Table, TableRow, Talk,
    Tally, TallyKind, Visit,
};

/// How many entries the table screen shows.
const LAST_ENTRIES: usize = 10;

/// One visit in numbers, with its last entries.
///
/// Every counter is summed over all devices. A talk is counted first and named later, so one that is written down is not
/// counted a second time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TableSummary {
    /// The visit.
    pub visit: Visit,
    /// Name of the workplace.
    pub place: Option<String>,
    /// Talks, tapped or written down.
    pub talked: i64,
    /// How many of them were tapped: what the counter shows and takes back.
    pub tapped: i64,
    /// Things handed out.
    pub handed_out: i64,
    /// The things handed out that have a name, by name.
    pub items: Vec<ItemCount>,
    /// Persons who signed up here, with or without a name.
    pub signed: i64,
    /// People who walked by.
    pub passed_by: i64,
    /// Those of the signed whose name is not here.
    pub signed_without_name: i64,
    /// The last ten rows written at this visit, newest first, removed ones among them.
    pub entries: Vec<EntryView>,
}

/// How many of one item were handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ItemCount {
    /// The item.
    pub item: String,
    /// How many.
    pub n: i64,
}

/// One row written at a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EntryView {
    /// The row.
    pub id: RowId,
    /// Its table.
    pub table: Table,
    /// When it was written down, by the clock of the device that did.
    pub at: String,
    /// What it says, as the word of its choice: a talk's answer, a membership's event; empty where it has none.
    pub what: String,
    /// Whom or what it is about; nothing for a talk with somebody unnamed.
    pub name: Option<String>,
    /// Who wrote it.
    pub device: String,
    /// Whether this device wrote it.
    pub mine: bool,
    /// Whether it was taken back.
    pub removed: bool,
}

impl Register {
    /// The numbers and last entries of a visit; zeros for one that is not known.
    pub fn table_summary(&self, visit: Id<Visit>) -> TableSummary {
        let removed = || self.rows.held(visit).map_or_else(|| Visit::new(visit.row()), |held| held.row.clone());
        let row = self.visit_read(visit).map_or_else(removed, Cow::into_owned);
        let tallies = self.tallied(visit);
        let sum =
            |kind| tallies.iter().filter(|((of, _), _)| *of == kind).fold(0, |sum: i64, (_, n)| sum.saturating_add(*n));
        let items = tallies.iter().filter(|((kind, item), _)| *kind == TallyKind::HandedOut && !item.is_empty());
        TableSummary {
            place: row.workplace.and_then(|id| self.workplace_name(id)),
            visit: row,
            talked: self.talks_at(visit),
            tapped: sum(TallyKind::Talked),
            handed_out: sum(TallyKind::HandedOut),
            items: items.map(|((_, item), n)| ItemCount { item: item.clone(), n: *n }).collect(),
            signed: self.signed_at(visit),
            passed_by: sum(TallyKind::PassedBy),
            signed_without_name: sum(TallyKind::SignedWithoutName),
            entries: self.entries(visit),
        }
    }

    /// What was counted at a visit, by kind and item.
    pub(super) fn tallied(&self, visit: Id<Visit>) -> BTreeMap<(TallyKind, String), i64> {
        let mut sums = BTreeMap::new();
        for tally in self.at_visit::<Tally>(visit) {
            let (Some(kind), Some(n)) = (tally.kind, tally.n) else { continue };
            let sum: &mut i64 = sums.entry((kind, filled(&tally.item).unwrap_or_default().to_owned())).or_default();
            *sum = sum.saturating_add(n.max(0));
        }
        sums
    }

    /// How many of one kind were counted at a visit.
    pub(super) fn tallied_of(&self, visit: Id<Visit>, kind: TallyKind) -> i64 {
        let tallies = self.tallied(visit);
        tallies.iter().filter(|((of, _), _)| *of == kind).fold(0, |sum: i64, (_, n)| sum.saturating_add(*n))
    }

    /// How many talks a visit had. One that is written down was tapped before, or was not tapped at all, so the larger number
    /// counts.
    pub(super) fn talks_at(&self, visit: Id<Visit>) -> i64 {
        self.tallied_of(visit, TallyKind::Talked).max(self.written_talks_at(visit))
    }

    /// Those of them that nobody wrote down.
    pub(super) fn unwritten_talks_at(&self, visit: Id<Visit>) -> i64 {
        self.talks_at(visit).saturating_sub(self.written_talks_at(visit))
    }

    fn written_talks_at(&self, visit: Id<Visit>) -> i64 {
        i64::try_from(self.at_visit::<Talk>(visit).count()).unwrap_or(i64::MAX)
    }

    /// How many persons signed up at a visit: those with a name once each, and those without.
    pub(super) fn signed_at(&self, visit: Id<Visit>) -> i64 {
        let events = self.at_visit::<MembershipEvent>(visit).filter(|event| event.kind == Some(MembershipKind::Signed));
        let persons: BTreeSet<_> = events.filter_map(|event| self.first_of_person(event.contact?)).collect();
        let named = i64::try_from(persons.len()).unwrap_or(i64::MAX);
        let tallies = self.tallied(visit);
        let nameless = tallies.iter().filter(|((kind, _), _)| *kind == TallyKind::SignedWithoutName);
        nameless.fold(named, |sum, (_, n)| sum.saturating_add(*n))
    }

    /// The rows of one table about a visit, by id.
    pub(super) fn at_visit<T: Stored>(&self, visit: Id<Visit>) -> impl Iterator<Item = &T> {
        self.pointing_at_visit::<T>(visit).into_iter().filter_map(|id| self.get(id))
    }

    /// The ids of the rows of one table about a visit, removed ones among them.
    fn pointing_at_visit<T: Stored>(&self, visit: Id<Visit>) -> Vec<Id<T>> {
        let rows = self.rows_of_visit(visit).into_iter();
        let mut ids: Vec<_> = rows.flat_map(|visit| self.indexes.pointing::<T>(visit.row())).collect();
        ids.sort_unstable();
        ids
    }

    /// One row for each visit and person: where several say it, attended wins, declining counts over an invitation, which
    /// may have been written without knowing of it, and then the later.
    pub(super) fn attendances<'a>(&self, all: impl Iterator<Item = &'a Attendance>) -> Vec<&'a Attendance> {
        let mut folded: BTreeMap<_, &Attendance> = BTreeMap::new();
        for row in all {
            let Some(person) = row.contact.and_then(|id| self.first_of_person(id)) else { continue };
            let visit = row.visit.map(|visit| self.first_of_visit(visit));
            let kept = folded.entry((visit, person)).or_insert(row);
            if weight(row) > weight(kept) {
                *kept = row;
            }
        }
        folded.into_values().collect()
    }

    /// The rows of one person at a visit, the one that counts last.
    pub(crate) fn attendances_at(&self, visit: Id<Visit>, contact: Id<Contact>) -> Vec<&Attendance> {
        let person = self.first_of_person(contact);
        let same = |row: &&Attendance| row.contact.and_then(|id| self.first_of_person(id)) == person;
        let mut rows: Vec<_> = self.at_visit::<Attendance>(visit).filter(same).collect();
        rows.sort_unstable_by_key(|row| weight(row));
        rows
    }

    fn entries(&self, visit: Id<Visit>) -> Vec<EntryView> {
        let mut rows = Vec::new();
        rows.extend(self.pointing_at_visit::<Talk>(visit).into_iter().map(|id| (id.row(), Table::Talks)));
        rows.extend(
            self.pointing_at_visit::<MembershipEvent>(visit).into_iter().map(|id| (id.row(), Table::Memberships)),
        );
        rows.extend(self.pointing_at_visit::<Attendance>(visit).into_iter().map(|id| (id.row(), Table::Attendance)));
        rows.extend(self.pointing_at_visit::<FollowUp>(visit).into_iter().map(|id| (id.row(), Table::FollowUps)));
        rows.extend(self.pointing_at_visit::<Move>(visit).into_iter().map(|id| (id.row(), Table::Moves)));
        rows.sort_unstable_by(|one, other| other.cmp(one));
        rows.truncate(LAST_ENTRIES);
        rows.into_iter().filter_map(|(id, table)| self.entry_view(table, id)).collect()
    }

    fn entry_view(&self, table: Table, id: RowId) -> Option<EntryView> {
        let (row, live, by) = super::rows::for_table!(table, T => {
            let held = self.rows.held(Id::<T>::from(id))?;
            (Row::from(held.row.clone()), held.live, held.by)
        });
        let field = match table {
            Table::Talks => "answer",
            Table::Attendance => "state",
            _ => "kind",
        };
        Some(EntryView {
            id,
            table,
            at: id.made_at().map(|at| moment_text(&Moment::from(at))).unwrap_or_default(),
            what: row.get(field).map(|value| value.to_string()).unwrap_or_default(),
            name: self.title_of(&row),
            device: by.map(|device| self.device_name(device)).unwrap_or_default(),
            mine: by.is_some() && by == self.me,
            removed: !live,
        })
    }
}

/// Of several rows about one person at a visit the greatest counts.
fn weight(row: &Attendance) -> (u8, Id<Attendance>) {
    let rank = match row.state {
        Some(AttendanceState::Attended) => 2,
        Some(AttendanceState::Declined) => 1,
        Some(AttendanceState::Invited) | None => 0,
    };
    (rank, row.id)
}
