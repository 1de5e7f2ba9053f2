//! From paired rows to decisions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Decision, DecisionKind, DecisionState, DecisionView, Proposal, Side};
use crate::context::Date;
use crate::ids::Id;
use crate::lists::dry_run::{CandidateView, Difference, and_others, differences_of, draft_of, same_words, sure_one};
use crate::lists::pairs::{Entry, firsts, pair};
use crate::lists::plan::origin_of;
use crate::lists::read::Course;
use crate::lists::{ListError, ListProgress, MatchReason};
use crate::register::Register;
use crate::register::alike::{Colleagues, PlacedName};
use crate::register::matching::Candidate;
use crate::tables::{Contact, ContactDraft, ImportSource, Membership, MembershipKind, Value, Workplace};

/// What the three lists have of one person.
#[derive(Default)]
struct Person<'a> {
    contacts: BTreeSet<Id<Contact>>,
    employer: Option<&'a Entry>,
    office: Option<&'a Entry>,
    /// Further rows of a list that say something else than the first.
    again: Vec<Again<'a>>,
    unsure: Vec<Candidate>,
    reasons: BTreeSet<MatchReason>,
}

/// A further row of one list about one person.
struct Again<'a> {
    source: ImportSource,
    entry: &'a Entry,
    /// The line of the first.
    of: u32,
}

impl<'a> Person<'a> {
    /// A row of a list is about this person.
    fn listed(&mut self, source: ImportSource, entry: &'a Entry) {
        let first = match source {
            ImportSource::Office => &mut self.office,
            ImportSource::Employer | ImportSource::Own => &mut self.employer,
        };
        match *first {
            None => *first = Some(entry),
            Some(first) if same_words(&first.listed, &entry.listed) => {}
            Some(first) => self.again.push(Again { source, entry, of: first.listed.line }),
        }
    }
}

/// Everything a decision is made of.
struct Ground<'a> {
    register: &'a Register,
    has_employer: bool,
    has_office: bool,
    /// The workplaces whose people are missed on a list; none stands for all.
    scope: Option<BTreeSet<Id<Workplace>>>,
    today: Date,
    colleagues: Colleagues,
    decisions: Vec<Decision>,
}

pub(super) fn decisions(
    register: &Register,
    sides: &[Side],
    workplaces: &[Id<Workplace>],
    today: Date,
    tell: &mut dyn FnMut(ListProgress),
) -> Result<Vec<Decision>, ListError> {
    let side = |source| sides.iter().find(|side| side.source == source).map(|side| side.entries.as_slice());
    let (employer, office) = (side(ImportSource::Employer), side(ImportSource::Office));
    let rows = [employer, office].into_iter().flatten().map(<[Entry]>::len).sum::<usize>();
    let mut course = Course::of(rows + register.all::<Contact>().count(), tell);
    let persons = persons(register, employer.unwrap_or_default(), office.unwrap_or_default(), &mut course);
    let mut ground = Ground {
        register,
        has_employer: employer.is_some(),
        has_office: office.is_some(),
        scope: scope(register, workplaces, employer)?,
        today,
        colleagues: Colleagues::of(register),
        decisions: Vec::new(),
    };
    for person in &persons {
        ground.decide(person);
        person.contacts.iter().for_each(|_| course.step());
    }
    let mut decisions = ground.decisions;
    let key = |decision: &Decision| (decision.view.kind, decision.view.name.clone(), decision.view.contact);
    decisions.sort_by_key(key);
    decisions.iter_mut().enumerate().for_each(|(id, decision)| decision.view.id = id);
    Ok(decisions)
}

/// The workplaces asked for and the sites within them; else those that the employer's list names. A list that names none
/// would have nobody missed, whoever it lacks.
fn scope(
    register: &Register,
    asked: &[Id<Workplace>],
    employer: Option<&[Entry]>,
) -> Result<Option<BTreeSet<Id<Workplace>>>, ListError> {
    let mut scope: BTreeSet<_> = match employer {
        _ if !asked.is_empty() => asked.iter().copied().collect(),
        Some(rows) => rows.iter().filter_map(|row| row.workplace).collect(),
        None => return Ok(None),
    };
    if scope.is_empty() {
        // A register without workplaces is one workplace.
        let has_any = register.all::<Workplace>().next().is_some();
        return if has_any { Err(ListError::NoWorkplace) } else { Ok(None) };
    }
    loop {
        let within =
            register.all::<Workplace>().filter(|place| place.parent.is_some_and(|parent| scope.contains(&parent)));
        let more: Vec<_> = within.map(|place| place.id).filter(|id| !scope.contains(id)).collect();
        if more.is_empty() {
            return Ok(Some(scope));
        }
        scope.extend(more);
    }
}

