//! What rows are called on a screen.

use serde::Serialize;

use super::Register;
use crate::ids::{DeviceId, Id, RowId};
use crate::tables::{Campaign, Contact, Device, FieldPath, Material, Person, Row, Scalar, Table, Visit, Workplace};

/// A phone or computer of a member, for the list of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DeviceView {
    /// The device.
    pub id: DeviceId,
    /// What its owner calls it.
    pub label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// What it may do; filled in by whoever knows the roster.
    pub role: Option<String>,
    /// Whether it is the one that shows this.
    pub mine: bool,
}

impl Register {
    /// The devices that have written their name down.
    pub fn devices(&self) -> Vec<DeviceView> {
        let view = |device: &Device| DeviceView {
            id: device.id,
            label: filled(&device.label).map(str::to_owned),
            person_name: device.person.and_then(|id| self.person_name(id)),
            role: None,
            mine: self.me == Some(device.id),
        };
        self.all().map(view).collect()
    }

    /// A contact's name; without one its phone number, its address, or the end of its id. Removed contacts keep theirs.
    pub fn contact_name(&self, id: Id<Contact>) -> String {
        self.rows.held(id).and_then(|held| name_of(&held.row)).unwrap_or_else(|| short(id.row()))
    }

    /// The name of a person whose contacts are read as one.
    pub fn name_of_merged(&self, merged: &Contact) -> String {
        name_of(merged).unwrap_or_else(|| self.contact_name(merged.id))
    }

    /// A steward's name.
    pub fn person_name(&self, id: Id<Person>) -> Option<String> {
        self.rows.held(id).and_then(|held| filled(&held.row.name).map(str::to_owned))
    }

    /// A workplace's name.
    pub fn workplace_name(&self, id: Id<Workplace>) -> Option<String> {
        self.rows.held(id).and_then(|held| filled(&held.row.name).map(str::to_owned))
    }

    /// A campaign's name.
    pub fn campaign_name(&self, id: Id<Campaign>) -> Option<String> {
        self.rows.held(id).and_then(|held| filled(&held.row.name).map(str::to_owned))
    }

    /// Who writes on a device: its person's name, else what it is called, else the end of its id.
    pub fn device_name(&self, id: DeviceId) -> String {
        let device = self.rows.held(id).map(|held| &held.row);
        let person = device.and_then(|device| device.person).and_then(|id| self.person_name(id));
        person
            .or_else(|| device.and_then(|device| filled(&device.label)).map(str::to_owned))
            .unwrap_or_else(|| short(id.row()))
    }

    /// Where a visit is: the workplace and the spot.
    pub(super) fn place_of(&self, visit: &Visit) -> String {
        let workplace = visit.workplace.and_then(|id| self.workplace_name(id));
        let parts = [workplace.as_deref(), filled(&visit.spot)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What any row is called, removed rows too: its own name, else the place of its visit, else the end of its id.
    pub(crate) fn title(&self, table: Table, id: RowId) -> String {
        let row = super::rows::for_table!(table, T => {
            self.rows.held(Id::<T>::from(id)).map(|held| Row::from(held.row.clone()))
        });
        let visit = |row: &Row| Id::from_value(row.get("visit")?).and_then(|id: Id<Visit>| self.rows.held(id));
        let place = |row: &Row| visit(row).map(|held| self.place_of(&held.row)).filter(|place| !place.is_empty());
        row.and_then(|row| self.title_of(&row).or_else(|| place(&row))).unwrap_or_else(|| short(id))
    }

    /// What a row is called, if anything tells.
    pub(super) fn title_of(&self, row: &Row) -> Option<String> {
        let contact = |id: Option<Id<Contact>>| id.map(|id| self.contact_name(id));
        match row {
            Row::People(person) => filled(&person.name).map(str::to_owned),
            Row::Workplaces(workplace) => filled(&workplace.name).map(str::to_owned),
            Row::Contacts(contact) => name_of(contact),
            Row::Links(link) => contact(link.a).zip(contact(link.b)).map(|(a, b)| format!("{a}, {b}")),
            Row::Talks(talk) => contact(talk.contact),
            Row::Visits(visit) => Some(self.place_of(visit)).filter(|place| !place.is_empty()),
            Row::Shifts(shift) => shift.person.and_then(|id| self.person_name(id)),
            Row::Attendance(attendance) => contact(attendance.contact),
            Row::Tallies(_) => None,
            Row::Memberships(event) => contact(event.contact),
            Row::FollowUps(follow_up) => {
                filled(&follow_up.what).map(str::to_owned).or_else(|| contact(follow_up.contact))
            }
            Row::Consents(consent) => contact(consent.contact),
            Row::Campaigns(campaign) => filled(&campaign.name).map(str::to_owned),
            Row::Materials(material) => filled(&material.name).map(str::to_owned),
            Row::Moves(moved) => moved.material.map(|id: Id<Material>| self.title(Table::Materials, id.row())),
            Row::Checks(check) => check.workplace.and_then(|id| self.workplace_name(id)),
            Row::Calendar(entry) => entry.workplace.and_then(|id| self.workplace_name(id)),
            Row::Topics(topic) => filled(&topic.title).map(str::to_owned),
            Row::Raises(raise) => raise.topic.map(|id| self.title(Table::Topics, id.row())),
            Row::Goals(goal) => {
                let metric = || goal.metric.map(|id| self.title(Table::Metrics, id.row()));
                goal.campaign.and_then(|id| self.campaign_name(id)).or_else(metric)
            }
            Row::Metrics(metric) => filled(&metric.name).map(str::to_owned),
            Row::Readings(reading) => reading.metric.map(|id| self.title(Table::Metrics, id.row())),
            Row::Reasons(reason) => filled(&reason.text).map(str::to_owned),
            Row::Guides(guide) => filled(&guide.title).map(str::to_owned),
            Row::Polls(poll) => filled(&poll.question).map(str::to_owned),
            Row::Answers(answer) => answer.poll.map(|id| self.title(Table::Polls, id.row())),
            Row::Imports(list) => filled(&list.purpose).map(str::to_owned),
            Row::Settings(settings) => filled(&settings.name).map(str::to_owned),
            Row::Conflicts(kept) => {
                let path: FieldPath = kept.path.as_deref()?.parse().ok()?;
                Some(self.title(path.table, path.id))
            }
            Row::Devices(device) => Some(self.device_name(device.id)),
        }
    }
}

/// The name on a contact, or what else tells who it is.
pub(super) fn name_of(contact: &Contact) -> Option<String> {
    let names = [filled(&contact.given_name), filled(&contact.family_name)];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let instead = || filled(&contact.phone).or(filled(&contact.email)).map(str::to_owned);
    if name.is_empty() { instead() } else { Some(name) }
}

/// The text, unless there is nothing in it.
pub(super) fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn short(id: RowId) -> String {
    format!("{id:?}")
}
