//! The enums whose values people see: each with the name of its type and the stable words of its values. Together they
//! make the key of a text.

use samla_wire::Role;
use samla_wire::roster::{InviteMode, Reason as EpochReason};

use crate::book::{Compared, LeftReason, ProbeAnswer};
use crate::lists::{
    Column, ColumnReason, DecisionKind, DecisionState, Encoding, ListForm, MatchReason, RowNote, RowReason, Verdict,
};
use crate::register::{
    AutomaticReason, CallDecision, DuplicateReason, ExpiredReason, Report, ReportNote, SeriesDayState, SignUpGroup,
    StaffGap, TimelineKind,
};
use crate::tables::FieldReason;

/// An enum whose values are stable words and have texts.
pub trait Worded: Copy {
    /// The name of the type, alike in every language of the bindings.
    fn type_name(self) -> &'static str;

    /// The stable word: what stands in the document, in JSON and on the command line.
    fn word(self) -> &'static str;
}

/// The choices of the tables, from their definition.
macro_rules! choices {
    (
        choices { $( $(#[$doc:meta])+ $Type:ident { $( $(#[$value_doc:meta])+ $Value:ident = $word:literal, )+ } )+ }
        tables { $($tables:tt)+ }
    ) => {
        $( impl Worded for crate::tables::$Type {
            fn type_name(self) -> &'static str {
                stringify!($Type)
            }

            fn word(self) -> &'static str {
                self.text()
            }
        } )+

        const CHOICES: &[(&str, &[&str])] = &[ $( (stringify!($Type), &[$($word),+]) ),+ ];
    };
}

crate::for_each_table!(choices);

/// What views, errors and the roster answer with. The compiler asks here for a value that was added there. What is written in
/// JSON has a check, too, that it is this word there.
macro_rules! answers {
    ($LIST:ident: $( $Type:ident { $($Value:ident = $word:literal),+ $(,)? } )+) => {
        $( impl Worded for $Type {
            fn type_name(self) -> &'static str {
                stringify!($Type)
            }

            fn word(self) -> &'static str {
                match self { $(Self::$Value => $word),+ }
            }
        } )+

        const $LIST: &[(&str, &[&str])] = &[ $( (stringify!($Type), &[$($word),+]) ),+ ];
    };
    ($LIST:ident, $check:ident: $( $Type:ident { $($Value:ident = $word:literal),+ $(,)? } )+) => {
        answers! { $LIST: $( $Type { $($Value = $word),+ } )+ }

        #[cfg(test)]
        pub(super) fn $check() {
            $( $( super::tests::$check($Type::$Value); )+ )+
        }
    };
}