/// Everybody of the three lists once.
fn persons<'a>(
    register: &Register,
    employer: &'a [Entry],
    office: &'a [Entry],
    course: &mut Course<'_>,
) -> Vec<Person<'a>> {
    let mut persons: Vec<Person<'a>> = Vec::new();
    let mut by_contact: HashMap<Id<Contact>, usize> = HashMap::new();
    let mut of_employer: Vec<usize> = Vec::with_capacity(employer.len());
    for (entry, first) in employer.iter().zip(firsts(employer)) {
        let tied = of_employer.get(first).copied();
        let at = place(register, entry, tied, &mut persons, &mut by_contact);
        persons.get_mut(at).into_iter().for_each(|person| person.listed(ImportSource::Employer, entry));
        of_employer.push(at);
        course.step();
    }
    let mut of_office: Vec<usize> = Vec::with_capacity(office.len());
    for ((entry, first), pair) in office.iter().zip(firsts(office)).zip(pair(employer, office)) {
        let paired = pair.as_ref().and_then(|(at, _)| of_employer.get(*at)).copied();
        let tied = of_office.get(first).copied().or(paired);
        let at = place(register, entry, tied, &mut persons, &mut by_contact);
        if let Some(person) = persons.get_mut(at) {
            person.listed(ImportSource::Office, entry);
            person.reasons.extend(pair.into_iter().flat_map(|(_, reasons)| reasons));
        }
        of_office.push(at);
        course.step();
    }
    for contact in register.persons() {
        if !by_contact.contains_key(&contact.id) {
            persons.push(Person { contacts: BTreeSet::from([contact.id]), ..Person::default() });
        }
    }
    persons
}

/// Finds or makes the person that a row is about: the one its pair is tied to, the one of its contact, or a new one.
fn place(
    register: &Register,
    entry: &Entry,
    tied: Option<usize>,
    persons: &mut Vec<Person<'_>>,
    by_contact: &mut HashMap<Id<Contact>, usize>,
) -> usize {
    let (found, unsure) = match sure_one(register.candidates(&entry.keys)) {
        Ok(found) => (found, Vec::new()),
        Err(several) => (None, several),
    };
    let known = found.as_ref().and_then(|one| by_contact.get(&one.contact)).copied();
    let at = tied.or(known).unwrap_or_else(|| {
        persons.push(Person::default());
        persons.len() - 1
    });
    if let Some(person) = persons.get_mut(at) {
        if let Some(one) = found {
            person.contacts.insert(one.contact);
            person.reasons.extend(one.reasons);
            person.unsure.clear();
            by_contact.entry(one.contact).or_insert(at);
        } else if person.contacts.is_empty() {
            person.unsure.extend(unsure);
        }
    }
    at
}

/// What the office's list says of a membership: whoever is on it without another word is a member.
fn is_member_by(entry: &Entry) -> bool {
    entry.listed.membership.is_none_or(|status| status.is_in() || status == Membership::Unknown)
}

/// Whether the office's list says more than the register: a member where it has none. Those on trial are on that list, too, so
/// only its word tells that they pay dues now.
fn has_joined(entry: &Entry, status: Membership) -> bool {
    match status {
        Membership::Trial => entry.listed.membership == Some(Membership::Member),
        status => is_member_by(entry) && !status.is_in(),
    }
}

