//! Things to do that follow by themselves become somebody's: each has a handle on the lists, by which it is taken or noted
//! as done. Either writes the follow-up with its cause, so that it stands on the list of every phone as taken, or not at all.

use chrono::TimeDelta;
use samla_core::register::{Register, ReportQuery};
use samla_core::tables::{Contact, Draft, FollowUp, FollowUpDraft, FollowUpKind, Patch, Person, Row, Table};
use samla_core::{BookError, Claimed, Date, Id, RowId};
use serde::Serialize;

use super::people::person;
use super::rows::tell_id;
use super::season::me;
use crate::args::{Claim, Done};
use crate::desk::{Desk, now, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// So many digits of an id's end stand in a handle.
const DIGITS: usize = 6;
/// What follows by itself is looked for in steps of so many days: nothing stands on the list for less.
const STEP: i64 = 30;
/// So many steps back and ahead, as far as `due` may have been asked for.
const STEPS: std::ops::RangeInclusive<i64> = -2..=12;

/// Something on a list, under the handle by which it is taken; without one where it has been.
#[derive(Debug, Serialize)]
pub(super) struct Handled<V> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) handle: Option<String>,
    #[serde(flatten)]
    pub(super) view: V,
}

/// What a list shows, each under the handle of what taking it writes.
pub(super) fn handled<V>(views: Vec<V>, draft: impl Fn(&V) -> Option<&FollowUpDraft>) -> Vec<Handled<V>> {
    let handled = |view| Handled { handle: draft(&view).and_then(handle), view };
    views.into_iter().map(handled).collect()
}

/// What a thing to do is called: the word of its cause, then the end of the person's id and that of what else the cause
/// names, such as `first_day:3f2a9c`. It is made of what the thing is about, so it holds when the command is run again.
pub(super) fn handle(draft: &FollowUpDraft) -> Option<String> {
    let (word, of) = parts(draft.cause.as_deref()?);
    let end = |id: RowId| Some(id.to_string().split_at_checked(2 * 16 - DIGITS)?.1.to_owned());
    let ends: Vec<_> = [draft.contact?.row()].into_iter().chain(of).filter_map(end).collect();
    Some(format!("{word}:{}", ends.join("-")))
}

/// The word of a cause, and the row that it names besides the person.
fn parts(cause: &str) -> (&str, Option<RowId>) {
    let (word, of) = cause.split_once(' ').unwrap_or((cause, ""));
    (word, of.parse().ok())
}

/// A handle as typed; more of the ids may be typed than it shows.
struct Handle<'a> {
    word: &'a str,
    contact: &'a str,
    of: Option<&'a str>,
}

impl<'a> Handle<'a> {
    fn read(typed: &'a str) -> Option<Self> {
        let (word, ends) = typed.trim().split_once(':')?;
        let (contact, of) = ends.split_once('-').map_or((ends, None), |(contact, of)| (contact, Some(of)));
        let is_end = |end: &str| end.len() >= DIGITS && end.bytes().all(|digit| digit.is_ascii_hexdigit());
        (is_end(contact) && of.is_none_or(is_end)).then_some(Self { word, contact, of })
    }

    fn names(&self, register: &Register, contact: Option<Id<Contact>>, cause: Option<&str>) -> bool {
        let (Some(contact), Some((word, of))) = (contact, cause.map(parts)) else { return false };
        let ends = |id: RowId, end: &str| id.to_string().ends_with(&end.to_ascii_lowercase());
        word == self.word
            && self.of.is_none_or(|end| of.is_some_and(|id| ends(id, end)))
            && (ends(contact.row(), self.contact)
                || register.same_person(contact).iter().any(|id| ends(id.row(), self.contact)))
    }
}

/// What was meant.
enum Found {
    /// It stands on a list, and nobody has written it down.
    Drafted(FollowUpDraft),
    /// It is written down.
    Written(FollowUp),
}

