//! What happened between two lists of one employer: who came, who went, who moved.

use std::collections::HashMap;

use serde::Serialize;

use super::ListError;
use super::dry_run::{ListTerms, sure_one};
use super::pairs::{Entry, entries, once_each, pair};
use super::read::List;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::matching::MatchReason;
use crate::tables::Contact;

/// What happened between two lists of one employer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ListChangesView {
    /// Those whom only the later list has, by their first day where it tells.
    pub came: Vec<ListedView>,
    /// Those whom only the earlier list has.
    pub went: Vec<ListedView>,
    /// Those who are on both, at another workplace or department.
    pub moved: Vec<MovedView>,
    /// How many are on both.
    pub stayed: usize,
}

/// Somebody on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ListedView {
    /// The line of the file, from 1.
    pub line: u32,
    /// Name.
    pub name: String,
    /// The contact, where the register surely has the person.
    pub contact: Option<Id<Contact>>,
    /// The workplace, as the list calls it.
    pub workplace: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The job.
    pub job: Option<String>,
    /// First day in the job.
    pub hired_on: Option<Date>,
}

/// Somebody who is elsewhere now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MovedView {
    /// As the earlier list has it.
    pub before: ListedView,
    /// As the later list has it.
    pub after: ListedView,
    /// What shows that the two are one person. By the name alone it is likely and not sure.
    pub reasons: Vec<MatchReason>,
}

/// Holds two lists of one employer against each other, the earlier first. Both read for one key are paired by personal
/// number where they have it.
pub fn list_changes(
    register: &Register,
    earlier: (&List, &ListTerms),
    later: (&List, &ListTerms),
) -> Result<ListChangesView, ListError> {
    let (before, after) = (entries(register, earlier.0, earlier.1)?, entries(register, later.0, later.1)?);
    let (before, after) = (once_each(before), once_each(after));
    let mut pairs = pair(&before, &after);
    pair_lone_names(&before, &after, &mut pairs);

    let mut view = ListChangesView::default();
    let mut met = vec![false; before.len()];
    for (entry, pair) in after.iter().zip(pairs) {
        let Some((at, reasons)) = pair else {
            view.came.push(listed(register, entry));
            continue;
        };
        met.get_mut(at).into_iter().for_each(|met| *met = true);
        view.stayed += 1;
        let Some(was) = before.get(at) else { continue };
        if has_moved(was, entry) {
            let (before, after) = (listed(register, was), listed(register, entry));
            view.moved.push(MovedView { before, after, reasons: reasons.into_iter().collect() });
        }
    }
    let gone = before.iter().zip(met).filter(|(_, met)| !met);
    view.went = gone.map(|(entry, _)| listed(register, entry)).collect();
    view.came.sort_by_key(|person| (person.hired_on.is_none(), person.hired_on, person.line));
    Ok(view)
}

/// A whole name that stands once in each list is taken for one person who moved, though nothing else tells.
fn pair_lone_names(
    before: &[Entry],
    after: &[Entry],
    pairs: &mut [Option<(usize, std::collections::BTreeSet<MatchReason>)>],
) {
    fn once(entries: &[Entry]) -> HashMap<&str, Option<usize>> {
        let mut names: HashMap<&str, Option<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            if let Some(name) = &entry.keys.name {
                names.entry(name).and_modify(|place| *place = None).or_insert(Some(at));
            }
        }
        names
    }
    let (was, is) = (once(before), once(after));
    let paired: std::collections::BTreeSet<_> = pairs.iter().flatten().map(|(at, _)| *at).collect();
    for (name, place) in is {
        let (Some(now), Some(Some(then))) = (place, was.get(name).copied()) else { continue };
        let (Some(before), Some(after)) = (before.get(then), after.get(now)) else { continue };
        if let Some(pair) = pairs.get_mut(now).filter(|pair| pair.is_none() && !paired.contains(&then)) {
            *pair = super::pairs::compare(before, after).map(|reasons| (then, reasons));
        }
    }
}

fn has_moved(was: &Entry, is: &Entry) -> bool {
    let differ = |one: &Option<String>, other: &Option<String>| {
        one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one.to_lowercase() != other.to_lowercase())
    };
    let elsewhere = match was.workplace.zip(is.workplace) {
        Some((one, other)) => one != other,
        None => differ(&was.listed.workplace, &is.listed.workplace),
    };
    elsewhere || differ(&was.listed.department, &is.listed.department)
}

fn listed(register: &Register, entry: &Entry) -> ListedView {
    let contact = sure_one(register.candidates(&entry.keys)).ok().flatten().map(|one| one.contact);
    let row = &entry.listed;
    ListedView {
        line: row.line,
        name: row.name(),
        contact,
        workplace: row.workplace.clone().or_else(|| entry.workplace.and_then(|id| register.workplace_name(id))),
        department: row.department.clone(),
        job: row.job.clone(),
        hired_on: row.hired_on,
    }
}
