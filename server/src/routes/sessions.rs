//! Signing in: a challenge, and its answer; before it, for a recovery sheet, which book to sign in to.

use axum::Json;
use axum::extract::State;
use samla_wire::envelope::verify_signature;
use samla_wire::http::{
    Challenge, ChallengeRequest, RecoveryView, SESSION_SECONDS, Session, SessionRequest, login_message,
};
use samla_wire::ids::{Signature, SigningKey};
use samla_wire::{BookId, Code, DeviceId, InviteId};

use crate::auth::Standing;
use crate::body::{FromJson, SheetPath};
use crate::clock::DAY;
use crate::error::Failure;
use crate::log::Book;
use crate::state::{Address, AppState, fresh};

/// `POST /v1/sessions/challenge`
pub(super) async fn challenge(
    State(state): State<AppState>,
    address: Address,
    FromJson(request): FromJson<ChallengeRequest>,
) -> Result<Json<Challenge>, Failure> {
    state.admit(&state.sign_ins, address)?;
    let (id, principal) = names(&request.book, &request.principal)?;
    let now = state.clock.now();
    state.log.book(&id, now).await?;
    let fresh = fresh().map_err(|_| Code::Unavailable)?;
    Ok(Json(Challenge { challenge: state.seal.challenge(&id, &principal, fresh, now) }))
}

/// `POST /v1/sessions`
pub(super) async fn open(
    State(state): State<AppState>,
    address: Address,
    FromJson(request): FromJson<SessionRequest>,
) -> Result<Json<Session>, Failure> {
    state.admit(&state.sign_ins, address)?;
    let (id, principal) = names(&request.book, &request.principal)?;
    let signature: Signature = request.signature.parse().map_err(|_| Code::Malformed)?;
    let now = state.clock.now();
    let book = state.log.book(&id, now).await?;
    let (key, standing) = find(&state, &book, &principal).await?;
    let challenge = state.seal.known_challenge(&request.challenge, &id, &principal, now).ok_or(Code::LoginFailed)?;
    let message = login_message(&request.origin, &id, &principal.0, &challenge);
    if !state.origins.contains(&request.origin) || !verify_signature(&key, &message, &signature) {
        return Err(Code::LoginFailed.into());
    }
    if standing == Standing::Invite {
        check_invite(&state, &book, InviteId(principal.0)).await?;
    }
    let token = state.seal.session(&id, &principal, standing, now);
    Ok(Json(Session { token, seconds: SESSION_SECONDS, now: now.cast_signed() }))
}

/// `GET /v1/recovery/{principal}`: which book a sheet belongs to, for who has nothing else in hand.
pub(super) async fn recovery(
    State(state): State<AppState>,
    address: Address,
    SheetPath(sheet): SheetPath,
) -> Result<Json<RecoveryView>, Failure> {
    state.admit(&state.sign_ins, address)?;
    let book = state.log.book_of_sheet(sheet).await?;
    Ok(Json(RecoveryView { book: book.to_string() }))
}

fn names(book: &str, principal: &str) -> Result<(BookId, DeviceId), Failure> {
    let book = book.parse().map_err(|_| Code::Malformed)?;
    let principal = principal.parse().map_err(|_| Code::Malformed)?;
    Ok((book, principal))
}

/// The key that verifies this principal's answer, and what it is.
async fn find(state: &AppState, book: &Book, principal: &DeviceId) -> Result<(SigningKey, Standing), Failure> {
    if let Some((standing, key)) = Standing::in_roster(&book.log.roster, principal) {
        return Ok((key, standing));
    }
    match state.log.invitation(book, InviteId(principal.0)).await? {
        Some(invitation) => Ok((invitation.ed_pub, Standing::Invite)),
        None => Err(Code::NotMember.into()),
    }
}

/// May the holder of this invitation come in? While it is open, until its last day; after it was used, until the
/// device that used it has synced, because that device may have lost the answer to its join.
pub(super) async fn check_invite(state: &AppState, book: &Book, id: InviteId) -> Result<(), Failure> {
    if let Some(open) = book.log.roster.invites.get(&id) {
        let past = state.clock.now() / DAY > u64::from(open.invite.expires_day);
        return if past { Err(Code::InviteExpired.into()) } else { Ok(()) };
    }
    let kept = state.log.invitation(book, id).await?.is_some_and(|invitation| invitation.wrap_kept);
    if kept { Ok(()) } else { Err(Code::InviteUsed.into()) }
}