fn find(desk: &Desk, typed: &str, words: &Words) -> Result<Found, Failure> {
    let register = desk.register();
    if let Ok(id) = typed.parse::<Id<FollowUp>>() {
        let row = register.get(id).ok_or(BookError::UnknownRow)?;
        return Ok(Found::Written(row.clone()));
    }
    let handle = Handle::read(typed).ok_or(Failure::NothingDue)?;
    let mut drafts = drafted(register, words);
    drafts.retain(|draft| handle.names(register, draft.contact, draft.cause.as_deref()));
    if let Some(draft) = drafts.pop() {
        let other = |one: &FollowUpDraft| (one.contact, &one.cause) != (draft.contact, &draft.cause);
        return if drafts.iter().any(other) { Err(Failure::SeveralDue) } else { Ok(Found::Drafted(draft)) };
    }
    let rows = register.rows(Table::FollowUps).into_iter().filter_map(|row| match row {
        Row::FollowUps(row) => Some(row),
        _ => None,
    });
    let rows: Vec<_> = rows.filter(|row| handle.names(register, row.contact, row.cause.as_deref())).collect();
    let mine = me(desk).ok();
    let open = || rows.iter().filter(|row| row.done_at.is_none());
    let row =
        open().rfind(|row| row.owner == mine).or(open().next_back()).or(rows.last()).ok_or(Failure::NothingDue)?;
    let about = |row: &FollowUp| {
        let person = row.contact.map(|contact| register.same_person(contact));
        (person, row.cause.as_deref().and_then(|cause| parts(cause).1))
    };
    let several = rows.iter().any(|other| about(other) != about(row));
    if several { Err(Failure::SeveralDue) } else { Ok(Found::Written(row.clone())) }
}

/// All that stands on a list and is not written down, as taking it writes it.
fn drafted(register: &Register, words: &Words) -> Vec<FollowUpDraft> {
    let (language, today) = (words.language(), today());
    let called = |what: &str, draft: FollowUpDraft| FollowUpDraft { what: Some(what.to_owned()), ..draft };
    let days = STEPS.filter_map(|step| today.checked_add_signed(TimeDelta::days(step * STEP)));
    let automatic = days.flat_map(|day| register.automatic(day));
    let automatic = automatic.map(|view| called(language.word(view.reason), view.draft));
    let talks = register.save_talks(today).into_iter().filter(|view| view.follow_up.is_none());
    let talks = talks.map(|view| called(language.word(FollowUpKind::SaveTalk), view.draft));
    let ever = ReportQuery::of(Date::MIN, today, today);
    let members = register.new_members(&ever).into_iter().filter(|view| view.steps.is_empty());
    let members = members.map(|view| called(language.word(FollowUpKind::Welcome), view.draft));
    let thanks = register.thanks_due(&ever).into_iter();
    let thanks = thanks.map(|view| called(&words.say("claim.thank", &[("name", &view.name)]), view.draft));
    automatic.chain(talks).chain(members).chain(thanks).collect()
}

/// Takes something to do.
pub(super) fn claim(desk: &mut Desk, asked: &Claim, say: &mut Say) -> Result<(), Failure> {
    let owner = asked.whom.as_deref().map(|whom| person(desk, whom)).transpose()?;
    let claimed = match find(desk, &asked.what, say.words())? {
        Found::Drafted(draft) => {
            let draft = FollowUpDraft { due: asked.due.or(draft.due), ..draft };
            take(desk, &draft, owner, asked.take_over)?
        }
        Found::Written(row) if row.done_at.is_some() => return Err(Failure::NothingDue),
        Found::Written(row) if row.cause.is_none() => claim_row(desk, &row, owner, asked.take_over)?,
        Found::Written(FollowUp { contact, workplace, visit, cause, .. }) => {
            let draft = FollowUpDraft { contact, workplace, visit, cause, ..FollowUpDraft::default() };
            take(desk, &draft, owner, asked.take_over)?
        }
    };
    let redated = claimed.follow_up.filter(|id| desk.register().get(*id).is_some_and(|row| row.due != asked.due));
    if let (Some(id), Some(_)) = (redated, asked.due) {
        set(desk, id, FollowUpDraft { due: asked.due, ..FollowUpDraft::default() })?;
    }
    tell_claimed(&claimed, say)
}