impl Ground<'_> {
    fn decide(&mut self, person: &Person<'_>) {
        for again in &person.again {
            self.twice(person, again);
        }
        let mut contacts = person.contacts.iter().copied();
        match contacts.next() {
            Some(contact) => {
                for other in contacts {
                    self.one_person(person, contact, other);
                }
                self.of_contact(person, contact);
            }
            None if !person.unsure.is_empty() => {
                let mut view = self.view(DecisionKind::Unsure, person, None);
                view.candidates = candidates(self.register, &person.unsure);
                self.push(view, Proposal::Nothing);
            }
            None => self.of_stranger(person),
        }
    }

    /// The first row counts; what the other says is for somebody to see.
    fn twice(&mut self, person: &Person<'_>, again: &Again<'_>) {
        let mut view = self.view(DecisionKind::Twice, person, person.contacts.first().copied());
        let line = Some(again.entry.listed.line);
        (view.employer_line, view.office_line) = match again.source {
            ImportSource::Office => (None, line),
            ImportSource::Employer | ImportSource::Own => (line, None),
        };
        view.name = again.entry.listed.name();
        view.says = Some(again.source);
        view.again_of = Some(again.of);
        self.push(view, Proposal::Nothing);
    }

    fn one_person(&mut self, person: &Person<'_>, a: Id<Contact>, b: Id<Contact>) {
        let mut view = self.view(DecisionKind::OnePerson, person, Some(a));
        view.candidates = vec![candidate(self.register, b, &person.reasons)];
        self.push(view, Proposal::Link { a, b });
    }

    /// Somebody on a list whom the register does not have.
    fn of_stranger(&mut self, person: &Person<'_>) {
        let member = person.office.filter(|entry| is_member_by(entry));
        let Some(main) = person.employer.or(member) else { return };
        let mut draft = draft_of(&main.listed, main.workplace);
        if let Some(office) = person.office {
            let more = draft_of(&office.listed, office.workplace);
            draft.phone = draft.phone.or(more.phone);
            draft.email = draft.email.or(more.email);
            draft.workplace = draft.workplace.or(more.workplace);
        }
        let status = member.and_then(|entry| entry.listed.membership);
        let since = member.filter(|_| status != Some(Membership::Trial));
        let since = since.map(|entry| entry.listed.member_from().unwrap_or(self.today));
        draft.membership = status.filter(|status| matches!(status, Membership::Trial | Membership::Leaving));
        let kind = if member.is_some() { DecisionKind::NewMember } else { DecisionKind::NewAtEmployer };
        let mut view = self.view(kind, person, None);
        view.workplace_name = draft.workplace.and_then(|id| self.register.workplace_name(id));
        view.says = Some(if member.is_some() { ImportSource::Office } else { ImportSource::Employer });
        view.on = since;
        view.candidates = candidates(self.register, &self.perhaps_known(main, &draft));
        draft.source = view.says.map(|source| source.text().to_owned());
        draft.origin = view.says.and_then(origin_of);
        self.push(view, Proposal::Add { draft: Box::new(draft), member_since: since });
    }

    /// Those of the register at the same site whose names sound like this one's, and those of this very name at another
    /// workplace, who may have moved.
    fn perhaps_known(&mut self, row: &Entry, draft: &ContactDraft) -> Vec<Candidate> {
        let register = self.register;
        let names = [draft.given_name.as_deref(), draft.family_name.as_deref()];
        let name = PlacedName::of(register, names, draft.workplace);
        let alike = name.map(|name| register.sounding_like(&name, &row.keys, &mut self.colleagues));
        let mut elsewhere = register.candidates(&row.keys);
        elsewhere.retain(Candidate::is_namesake_elsewhere);
        and_others(alike.unwrap_or_default(), elsewhere)
    }

    fn of_contact(&mut self, person: &Person<'_>, contact: Id<Contact>) {
        let of_person = self.register.one_person(contact);
        let Some(merged) = self.register.merged(&of_person) else { return };
        let status = self.register.status(&of_person, self.today);
        let in_scope = match (&self.scope, merged.workplace) {
            (None, _) => true,
            (Some(scope), Some(workplace)) => scope.contains(&workplace),
            (Some(_), None) => false,
        };
        if self.has_office {
            self.membership(person, contact, status, in_scope);
        }
        if self.has_employer
            && in_scope
            && person.employer.is_none()
            && let Some(workplace) = merged.workplace
        {
            let view = self.view(DecisionKind::UnknownAtEmployer, person, Some(contact));
            let old = Some(Value::Text(workplace.to_string()));
            let contact = self.register.holder_of(&of_person, "workplace").unwrap_or(contact);
            self.push(view, Proposal::Set { contact, field: "workplace", old, new: None });
        }
        self.fields(person, contact);
    }

    fn membership(&mut self, person: &Person<'_>, contact: Id<Contact>, status: Membership, in_scope: bool) {
        let member = status.is_in();
        let of_person = self.register.one_person(contact);
        let day = self.register.decides_from(&of_person, self.today);
        let (kind, event, on) = match person.office {
            Some(entry) if entry.listed.membership == Some(Membership::Trial) && !member => {
                return self.on_trial(person, contact, status);
            }
            Some(entry) if has_joined(entry, status) => {
                // Who has left and come back is on the list by the first day of all: that day would not end the leaving. Nor
                // are dues paid from the day of a sign-up.
                let events = self.register.has_membership_events(&of_person);
                let on = entry.listed.member_from().filter(|_| !events).unwrap_or(day);
                (DecisionKind::Joined, Some(MembershipKind::Paying), on)
            }
            Some(entry) if !is_member_by(entry) && member => (DecisionKind::Left, Some(MembershipKind::Left), day),
            None if member && in_scope && self.has_employer && person.employer.is_none() => {
                (DecisionKind::Left, Some(MembershipKind::Left), day)
            }
            None if member && in_scope => (DecisionKind::NotAtOffice, None, day),
            _ => return,
        };
        let mut view = self.view(kind, person, Some(contact));
        view.says = person.office.map(|_| ImportSource::Office);
        view.on = event.map(|_| on);
        let proposal = match event {
            Some(kind) => Proposal::Event { contact, kind, on },
            None => Proposal::Ask { contact },
        };
        self.push(view, proposal);
    }

    /// Somebody whom the office has on trial, and the register not as a member: no dues have been paid that an event could
    /// tell of. What events tell is left, and the difference is to be looked at.
    fn on_trial(&mut self, person: &Person<'_>, contact: Id<Contact>, status: Membership) {
        if self.register.has_membership_events(&self.register.one_person(contact)) {
            let [old, new] = [status, Membership::Trial].map(|status| Value::Text(status.text().to_owned()));
            let change = Difference { field: "membership", contact, old: Some(old), new };
            self.field(person, contact, ImportSource::Office, &change);
            if let Some(decision) = self.decisions.last_mut() {
                decision.proposal = Proposal::Nothing;
            }
            return;
        }
        let draft = ContactDraft { membership: Some(Membership::Trial), ..ContactDraft::default() };
        for change in differences_of(self.register, contact, draft) {
            self.field(person, contact, ImportSource::Office, &change);
        }
    }

    /// The fields in which a list says something else; what both say is asked once.
    fn fields(&mut self, person: &Person<'_>, contact: Id<Contact>) {
        let mut asked: BTreeMap<&'static str, Vec<Value>> = BTreeMap::new();
        let sides = [(ImportSource::Employer, person.employer), (ImportSource::Office, person.office)];
        for (source, entry) in sides {
            let Some(entry) = entry else { continue };
            let mut draft = draft_of(&entry.listed, entry.workplace);
            // Where somebody works is the employer's to say, and who is a member is decided above.
            draft.membership = None;
            draft.note = None;
            if source == ImportSource::Office {
                draft.workplace = None;
                draft.department = None;
                draft.job = None;
            }
            for change in differences_of(self.register, contact, draft) {
                let same = asked.entry(change.field).or_default();
                if !same.contains(&change.new) {
                    same.push(change.new.clone());
                    self.field(person, contact, source, &change);
                }
            }
        }
    }

    fn field(&mut self, person: &Person<'_>, contact: Id<Contact>, source: ImportSource, change: &Difference) {
        let moved = change.field == "workplace" && change.old.is_some();
        let kind = if moved { DecisionKind::ChangedWorkplace } else { DecisionKind::Differs };
        let mut view = self.view(kind, person, Some(contact));
        view.says = Some(source);
        view.change = Some(change.view(self.register));
        let (old, new) = (change.old.clone(), Some(change.new.clone()));
        self.push(view, Proposal::Set { contact: change.contact, field: change.field, old, new });
    }

    fn view(&self, kind: DecisionKind, person: &Person<'_>, contact: Option<Id<Contact>>) -> DecisionView {
        let listed = person.employer.or(person.office);
        let workplace = contact.and_then(|id| self.register.contact(id)).and_then(|contact| contact.workplace);
        let workplace = workplace.or_else(|| listed.and_then(|entry| entry.workplace));
        DecisionView {
            id: 0,
            kind,
            state: DecisionState::Open,
            name: match contact {
                Some(id) => self.register.contact_name(id),
                None => listed.map(|entry| entry.listed.name()).unwrap_or_default(),
            },
            contact,
            workplace_name: workplace.and_then(|id| self.register.workplace_name(id)),
            candidates: Vec::new(),
            change: None,
            on: None,
            says: None,
            again_of: None,
            employer_line: person.employer.map(|entry| entry.listed.line),
            office_line: person.office.map(|entry| entry.listed.line),
            reasons: person.reasons.iter().copied().collect(),
        }
    }

    fn push(&mut self, view: DecisionView, proposal: Proposal) {
        self.decisions.push(Decision { view, proposal });
    }
}

fn candidates(register: &Register, all: &[Candidate]) -> Vec<CandidateView> {
    all.iter().map(|one| candidate(register, one.contact, &one.reasons)).collect()
}

fn candidate(register: &Register, contact: Id<Contact>, reasons: &BTreeSet<MatchReason>) -> CandidateView {
    CandidateView {
        contact,
        name: register.contact_name(contact),
        workplace_name: register.contact(contact).and_then(|contact| register.workplace_name(contact.workplace?)),
        reasons: reasons.iter().copied().collect(),
    }
}
