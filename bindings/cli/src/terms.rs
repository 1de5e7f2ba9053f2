//! What the core answers with about lists and keeping, and has no texts for: the key of the text here for each answer. The
//! compiler asks for a value that is added there.

use samla_core::book::LeftReason;
use samla_core::lists::{Column, ColumnReason, DecisionKind, DecisionState, MatchReason, RowNote, RowReason, Verdict};
use samla_core::register::ExpiredReason;

/// Something that has a text in `texts/`.
pub(crate) trait Called: Copy {
    /// The key of the text.
    fn key(self) -> &'static str;
}

macro_rules! called {
    ($( $Type:ident { $($Value:ident = $key:literal),+ $(,)? } )+) => { $(
        impl Called for $Type {
            fn key(self) -> &'static str {
                match self { $(Self::$Value => $key),+ }
            }
        }
    )+ };
}

called! {
    Verdict { New = "verdict.new", Changed = "verdict.changed", Same = "verdict.same", Unsure = "verdict.unsure" }
    RowReason {
        NobodyNamed = "row_reason.nobody_named",
        AgainInList = "row_reason.again_in_list",
        ContactTwice = "row_reason.contact_twice",
        SeveralMatch = "row_reason.several_match",
        OneMayMatch = "row_reason.one_may_match",
    }
    RowNote {
        NoPhoneInIt = "row_note.no_phone_in_it",
        PhoneRounded = "row_note.phone_rounded",
        NoEmailInIt = "row_note.no_email_in_it",
        NotADay = "row_note.not_a_day",
        DayWithoutYear = "row_note.day_without_year",
        UnknownWorkplace = "row_note.unknown_workplace",
        UnknownMembership = "row_note.unknown_membership",
        NameElsewhere = "row_note.name_elsewhere",
        MembershipByEvents = "row_note.membership_by_events",
        OtherWidth = "row_note.other_width",
    }
    ColumnReason {
        Remembered = "column_reason.remembered",
        Header = "column_reason.header",
        Content = "column_reason.content",
        Nothing = "column_reason.nothing",
    }
    MatchReason {
        PersonalNumber = "match.personal_number",
        Phone = "match.phone",
        Email = "match.email",
        Name = "match.name",
        NamePart = "match.name_part",
        Workplace = "match.workplace",
        NameDiffers = "match.name_differs",
        PhoneDiffers = "match.phone_differs",
        EmailDiffers = "match.email_differs",
        WorkplaceDiffers = "match.workplace_differs",
    }
    DecisionKind {
        OnePerson = "decision.one_person",
        NewMember = "decision.new_member",
        NewAtEmployer = "decision.new_at_employer",
        Joined = "decision.joined",
        Left = "decision.left",
        NotAtOffice = "decision.not_at_office",
        UnknownAtEmployer = "decision.unknown_at_employer",
        ChangedWorkplace = "decision.changed_workplace",
        Differs = "decision.differs",
        Unsure = "decision.unsure",
    }
    DecisionState {
        Open = "decided.open",
        Accepted = "decided.accepted",
        Dismissed = "decided.dismissed",
        ChangedSince = "decided.changed_since",
    }
    LeftReason { ChangedSince = "left.changed_since", UsedSince = "left.used_since" }
    ExpiredReason { NoAnswer = "expired.no_answer", Refused = "expired.refused", Left = "expired.left" }
}

/// What the columns of a list may mean, by their stable words.
pub(crate) const MEANINGS: [(&str, Column); 16] = [
    ("given_name", Column::GivenName),
    ("family_name", Column::FamilyName),
    ("name", Column::Name),
    ("phone", Column::Phone),
    ("email", Column::Email),
    ("workplace", Column::Workplace),
    ("department", Column::Department),
    ("job", Column::Job),
    ("language", Column::Language),
    ("hired_on", Column::HiredOn),
    ("student_until", Column::StudentUntil),
    ("membership", Column::Membership),
    ("member_since", Column::MemberSince),
    ("note", Column::Note),
    ("personal_number", Column::PersonalNumber),
    ("ignored", Column::Ignored),
];

/// The stable word of an answer, as JSON has it.
pub(crate) fn stable(value: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_are_typed_as_json_writes_them() {
        for (word, column) in MEANINGS {
            assert_eq!(stable(&column), word);
        }
    }
}
