//! Three lists of the same people, held against each other: the stewards' own register, the employer's list of who works
//! where, and the office's list of who is a member.
//!
//! Rows are paired by personal number under a key made for this comparison alone, then by telephone, address and name.
//! A name that only sounds like one at the same site, or is one at another workplace, pairs nothing: somebody new is shown with
//! those who may be the one.
//! What comes out is a list of [`DecisionView`]s, each to accept or to dismiss by a person; what is accepted the book
//! writes at once by ordinary commands, so a comparison that is made again shows what is left. The lists and the key live
//! in memory only.

mod decide;

use serde::Serialize;

use super::dry_run::{CandidateView, FieldChange, ListTerms, Said, UnknownWorkplace};
use super::pairs::{Entry, EntrySteps};
use super::read::{List, ListProgress};
use super::{ListError, MatchReason};
use crate::context::{Context, Date};
use crate::ids::Id;
use crate::register::Register;
use crate::seal::MatchKey;
use crate::tables::{Contact, ContactDraft, ImportSource, MembershipKind, Value, Workplace};

/// What a comparison asks somebody to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Two contacts are one person: the lists tie both to one. Accepted, they are linked.
    OnePerson,
    /// A member by the office's list whom the register does not have. Accepted, the contact is added as a member, or on trial
    /// where the list says so.
    NewMember,
    /// Somebody by the employer's list whom the register does not have. Accepted, the contact is added.
    NewAtEmployer,
    /// A member by the office's list and none by the register, or one on trial whom the list calls a member in so many words.
    /// Accepted, it is written down that dues are paid.
    Joined,
    /// A member by the register, and the office's list says not, or neither list has them. Accepted, it is written down that
    /// they left.
    Left,
    /// A member by the register, at work by the employer's list, and not on the office's. Accepted, a follow-up is to ask.
    NotAtOffice,
    /// At this workplace by the register and not on the employer's list. Accepted, the workplace is emptied.
    UnknownAtEmployer,
    /// At another workplace by the employer's list. Accepted, the workplace is changed.
    ChangedWorkplace,
    /// A list says something else of a field. Accepted, the field is changed; a membership that follows from events is left.
    Differs,
    /// Several in the register may be the one. The register has to tell them apart; there is nothing to accept.
    Unsure,
    /// A further row of a list about one person says something else than the first, which counts. It is to be looked at; there
    /// is nothing to accept.
    Twice,
}

/// How far a decision has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DecisionState {
    /// Nobody has decided.
    Open,
    /// Accepted and written.
    Accepted,
    /// Dismissed.
    Dismissed,
    /// Not written, because somebody had changed it since the comparison.
    ChangedSince,
}

/// One thing to decide.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DecisionView {
    /// Its place in the comparison.
    pub id: usize,
    /// What is to be decided.
    pub kind: DecisionKind,
    /// How far it has come.
    pub state: DecisionState,
    /// The person's name.
    pub name: String,
    /// The contact, where the register has one.
    pub contact: Option<Id<Contact>>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// Those it may be about; the other contact of one person; of somebody new, colleagues whose names sound like theirs and
    /// people of the same name at other workplaces.
    pub candidates: Vec<CandidateView>,
    /// The field that a list says something else of.
    pub change: Option<FieldChange>,
    /// The day that would be written down.
    pub on: Option<Date>,
    /// The list that says so; none where it is what neither says.
    pub says: Option<ImportSource>,
    /// The first line about the person, where this is about a further one.
    pub again_of: Option<u32>,
    /// The line of the employer's list.
    pub employer_line: Option<u32>,
    /// The line of the office's list.
    pub office_line: Option<u32>,
    /// What shows that these rows are one person.
    pub reasons: Vec<MatchReason>,
}

/// What an accepted decision writes.
#[derive(Clone, PartialEq)]
pub(crate) enum Proposal {
    Add { draft: Box<ContactDraft>, member_since: Option<Date> },
    Event { contact: Id<Contact>, kind: MembershipKind, on: Date },
    Set { contact: Id<Contact>, field: &'static str, old: Option<Value>, new: Option<Value> },
    Link { a: Id<Contact>, b: Id<Contact> },
    Ask { contact: Id<Contact> },
    Nothing,
}

/// One decision and what it would write.
#[derive(Clone)]
pub(crate) struct Decision {
    pub(crate) view: DecisionView,
    pub(crate) proposal: Proposal,
}

/// A list that is compared.
pub(crate) struct Side {
    pub(crate) source: ImportSource,
    pub(crate) sha256: String,
    pub(crate) rows: usize,
    pub(crate) said: Said,
    entries: Vec<Entry>,
    unknown: Vec<UnknownWorkplace>,
}

/// A list on its way into a comparison.
pub struct AddSteps {
    source: ImportSource,
    said: Said,
    rows: EntrySteps,
}

/// Without its rows: they are about people.
impl std::fmt::Debug for AddSteps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddSteps").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl AddSteps {
    /// Begins to take a list into the comparison that has read it.
    ///
    /// Fails with [`ListError::OwnList`] for a list of the stewards' own: they are the register's side of it.
    pub fn begin(register: &Register, list: &List, terms: &ListTerms) -> Result<Self, ListError> {
        if terms.source == ImportSource::Own {
            return Err(ListError::OwnList);
        }
        let rows = EntrySteps::begin(register, list, terms)?;
        Ok(Self { source: terms.source, said: Said::of(list, terms), rows })
    }

