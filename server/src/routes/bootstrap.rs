//! What a joiner, a recovered device or a device that meets a new epoch begins with; and what tells a device that waits or
//! was put out how it stands.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use samla_wire::http::CBOR;
use samla_wire::{DeviceId, InviteId, to_cbor};

use super::sessions::check_invite;
use crate::auth::{Standing, Visitor};
use crate::error::Failure;
use crate::state::AppState;

/// `GET /v1/books/{book}/bootstrap`
///
/// The wrap is the caller's own; for a device that joined by an invitation in this epoch it is the invitation's, while that
/// is kept. Who waits or is out gets the roster alone, and who is out the number and id of its newest entry.
pub(super) async fn bootstrap(
    State(state): State<AppState>,
    Visitor(caller): Visitor,
) -> Result<impl IntoResponse, Failure> {
    let own = caller.principal;
    let wraps_of = match caller.standing {
        Standing::Invite => {
            check_invite(&state, &caller.book, InviteId(own.0)).await?;
            vec![own]
        }
        Standing::Recovery => vec![own],
        Standing::Device => {
            let member = caller.book.log.roster.members.get(&own);
            let invite = member.and_then(|member| member.invite).map(|invite| DeviceId(invite.0));
            [own].into_iter().chain(invite).collect()
        }
        Standing::Pending | Standing::Former => Vec::new(),
    };
    let mut bootstrap = state.log.bootstrap(&caller.book, wraps_of).await?;
    if caller.standing == Standing::Former {
        bootstrap.tip = caller.book.log.tips.get(&own).copied();
    }
    Ok(([(header::CONTENT_TYPE, CBOR)], to_cbor(&bootstrap)))
}