/// Takes what has a cause, for the user or for a colleague.
fn take(desk: &mut Desk, draft: &FollowUpDraft, whom: Option<Id<Person>>, over: bool) -> Result<Claimed, Failure> {
    desk.act(|book, ctx| match whom {
        Some(whom) => book.claim_for(ctx, draft, whom, over),
        None => book.claim(ctx, draft, over),
    })
}

/// Takes something that somebody wrote down, without a cause that others could have written it down for.
fn claim_row(desk: &mut Desk, row: &FollowUp, owner: Option<Id<Person>>, take_over: bool) -> Result<Claimed, Failure> {
    let owner = owner.map_or_else(|| me(desk), Ok)?;
    let other = row.owner.filter(|other| *other != owner);
    let held_by = other.and_then(|other| desk.register().person_name(other)).into_iter().collect();
    if other.is_some() && !take_over {
        return Ok(Claimed { follow_up: None, held_by });
    }
    if row.owner != Some(owner) {
        set(desk, row.id, FollowUpDraft { owner: Some(owner), ..FollowUpDraft::default() })?;
    }
    Ok(Claimed { follow_up: Some(row.id), held_by })
}

/// Tells what was taken, or who has it already.
pub(super) fn tell_claimed(claimed: &Claimed, say: &mut Say) -> Result<(), Failure> {
    say.tell(claimed, |claimed, words| {
        let held = claimed.held_by.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
        let held = (!held.is_empty()).then(|| words.say("claim.held_by", &[("names", &held)]));
        claimed.follow_up.map(|id| format!("follow_ups {id}")).into_iter().chain(held).collect()
    })
}

/// Notes that something is done.
pub(super) fn done(desk: &mut Desk, asked: &Done, say: &mut Say) -> Result<(), Failure> {
    let owner = asked.whom.as_deref().map(|whom| person(desk, whom)).transpose()?;
    let (done_at, outcome) = (Some(now()), asked.outcome.clone());
    let id = match find(desk, &asked.what, say.words())? {
        Found::Drafted(draft) => {
            let owner = owner.or_else(|| me(desk).ok());
            let draft = Draft::from(FollowUpDraft { owner, done_at, outcome, ..draft });
            desk.act(|book, ctx| book.add(ctx, &draft))?
        }
        Found::Written(row) => {
            // As on the phones: a promise that is done is kept.
            let kept = (row.kind == Some(FollowUpKind::Promise)).then_some(true);
            let owner = owner.or_else(|| row.owner.is_none().then(|| me(desk).ok()).flatten());
            if row.done_at.is_none() {
                set(desk, row.id, FollowUpDraft { owner, done_at, outcome, kept, ..FollowUpDraft::default() })?;
            }
            row.id.row()
        }
    };
    tell_id(id, say)
}

fn set(desk: &mut Desk, id: Id<FollowUp>, fields: FollowUpDraft) -> Result<(), Failure> {
    let patch = Patch { id: id.row(), set: fields.into(), clear: Vec::new() };
    desk.act(|book, ctx| book.set(ctx, &patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_names_what_it_was_made_of_and_nothing_else() {
        let contact = |last| Id::<Contact>::from(RowId::from_bytes([last; 16]));
        let cause = format!("after_meeting {}", RowId::from_bytes([7; 16]));
        let draft = FollowUpDraft { contact: Some(contact(1)), cause: Some(cause.clone()), ..FollowUpDraft::default() };
        let made = handle(&draft).unwrap();
        assert_eq!(made, "after_meeting:010101-070707");
        let register = Register::default();
        let names = |typed: &str, id| Handle::read(typed).unwrap().names(&register, Some(contact(id)), Some(&cause));
        for typed in [made.as_str(), "after_meeting:010101", "after_meeting:0101010101-07070707"] {
            assert!(names(typed, 1) && !names(typed, 2), "{typed}");
        }
        assert!(!names("after_meeting:010101-080808", 1) && !names("first_day:010101", 1));
        for typed in ["after_meeting", "after_meeting:", "after_meeting:0101", "after_meeting:010101-", "a:nothex"] {
            assert!(Handle::read(typed).is_none(), "{typed}");
        }
    }
}