    /// How far it has come, in rows.
    pub fn progress(&self) -> ListProgress {
        self.rows.progress()
    }

    /// Looks at the next `rows` rows. The comparison is as it was.
    pub fn step(&mut self, register: &Register, rows: usize) -> ListProgress {
        self.rows.step(register, rows)
    }

    /// Takes the list into the comparison, once the last row was looked at: those that were not are looked at now. One of the
    /// same source gives way.
    pub fn finish(self, register: &Register, comparison: &mut Reconcile) {
        let Self { source, said, rows } = self;
        let (total, sha256) = (rows.progress().total, rows.sha256().to_owned());
        let (entries, unknown) = rows.finish(register);
        comparison.sides.retain(|side| side.source != source);
        comparison.sides.push(Side { source, sha256, rows: total, said, entries, unknown });
        comparison.decisions.clear();
        comparison.remembered = false;
    }
}

/// A comparison of the register with a list of the employer, of the office, or both.
pub struct Reconcile {
    key: MatchKey,
    sides: Vec<Side>,
    decisions: Vec<Decision>,
    /// What was said of the lists is remembered.
    pub(crate) remembered: bool,
}

/// Without its rows: they are about people.
impl std::fmt::Debug for Reconcile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reconcile").field("decisions", &self.decisions.len()).finish_non_exhaustive()
    }
}

impl Reconcile {
    /// Begins a comparison and makes its key.
    pub fn begin(ctx: &mut Context<'_>) -> Self {
        Self { key: MatchKey::make(ctx.rng), sides: Vec::new(), decisions: Vec::new(), remembered: false }
    }

    /// Reads a list for this comparison: its personal numbers are turned into tags of this comparison's key.
    pub fn read(&self, bytes: &[u8]) -> Result<List, ListError> {
        List::read_for(bytes, &self.key)
    }

    /// The same, and tells how far it has come: in bytes of its text.
    pub fn read_telling(&self, bytes: &[u8], mut tell: impl FnMut(ListProgress)) -> Result<List, ListError> {
        List::read_with(bytes, Some(&self.key), &mut tell)
    }

    /// Takes a list into the comparison in one go; one of the same source takes the place of the former. For a long list see
    /// [`AddSteps`].
    pub fn add(&mut self, register: &Register, list: &List, terms: &ListTerms) -> Result<(), ListError> {
        AddSteps::begin(register, list, terms)?.finish(register, self);
        Ok(())
    }

    /// Compares, and makes the decisions anew. Only contacts at these workplaces and the sites within them are missed on
    /// a list; without any, those at the workplaces that the employer's list names, and without such a list or without
    /// workplaces everybody.
    ///
    /// Fails with [`ListError::NoWorkplace`] where the employer's list names none that the register has and none is given.
    pub fn compare(&mut self, register: &Register, workplaces: &[Id<Workplace>], today: Date) -> Result<(), ListError> {
        self.compare_telling(register, workplaces, today, |_| {})
    }

    /// The same, and tells how far it has come: in rows of the lists and contacts of the register.
    pub fn compare_telling(
        &mut self,
        register: &Register,
        workplaces: &[Id<Workplace>],
        today: Date,
        mut tell: impl FnMut(ListProgress),
    ) -> Result<(), ListError> {
        self.decisions = decide::decisions(register, &self.sides, workplaces, today, &mut tell)?;
        Ok(())
    }

    /// Names of workplaces in the lists that the register does not have: who works there by the register is not missed.
    pub fn unknown_workplaces(&self) -> impl Iterator<Item = &UnknownWorkplace> {
        self.sides.iter().flat_map(|side| &side.unknown)
    }

    /// The decisions, in the order of their kinds and names.
    pub fn decisions(&self) -> impl Iterator<Item = &DecisionView> {
        self.decisions.iter().map(|decision| &decision.view)
    }

    /// How many decisions nobody has made. What cannot be accepted is looked at and dismissed.
    pub fn open(&self) -> usize {
        self.decisions().filter(|view| view.state == DecisionState::Open).count()
    }

    /// Lets a decision be as it is.
    pub fn dismiss(&mut self, id: usize) {
        self.settle(id, DecisionState::Dismissed);
    }

    pub(crate) fn settle(&mut self, id: usize, state: DecisionState) {
        if let Some(decision) = self.decisions.get_mut(id).filter(|decision| decision.view.state == DecisionState::Open)
        {
            decision.view.state = state;
        }
    }

    pub(crate) fn decision(&self, id: usize) -> Option<&Decision> {
        self.decisions.get(id).filter(|decision| decision.view.state == DecisionState::Open)
    }

    pub(crate) fn sides(&self) -> &[Side] {
        &self.sides
    }
}
