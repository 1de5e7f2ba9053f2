//! People as vCards, for the address book on a phone: only those who agreed to it.

use super::content_lines::{ContentLines, escaped};
use crate::register::Register;
use crate::tables::Contact;

/// One card for each person whose consent for this purpose holds and who has not asked to be left alone. A card says how
/// to reach somebody: name, telephone, e-mail and workplace, and nothing about the union.
///
/// The cards are of version 3.0 (RFC 2426), which every phone and mail program reads.
pub(crate) fn export_vcards(register: &Register, purpose: &str) -> String {
    let mut lines = ContentLines::default();
    register.agreed(purpose).iter().for_each(|contact| card(register, contact, &mut lines));
    lines.finish()
}

fn card(register: &Register, contact: &Contact, lines: &mut ContentLines) {
    let filled =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    lines.plain("BEGIN", "VCARD");
    lines.plain("VERSION", "3.0");
    lines.plain("UID", &contact.id.to_string());
    lines.text("FN", &register.name_of_merged(contact));
    let [family, given] =
        [&contact.family_name, &contact.given_name].map(|name| escaped(&filled(name).unwrap_or_default()));
    lines.plain("N", &format!("{family};{given};;;"));
    for number in register.phone_numbers(contact) {
        lines.plain("TEL", &number);
    }
    for address in contact.email.iter().flat_map(|cell| cell.split([' ', ',', ';', '<', '>', '\n', '\t'])) {
        if address.contains('@') {
            lines.text("EMAIL", address);
        }
    }
    if let Some(workplace) = contact.workplace.and_then(|id| register.workplace_name(id)) {
        lines.text("ORG", &workplace);
    }
    lines.plain("END", "VCARD");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Moment;
    use crate::ids::{Id, RowId};
    use crate::tables::{
        Consent, ConsentDraft, ContactDraft, Draft, Link, LinkDraft, LinkKind, RowState, WorkplaceDraft,
    };

    fn put<T>(register: &mut Register, id: u8, draft: impl Into<Draft>) -> Id<T> {
        let (draft, id) = (draft.into(), RowId::from_bytes([id; 16]));
        let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        register.apply(RowState { table: draft.table(), id, live: true, fields, clashes: Vec::new(), by: None });
        id.into()
    }

    /// Practices 7 and 30: a person is in somebody's address book only by consent, and not after taking it back.
    #[test]
    fn only_those_who_agreed_become_cards() {
        let mut register = Register::default();
        let some = |text: &str| Some(text.to_owned());
        let at = |text: &str| Moment::parse_from_rfc3339(text).ok();
        let norra = put(&mut register, 1, WorkplaceDraft { name: some("Norra; hus 3"), ..Default::default() });
        let contact = |given: &str, phone: &str| ContactDraft {
            given_name: some(given),
            phone: some(phone),
            note: some("likes chess"),
            ..Default::default()
        };
        let anna = put(
            &mut register,
            2,
            ContactDraft {
                given_name: None,
                email: some("anna@exempel.se; a.b@exempel.se"),
                workplace: Some(norra),
                ..contact("Anna", "070-174 06 12 jobb / 070-174 06 13")
            },
        );
        let silent = put(&mut register, 3, contact("Silent", "070-174 06 14"));
        let peace =
            put(&mut register, 4, ContactDraft { do_not_contact: Some(true), ..contact("Peace", "070-174 06 15") });
        let again = put(&mut register, 5, ContactDraft { family_name: some("Sörlie, Bæk"), ..contact("Anna", "") });
        let consent = |contact, purpose: &str| ConsentDraft {
            contact: Some(contact),
            purpose: some(purpose),
            given_at: at("2026-08-22T11:30:00+02:00"),
            ..Default::default()
        };
        put::<Consent>(&mut register, 6, consent(silent, "newsletter"));
        put::<Consent>(&mut register, 7, consent(peace, "contact"));
        put::<Consent>(&mut register, 8, consent(again, "contact"));
        let link = LinkDraft { a: Some(anna), b: Some(again), kind: Some(LinkKind::SamePerson), ..Default::default() };
        put::<Link>(&mut register, 9, link);

        let card = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            "UID:02020202020202020202020202020202",
            "FN:Anna Sörlie\\, Bæk",
            "N:Sörlie\\, Bæk;Anna;;;",
            "TEL:+46701740612",
            "TEL:+46701740613",
            "EMAIL:anna@exempel.se",
            "EMAIL:a.b@exempel.se",
            "ORG:Norra\\; hus 3",
            "END:VCARD",
            "",
        ];
        assert_eq!(export_vcards(&register, "contact"), card.join("\r\n"));
        let withdrawn = ConsentDraft { withdrawn_at: at("2026-11-23T11:30:00+01:00"), ..consent(again, "contact") };
        put::<Consent>(&mut register, 8, withdrawn);
        assert_eq!(export_vcards(&register, "contact"), "");
        assert!(export_vcards(&register, "newsletter").contains("FN:Silent"));
    }
}
