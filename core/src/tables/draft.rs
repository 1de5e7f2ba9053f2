//! What a draft promises before it reaches the document: it reads what people type, and its values keep the definition.

use chrono::TimeZone;

use super::{
    Draft, FieldError, FieldReason, FieldSpec, Kind, ListDirection, Patch, Row, RowState, TEXT_MAX, Table, Value,
};
use crate::ids::RowId;

/// What a list that was taken out needs, in the place of what one that came in does.
const NEEDED_OF_A_LIST_OUT: [&str; 4] = ["kind", "purpose", "rows", "at"];

/// What a consent needs that was taken back: another phone may have written down when it was given, or nobody.
const NEEDED_OF_A_WITHDRAWAL: [&str; 2] = ["contact", "withdrawn_at"];

impl Table {
    /// The field of that name.
    pub fn field(self, name: &str) -> Option<&'static FieldSpec> {
        self.fields().iter().find(|spec| spec.name == name)
    }
}

impl Draft {
    /// Reads a draft from names and texts, as a command line or a spreadsheet has them: days as `2026-11-23`, moments as
    /// RFC 3339, with or without seconds, or `2026-11-23T11:30` as the clocks of `zone` show it on that day, `yes`/`no` or
    /// `true`/`false`, choices by their word, links by id. Empty text is no value. The draft is not yet checked.
    pub fn parse<N: AsRef<str>, V: AsRef<str>>(
        table: Table,
        fields: impl IntoIterator<Item = (N, V)>,
        zone: impl TimeZone,
    ) -> Result<Self, FieldError> {
        let mut draft = Self::new(table);
        for (name, text) in fields {
            let (name, text) = (name.as_ref(), text.as_ref().trim());
            match text.is_empty() {
                true if table.field(name).is_none() => return Err(FieldReason::UnknownField.of(name)),
                true => {}
                false => draft.read(name, text, &zone).map_err(|reason| reason.of(name))?,
            }
        }
        Ok(draft)
    }

    /// Whether a new row may be made of this: every required field is there, no text is too long, no number out of range.
    pub fn check(&self) -> Result<(), FieldError> {
        let writes = self.writes();
        for needed in self.needed() {
            if !writes.iter().any(|(name, value)| *name == needed && !is_blank(value)) {
                return Err(FieldReason::Required.of(needed));
            }
        }
        check_values(self.table(), &writes)
    }

    /// The fields that a new row made of this must have.
    fn needed(&self) -> Vec<&'static str> {
        match self {
            Self::Imports(list) if list.direction == Some(ListDirection::Out) => NEEDED_OF_A_LIST_OUT.to_vec(),
            Self::Consents(consent) if consent.withdrawn_at.is_some() => NEEDED_OF_A_WITHDRAWAL.to_vec(),
            _ => self.table().fields().iter().filter(|spec| spec.required).map(|spec| spec.name).collect(),
        }
    }

    /// The row that a new row made of this belongs to, if any: its id is to be [`RowId::child_of`] that one.
    pub fn parent(&self) -> Option<RowId> {
        let writes = self.writes();
        self.table().fields().iter().filter(|spec| spec.parent).find_map(|spec| {
            let (_, value) = writes.iter().find(|(name, _)| *name == spec.name)?;
            value.to_string().parse().ok()
        })
    }
}

impl Patch {
    /// Whether the row may be changed like this: what is set keeps its bounds, what is emptied exists and may be empty.
    pub fn check(&self) -> Result<(), FieldError> {
        let table = self.set.table();
        for name in &self.clear {
            match table.field(name) {
                None => return Err(FieldReason::UnknownField.of(name)),
                Some(spec) if spec.required => return Err(FieldReason::Required.of(name)),
                Some(_) => {}
            }
        }
        let writes = self.set.writes();
        for (name, value) in &writes {
            if is_blank(value) && table.field(name).is_some_and(|spec| spec.required) {
                return Err(FieldReason::Required.of(*name));
            }
        }
        check_values(table, &writes)
    }
}

impl Row {
    /// The typed row of what the document says.
    pub fn hydrate(state: RowState) -> Self {
        let mut row = Self::new(state.table, state.id);
        for (name, value) in state.fields {
            row.put(&name, Some(value));
        }
        row
    }

