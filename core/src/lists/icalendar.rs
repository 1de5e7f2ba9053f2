//! The schedule as iCalendar (RFC 5545), for the calendar on a phone.

use chrono::Utc;

use super::content_lines::ContentLines;
use crate::context::{Date, Moment};
use crate::ids::Id;
use crate::register::{Register, SeasonVisit};
use crate::tables::{Person, ShiftState, VisitState};

/// The visits of the weeks from `from` to `until`, all of them or those that one person was asked to staff. `now` is when this
/// was written out, as the format wants it.
///
/// Each visit keeps its identity, so a calendar that takes the file in again moves what was moved and strikes out what was
/// called off, and of one person's also a turn that was given away: a calendar keeps what a file no longer names. A calendar
/// is seen by others: an event says where and when, and not what for, who comes or what is noted.
pub fn export_icalendar(
    register: &Register,
    from: Date,
    until: Date,
    person: Option<Id<Person>>,
    now: &Moment,
) -> String {
    let mut lines = ContentLines::default();
    lines.plain("BEGIN", "VCALENDAR");
    lines.plain("VERSION", "2.0");
    lines.plain("PRODID", "-//Samla//Samla//EN");
    lines.plain("METHOD", "PUBLISH");
    let weeks = register.season(from, until, now.date_naive());
    let visits = weeks.iter().flat_map(|week| &week.visits);
    for visit in visits.filter(|visit| (from..=until).contains(&visit.date)) {
        let turn = |person| visit.view.staff.iter().find(|staff| staff.person == person).map(|staff| staff.state);
        match person.map(turn) {
            Some(None) => {}
            Some(Some(state)) => event(visit, state == ShiftState::No, now, &mut lines),
            None => event(visit, false, now, &mut lines),
        }
    }
    lines.plain("END", "VCALENDAR");
    lines.finish()
}

/// A visit as an event; struck out where it was called off, or is not for the one whose calendar it is.
fn event(visit: &SeasonVisit, given_away: bool, now: &Moment, lines: &mut ContentLines) {
    let (row, place) = (&visit.view.visit, visit.view.workplace_name.as_deref());
    let Some(starts_at) = row.starts_at else { return };
    let spot = row.spot.as_deref().map(str::trim).filter(|spot| !spot.is_empty());
    lines.plain("BEGIN", "VEVENT");
    lines.plain("UID", &format!("{}@samla", row.id));
    lines.plain("DTSTAMP", &utc(now));
    lines.plain("DTSTART", &utc(&starts_at));
    if let Some(ends_at) = row.ends_at.filter(|ends_at| *ends_at > starts_at) {
        lines.plain("DTEND", &utc(&ends_at));
    }
    lines.text("SUMMARY", place.or(spot).unwrap_or("Samla"));
    if let (Some(_), Some(spot)) = (place, spot) {
        lines.text("LOCATION", spot);
    }
    let status = match visit.gap {
        _ if given_away || row.state == Some(VisitState::Cancelled) => "CANCELLED",
        Some(_) => "TENTATIVE",
        None => "CONFIRMED",
    };
    lines.plain("STATUS", status);
    lines.plain("END", "VEVENT");
}

fn utc(moment: &Moment) -> String {
    moment.with_timezone(&Utc).format("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RowId;
    use crate::tables::{
        Draft, PersonDraft, RowState, Shift, ShiftDraft, Visit, VisitDraft, VisitKind, WorkplaceDraft,
    };

    fn put<T>(register: &mut Register, id: u8, draft: impl Into<Draft>) -> Id<T> {
        let (draft, id) = (draft.into(), RowId::from_bytes([id; 16]));
        let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        register.apply(RowState { table: draft.table(), id, live: true, fields, clashes: Vec::new(), by: None });
        id.into()
    }

    /// Practices 65–67: a steward's own season on the phone's calendar.
    #[test]
    fn a_season_becomes_a_calendar_that_tells_no_more_than_where_and_when() {
        let mut register = Register::default();
        let some = |text: &str| Some(text.to_owned());
        let at = |text: &str| Moment::parse_from_rfc3339(text).ok();
        let norra = put(&mut register, 1, WorkplaceDraft { name: some("Norra, hus 3"), ..Default::default() });
        let eva = put(&mut register, 2, PersonDraft { name: some("Eva"), ..Default::default() });
        let visit = |starts_at, state| VisitDraft {
            kind: Some(VisitKind::Table),
            workplace: Some(norra),
            starts_at: at(starts_at),
            ends_at: at("2026-11-27T13:00:00+01:00"),
            spot: some("by the canteen"),
            topic: some("pay"),
            state,
            ..Default::default()
        };
        let first: Id<Visit> = put(&mut register, 3, visit("2026-11-27T11:30:00+01:00", None));
        put::<Visit>(&mut register, 4, visit("2026-11-28T11:30:00+01:00", Some(VisitState::Cancelled)));
        put::<Visit>(&mut register, 5, visit("2026-11-29T11:30:00+01:00", None));
        let shift = ShiftDraft { visit: Some(first), person: Some(eva), state: Some(ShiftState::Yes), note: None };
        put::<Shift>(&mut register, 6, shift);

        let day = |text: &str| text.parse().unwrap();
        let calendar = |person| {
            let now = at("2026-11-23T11:30:00+01:00").unwrap();
            export_icalendar(&register, day("2026-11-23"), day("2026-11-28"), person, &now)
        };
        let mine = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Samla//Samla//EN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            "UID:03030303030303030303030303030303@samla",
            "DTSTAMP:20261123T103000Z",
            "DTSTART:20261127T103000Z",
            "DTEND:20261127T120000Z",
            "SUMMARY:Norra\\, hus 3",
            "LOCATION:by the canteen",
            "STATUS:CONFIRMED",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ];
        assert_eq!(calendar(Some(eva)), mine.join("\r\n"));
        let all = calendar(None);
        assert_eq!(all.matches("BEGIN:VEVENT").count(), 2);
        assert!(all.contains("DTSTART:20261128T103000Z\r\nSUMMARY") && all.contains("STATUS:CANCELLED"));
        assert!(!all.contains("pay") && !all.contains("Eva"));
        let no = ShiftDraft { visit: Some(first), person: Some(eva), state: Some(ShiftState::No), note: None };
        put::<Shift>(&mut register, 6, no);
        let now = at("2026-11-23T11:30:00+01:00").unwrap();
        // A calendar that has taken the event in keeps it unless it is told: a turn that was given away is struck out, and what
        // Eva was never asked to staff is not named.
        let without = export_icalendar(&register, day("2026-11-23"), day("2026-11-28"), Some(eva), &now);
        let struck_out = mine.join("\r\n").replace("STATUS:CONFIRMED", "STATUS:CANCELLED");
        assert_eq!(without, struck_out);
    }
}
