//! What is to be done.

use samla_core::register::DueView;
use samla_core::tables::FollowUp;

/// One thing to do.
#[uniffi::remote(Record)]
pub struct DueView {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// Whom or what it is about: the contact, else the workplace, else the visit.
    pub who: Option<String>,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// Who is to do it.
    pub owner_name: Option<String>,
    /// Days since it was due, 0 on the day; none where no day was set.
    pub overdue_days: Option<i64>,
    /// The rows that others wrote for the same cause, the first that was written first: somebody else means to do this too.
    pub also: Vec<FollowUp>,
}