answers! {
    ANSWERS, is_written:
    TimelineKind {
        Talk = "talk",
        Signed = "signed",
        TrialEnds = "trial_ends",
        Paying = "paying",
        Left = "left",
        Invited = "invited",
        Attended = "attended",
        Declined = "declined",
        Done = "done",
        ConsentGiven = "consent_given",
        ConsentWithdrawn = "consent_withdrawn",
    }
    AutomaticReason {
        FirstDay = "first_day",
        FirstMonth = "first_month",
        TrialEnds = "trial_ends",
        AfterMeeting = "after_meeting",
    }
    CallDecision { Stays = "stays", Leaves = "leaves" }
    DuplicateReason { Phone = "phone", Email = "email", NameWorkplace = "name_workplace" }
    SeriesDayState { ToMake = "to_make", Made = "made", Removed = "removed", Holiday = "holiday" }
    StaffGap { NobodyAsked = "nobody_asked", NoAnswer = "no_answer", AllDeclined = "all_declined" }
    Verdict { New = "new", Changed = "changed", Same = "same", Unsure = "unsure" }
    RowReason {
        NobodyNamed = "nobody_named",
        AgainInList = "again_in_list",
        MayBeAgain = "may_be_again",
        ContactTwice = "contact_twice",
        SeveralMatch = "several_match",
        OneMayMatch = "one_may_match",
    }
    RowNote {
        NoPhoneInIt = "no_phone_in_it",
        PhoneRounded = "phone_rounded",
        NoEmailInIt = "no_email_in_it",
        NotADay = "not_a_day",
        DayWithoutYear = "day_without_year",
        UnknownWorkplace = "unknown_workplace",
        UnknownMembership = "unknown_membership",
        NameElsewhere = "name_elsewhere",
        MembershipByEvents = "membership_by_events",
        SinceLeftOut = "since_left_out",
        OtherWidth = "other_width",
        NoLineEnd = "no_line_end",
    }
    ColumnReason {
        Remembered = "remembered",
        Header = "header",
        Content = "content",
        Nothing = "nothing",
    }
    MatchReason {
        PersonalNumber = "personal_number",
        Phone = "phone",
        Email = "email",
        Name = "name",
        NameAlike = "name_alike",
        NamePart = "name_part",
        Workplace = "workplace",
        NameDiffers = "name_differs",
        PhoneDiffers = "phone_differs",
        EmailDiffers = "email_differs",
        WorkplaceDiffers = "workplace_differs",
    }
    DecisionKind {
        OnePerson = "one_person",
        NewMember = "new_member",
        NewAtEmployer = "new_at_employer",
        Joined = "joined",
        Left = "left",
        NotAtOffice = "not_at_office",
        UnknownAtEmployer = "unknown_at_employer",
        ChangedWorkplace = "changed_workplace",
        Differs = "differs",
        Twice = "twice",
        Unsure = "unsure",
    }
    DecisionState {
        Open = "open",
        Accepted = "accepted",
        Dismissed = "dismissed",
        ChangedSince = "changed_since",
    }
    Compared {
        Same = "same",
        Ahead = "ahead",
        Behind = "behind",
        Differs = "differs",
        OtherBook = "other_book",
        OlderEpoch = "older_epoch",
        NewerEpoch = "newer_epoch",
    }
    LeftReason { ChangedSince = "changed_since", UsedSince = "used_since" }
    ProbeAnswer { NotAsked = "not_asked", Gone = "gone", Unclear = "unclear", HandedOut = "handed_out" }
    ExpiredReason { NoAnswer = "no_answer", Refused = "refused", Left = "left" }
    SignUpGroup {
        Occasion = "occasion",
        Slot = "slot",
        Place = "place",
        Campaign = "campaign",
        Recruiter = "recruiter",
        Trigger = "trigger",
    }
    Encoding {
        Utf8 = "utf8",
        Utf8Bom = "utf8_bom",
        Utf16Le = "utf16_le",
        Utf16Be = "utf16_be",
        Windows1252 = "windows1252",
    }
}

// What travels as a number and is a word everywhere else.
answers! {
    OF_THE_ROSTER:
    Role { Reader = "reader", Steward = "steward", Organiser = "organiser" }
    EpochReason { Rotate = "rotate", Remove = "remove", Erase = "erase", Restore = "restore" }
    InviteMode { Auto = "auto", Confirm = "confirm" }
}

/// By its form alone: a workbook, or text with a separator.
impl Worded for &ListForm {
    fn type_name(self) -> &'static str {
        "ListForm"
    }

    fn word(self) -> &'static str {
        match self {
            ListForm::Csv { .. } => "csv",
            ListForm::Xlsx { .. } => "xlsx",
        }
    }
}

impl Worded for Report {
    fn type_name(self) -> &'static str {
        "Report"
    }

    fn word(self) -> &'static str {
        Report::word(self)
    }
}

impl Worded for ReportNote {
    fn type_name(self) -> &'static str {
        "ReportNote"
    }

    fn word(self) -> &'static str {
        ReportNote::word(self)
    }
}

impl Worded for Column {
    fn type_name(self) -> &'static str {
        "Column"
    }

    fn word(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Workplace => "workplace",
            Self::Department => "department",
            Self::Job => "job",
            Self::Language => "language",
            Self::HiredOn => "hired_on",
            Self::StudentUntil => "student_until",
            Self::Membership => "membership",
            Self::MemberSince => "member_since",
            Self::Note => "note",
            Self::PersonalNumber => "personal_number",
            Self::Ignored => "ignored",
        }
    }
}

impl Worded for FieldReason {
    fn type_name(self) -> &'static str {
        "FieldReason"
    }

    fn word(self) -> &'static str {
        self.code()
    }
}

/// Every enum of the tables, of the views and of the roster with its words, by the name of its type.
pub const WORDS: [&[(&str, &[&str])]; 3] = [CHOICES, ANSWERS, OF_THE_ROSTER];
