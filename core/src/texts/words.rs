//! The enums whose values people see: each with the name of its type and the stable words of its values. Together they
//! make the key of a text.

use crate::register::{
    AutomaticReason, CallDecision, DuplicateReason, Report, ReportNote, SeriesDayState, StaffGap, TimelineKind,
};
use crate::tables::FieldReason;
use samla_wire::Role;

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

/// What views, errors and the roster answer with. The compiler asks here for a value that was added there.
macro_rules! answers {
    ($( $Type:ident { $($Value:ident = $word:literal),+ $(,)? } )+) => {
        $( impl Worded for $Type {
            fn type_name(self) -> &'static str {
                stringify!($Type)
            }

            fn word(self) -> &'static str {
                match self { $(Self::$Value => $word),+ }
            }
        } )+

        const ANSWERS: &[(&str, &[&str])] = &[ $( (stringify!($Type), &[$($word),+]) ),+ ];

        #[cfg(test)]
        pub(super) fn answers_are_written_as_their_words() {
            $( $( super::tests::is_written($Type::$Value); )+ )+
        }
    };
}

answers! {
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

impl Worded for Role {
    fn type_name(self) -> &'static str {
        "Role"
    }

    fn word(self) -> &'static str {
        self.name()
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

/// Every enum of the tables and of the views with its words, by the name of its type.
pub const WORDS: [&[(&str, &[&str])]; 2] = [CHOICES, ANSWERS];