    /// The fields that have a value, in the order of the definition.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, Value)> {
        self.table().fields().iter().filter_map(|spec| Some((spec.name, self.get(spec.name)?)))
    }
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.trim().is_empty())
}

fn check_values(table: Table, writes: &[(&'static str, Value)]) -> Result<(), FieldError> {
    for (name, value) in writes {
        let spec = table.field(name).ok_or_else(|| FieldReason::UnknownField.of(*name))?;
        match (value, spec.kind, spec.range) {
            (Value::Text(text), Kind::Text, _) if text.len() > TEXT_MAX => return Err(FieldReason::TooLong.of(*name)),
            (Value::Int(number), _, Some((least, most))) if !(least..=most).contains(&number.to_owned()) => {
                return Err(FieldReason::OutOfRange.of(*name));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;
    use crate::tables::{ContactDraft, Membership, TableRow, Visit};

    const EAST_1: FixedOffset = FixedOffset::east_opt(3600).unwrap();
    const ID: &str = "000102030405060708090a0b0c0d0e0f";

    fn parse(table: Table, fields: &[(&str, &str)]) -> Result<Draft, FieldError> {
        Draft::parse(table, fields.iter().copied(), EAST_1)
    }

    fn refusal(table: Table, field: &str, text: &str) -> &'static str {
        parse(table, &[(field, text)]).unwrap_err().reason.code()
    }

    #[test]
    fn reads_what_people_type() {
        let draft = parse(
            Table::Contacts,
            &[
                ("given_name", " Anna "),
                ("membership", "Fund_Only"),
                ("assessment", "4"),
                ("hired_on", "2026-11-23"),
                ("willing_to_help", "yes"),
                ("workplace", "000102030405060708090a0b0c0d0e0f"),
                ("note", ""),
            ],
        )
        .unwrap();
        let Draft::Contacts(contact) = &draft else { panic!("another table") };
        assert_eq!(contact.given_name.as_deref(), Some("Anna"));
        assert_eq!(contact.membership, Some(Membership::FundOnly));
        assert_eq!(contact.hired_on.unwrap().to_string(), "2026-11-23");
        assert_eq!(contact.note, None);
        assert_eq!(draft.check(), Ok(()));
        assert_eq!(draft.writes().len(), 6);

        for text in [
            "2026-11-23T11:30",
            "2026-11-23 11:30",
            "2026-11-23 11:30:00",
            "2026-11-23T10:30:00Z",
            "2026-11-23T10:30Z",
            "2026-11-23T11:30:00+01:00",
            "2026-11-23T11:30+01:00",
            "2026-11-23 12:30+02:00",
        ] {
            let draft = parse(Table::Visits, &[("kind", "table"), ("starts_at", text)]).unwrap();
            let Draft::Visits(visit) = draft else { panic!("another table") };
            assert_eq!(visit.starts_at.unwrap().to_utc().to_rfc3339(), "2026-11-23T10:30:00+00:00");
        }
    }

    #[test]
    fn says_which_field_is_wrong_and_why_and_never_what_was_typed() {
        let wrong = [
            ("nickname", "x", "unknown_field"),
            ("nickname", "", "unknown_field"),
            ("hired_on", "23/11", "not_a_date"),
            ("hired_on", "0026-11-23", "out_of_range"),
            ("assessment", "four", "not_a_number"),
            ("membership", "sort of", "not_a_choice"),
            ("workplace", "canteen", "not_an_id"),
            ("do_not_contact", "maybe", "not_yes_or_no"),
        ];
        for (field, text, code) in wrong {
            assert_eq!(refusal(Table::Contacts, field, text), code, "{field}");
        }
        assert_eq!(refusal(Table::Visits, "starts_at", "at noon"), "not_a_moment");
        let told = parse(Table::Contacts, &[("hired_on", "Annas secret")]).unwrap_err().to_string();
        assert_eq!(told, "hired_on: not_a_date");
    }

    #[test]
    fn a_draft_keeps_the_bounds_of_the_definition() {
        let check = |draft: ContactDraft| Draft::from(draft).check().map_err(|error| error.reason.code());
        assert_eq!(check(ContactDraft { assessment: Some(6), ..Default::default() }), Err("out_of_range"));
        assert_eq!(check(ContactDraft { note: Some("å".repeat(8192)), ..Default::default() }), Ok(()));
        assert_eq!(check(ContactDraft { note: Some("å".repeat(8193)), ..Default::default() }), Err("too_long"));
        let nameless = parse(Table::Workplaces, &[("employer", "Region")]).unwrap();
        assert_eq!(nameless.check(), Err(FieldReason::Required.of("name")));
    }

    #[test]
    fn a_patch_may_not_empty_what_a_row_needs() {
        let patch = |clear: &str, fields: &[(&str, &str)]| Patch {
            id: RowId::default(),
            set: parse(Table::Workplaces, fields).unwrap(),
            clear: vec![clear.to_owned()],
        };
        assert_eq!(patch("note", &[("employer", "Region")]).check(), Ok(()));
        assert_eq!(patch("name", &[]).check(), Err(FieldReason::Required.of("name")));
        assert_eq!(patch("nickname", &[]).check(), Err(FieldReason::UnknownField.of("nickname")));
    }

    #[test]
    fn a_row_reads_back_what_a_draft_writes_and_ignores_what_it_does_not_know() {
        let draft =
            parse(Table::Visits, &[("kind", "table"), ("starts_at", "2026-11-23T11:30"), ("cost", "40")]).unwrap();
        let mut visit = Visit::new(RowId::default());
        for (name, value) in draft.writes() {
            visit.put(name, Some(value));
        }
        assert_eq!(visit.starts_at.unwrap().to_rfc3339(), "2026-11-23T11:30:00+01:00");
        visit.put("kind", Some(Value::Text("hologram".to_owned())));
        visit.put("cost", Some(Value::Bool(true)));
        visit.put("mood", Some(Value::Int(3)));
        assert_eq!((visit.kind, visit.cost), (None, None));
    }

    #[test]
    fn a_dependent_row_names_its_parent() {
        let id = "000102030405060708090a0b0c0d0e0f";
        let talk = parse(Table::Talks, &[("visit", id), ("at", "2026-11-23T11:30")]).unwrap();
        assert_eq!(talk.parent().unwrap().to_string(), id);
        assert_eq!(parse(Table::Contacts, &[("workplace", id)]).unwrap().parent(), None);
    }

    /// Practices 5–7, 10, 18–20, 23, 26, 40–42, 49, 52, 68, 69, 80, 91–93: what is kept beside contacts and visits.
    #[test]
    fn every_practice_of_keeping_has_its_table() {
        type Fields = &'static [(&'static str, &'static str)];
        const KEPT: [(&str, Table, Fields, Option<&str>); 17] = [
            ("5", Table::Checks, &[("workplace", ID), ("item", "news_rights"), ("state", "asked")], Some(ID)),
            (
                "6",
                Table::Checks,
                &[("workplace", ID), ("item", "notice_board"), ("refresh_by", "2027-01-31")],
                Some(ID),
            ),
            (
                "7",
                Table::Imports,
                &[
                    ("direction", "out"),
                    ("kind", "addresses"),
                    ("purpose", "news"),
                    ("rows", "40"),
                    ("at", "2026-11-23T11:30"),
                ],
                None,
            ),
            ("10", Table::Checks, &[("workplace", ID), ("item", "roll_up"), ("state", "posted")], Some(ID)),
            ("18–20", Table::Imports, &[("source", "office"), ("rows", "14000"), ("undone", "no")], None),
            ("23", Table::Calendar, &[("workplace", ID), ("what", "pay_review"), ("on", "2027-03-01")], Some(ID)),
            ("23", Table::Calendar, &[("what", "term_start"), ("on", "2027-01-18")], None),
            ("41, 42", Table::Topics, &[("title", "Parking"), ("state", "won"), ("told_back_on", "2027-01-31")], None),
            ("49", Table::Raises, &[("topic", ID), ("contact", ID)], Some(ID)),
            ("68, 69", Table::Goals, &[("campaign", ID), ("starts_on", "2026-11-01"), ("target", "40")], None),
            ("80", Table::Metrics, &[("name", "Followers"), ("start", "800"), ("target", "1400")], None),
            ("80", Table::Readings, &[("metric", ID), ("on", "2026-11-23"), ("value", "-3")], Some(ID)),
            ("91, 92", Table::Reasons, &[("text", "Somebody beside me"), ("order", "1")], None),
            ("93, 26", Table::Guides, &[("title", "First talk"), ("body", "Ask first."), ("language", "sv")], None),
            ("40, 52", Table::Polls, &[("question", "Which day?"), ("choices", "Monday\nTuesday")], None),
            ("40, 52", Table::Answers, &[("poll", ID), ("choice", "Monday")], Some(ID)),
            ("40, 52", Table::Answers, &[("poll", ID), ("contact", ID), ("text", "Any")], Some(ID)),
        ];
        for (practice, table, fields, parent) in KEPT {
            let draft = parse(table, fields).unwrap();
            assert_eq!(draft.check(), Ok(()), "{practice}");
            assert_eq!(draft.writes().len(), fields.len(), "{practice}");
            assert_eq!(draft.parent().map(|id| id.to_string()).as_deref(), parent, "{practice}");
        }
        for (table, needed) in [(Table::Checks, "item"), (Table::Calendar, "on"), (Table::Answers, "poll")] {
            let without = KEPT.iter().find(|(_, kept, ..)| *kept == table).unwrap().2;
            let without: Vec<_> = without.iter().copied().filter(|(name, _)| *name != needed).collect();
            assert_eq!(parse(table, &without).unwrap().check(), Err(FieldReason::Required.of(needed)));
        }
    }

    #[test]
    fn a_list_says_whose_it_is_or_what_it_was_taken_out_for() {
        let check = |fields: &[(&str, &str)]| parse(Table::Imports, fields).unwrap().check();
        let needs = |field: &str| Err(FieldReason::Required.of(field));
        assert_eq!(check(&[("source", "own")]), Ok(()));
        assert_eq!(check(&[("source", "own"), ("direction", "in")]), Ok(()));
        assert_eq!(check(&[("rows", "40")]), needs("source"));
        assert_eq!(check(&[("rows", "40"), ("direction", "in")]), needs("source"));

        let out =
            [("direction", "out"), ("kind", "vcards"), ("purpose", "news"), ("rows", "40"), ("at", "2026-11-23T11:30")];
        assert_eq!(check(&out), Ok(()));
        for (needed, _) in out.iter().skip(1) {
            let without: Vec<_> = out.iter().copied().filter(|(name, _)| name != needed).collect();
            assert_eq!(check(&without), needs(needed));
        }
    }

    #[test]
    fn a_consent_says_when_it_was_given_unless_it_was_taken_back() {
        let check =
            |field: &str| parse(Table::Consents, &[("contact", ID), (field, "2026-11-23T11:30")]).unwrap().check();
        assert_eq!((check("given_at"), check("withdrawn_at")), (Ok(()), Ok(())));
        let without = parse(Table::Consents, &[("contact", ID), ("purpose", "news")]).unwrap();
        assert_eq!(without.check(), Err(FieldReason::Required.of("given_at")));
        let nobodys = parse(Table::Consents, &[("withdrawn_at", "2026-11-23T11:30")]).unwrap();
        assert_eq!(nobodys.check(), Err(FieldReason::Required.of("contact")));
    }

    #[test]
    fn every_table_goes_by_one_name() {
        for table in Table::ALL {
            assert_eq!(serde_json::to_value(table).unwrap(), table.name());
            assert_eq!(table.name().parse(), Ok(table));
            assert_eq!(serde_json::to_value(Draft::new(table)).unwrap()["table"], table.name());
            assert!(table.fields().iter().all(|spec| !spec.doc.is_empty() && spec.name != "live" && spec.name != "id"));
        }
        let json = r#"{"table":"contacts","fields":{"given_name":"Anna","membership":"other_union"}}"#;
        let draft: Draft = serde_json::from_str(json).unwrap();
        assert_eq!(draft, parse(Table::Contacts, &[("given_name", "Anna"), ("membership", "other_union")]).unwrap());
        assert!(serde_json::from_str::<Draft>(r#"{"table":"contacts","fields":{"nickname":"A"}}"#).is_err());
    }
}
