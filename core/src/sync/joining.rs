//! Coming in by an invitation: read the roster, check it against the link, make a join, become a member.
//!
//! The link says which book it is, so the whole roster can be checked from its first entry; and it pins how far the
//! inviter knew the book, so that nobody can be shown an older one.

use samla_wire::http::{Bootstrap, RosterRequest};
use samla_wire::roster::{Join, Roster, RosterBody, RosterError, RosterOp};
use samla_wire::rules::read_body;
use samla_wire::{DeviceId, EntryId, Envelope, Header, Kind, http};

use super::session::Principal;
use super::{Awaiting, Progress, Request, Round, books, get, post};
use crate::context::Context;
use crate::document::{Write, base};
use crate::error::BookError;
use crate::ids::RowId;
use crate::replica::Replica;
use crate::replica::local::{Joining, Phase, ReadyJoin};
use crate::replica::outgoing::unsent_entry;
use crate::seal::{InviteLink, unwrap_key};
use crate::tables::{DeviceDraft, Draft, FieldError, PersonDraft};

impl Round {
    pub(super) fn joining_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        joining: &Joining,
    ) -> Result<(Awaiting, Request), BookError> {
        if let Some(ready) = &joining.ready {
            // A join needs no session: the invitation's signature is in it.
            let body = RosterRequest { envelope: ready.envelope.clone(), wrap: None };
            let path = books(&replica.book(), "roster");
            return Ok((Awaiting::Join, post(replica, path, samla_wire::to_cbor(&body), None)));
        }
        let link: InviteLink = joining.link.parse().map_err(BookError::Link)?;
        let token = match self.signed_in(replica, ctx, &Principal::Invite(&link.secret))? {
            Ok(token) => token,
            Err(step) => return Ok(step),
        };
        let path = books(&replica.book(), "bootstrap");
        Ok((Awaiting::Bootstrap, get(replica, path, http::CBOR, Some(&token))))
    }

    /// The roster is here: check it, open the epoch's key, and make the join.
    pub(super) fn on_bootstrap(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        let Phase::Joining(joining) = replica.local.phase.clone() else { return Ok(()) };
        let link: InviteLink = joining.link.parse().map_err(BookError::Link)?;
        let bootstrap: Bootstrap = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let roster = checked_roster(&bootstrap, &link)?;
        if (roster.rules, roster.shards) != (base::RULES, base::SHARDS) {
            // Rows would lie in other shards here than everywhere else.
            return Err(BookError::UpdateRequired);
        }
        let invite = link.secret.invite_id();
        let open = roster.invites.get(&invite).ok_or(BookError::InviteUsed)?;
        let wrap = bootstrap.wrap.as_ref().filter(|wrap| Some(wrap.hash()) == open.invite.wrap_hash);
        let wrap = wrap.ok_or(BookError::ServerAnswer)?;
        let key = unwrap_key(wrap, &link.book, roster.epoch, &roster.key_commit, &link.secret.prekey_secret())
            .map_err(|_| BookError::ServerAnswer)?;

        let (ed_pub, prekey) = (replica.keys.public_key(), replica.keys.prekey().public());
        let isig = link.secret.sign_join(&link.book, &roster.rhead, &ed_pub, &prekey);
        let op = RosterOp::Join(Join { invite, ed_pub, prekey, isig });
        let body = RosterBody { rseq: roster.rseq + 1, rprev: roster.rhead, op };
        let header = Header {
            kind: Kind::Roster,
            book: link.book,
            epoch: roster.epoch,
            device: replica.device(),
            dseq: 1,
            dprev: EntryId::ZERO,
            seen_n: bootstrap.head.n,
            seen_h: bootstrap.head.h,
            nonce: [0; 24],
        };
        let envelope = Envelope::sign(header, &samla_wire::to_cbor(&body), replica.keys.signing_key())
            .map_err(|_| BookError::Bug("join"))?;
        let role = open.invite.role;
        let ready = ReadyJoin { envelope: envelope.bytes().to_vec().into(), role };
        replica.change_local(ctx, |local| {
            local.set_epoch_key(&key);
            local.pin = Some(link.pin);
            local.phase = Phase::Joining(Joining { ready: Some(ready), ..joining });
        })
    }

    /// Somebody's op came before the join: read the roster again and make the join anew.
    pub(super) fn on_late_join(&mut self, replica: &mut Replica, ctx: &mut Context<'_>) -> Result<Progress, BookError> {
        if let Phase::Joining(joining) = replica.local.phase.clone() {
            replica.change_local(ctx, |local| local.phase = Phase::Joining(Joining { ready: None, ..joining }))?;
        }
        Ok(Progress::default())
    }

    /// The server has the join: this device is a member. Its own rows in the register are written down at once.
    pub(super) fn on_joined(&mut self, replica: &mut Replica, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Phase::Joining(Joining { ready: Some(ready), name, label, .. }) = replica.local.phase.clone() else {
            return Ok(());
        };
        let envelope = Envelope::parse(ready.envelope.to_vec()).map_err(|_| BookError::Bug("join"))?;
        let mut local = replica.local.clone();
        local.phase = Phase::Member;
        local.joined_as = Some(ready.role);
        let writes = if ready.role >= samla_wire::Role::Steward {
            let introduction = Introduction::new(ctx, replica.device(), &name, &label);
            local.set_person(introduction.person);
            introduction.writes()
        } else {
            Vec::new()
        };
        replica.write_with(ctx, &writes, |tx, rng| {
            tx.add_entry(&unsent_entry(&envelope, 0))?;
            local.keep(tx, rng)
        })?;
        replica.local = local;
        self.token = None;
        self.taken_op = Some(envelope.id());
        self.wanted = true;
        Ok(())
    }
}

/// What a device writes of itself and its user into the register when it comes in.
pub(crate) struct Introduction {
    /// The user's row.
    pub(crate) person: RowId,
    rows: [(RowId, Draft); 2],
}

impl Introduction {
    /// The rows of this device and of its user.
    pub(crate) fn new(ctx: &mut Context<'_>, device: DeviceId, name: &str, label: &str) -> Self {
        let device = RowId::from_bytes(device.0);
        let person = device.child_of(ctx);
        let of_person = PersonDraft { name: Some(name.to_owned()), ..PersonDraft::default() };
        let of_device = DeviceDraft { label: Some(label.to_owned()), person: Some(person.into()) };
        Self { person, rows: [(person, of_person.into()), (device, of_device.into())] }
    }

    /// Are these names that every phone takes?
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        self.rows.iter().try_for_each(|(_, draft)| draft.check())
    }

    /// What is written.
    pub(crate) fn writes(&self) -> Vec<Write> {
        self.rows.iter().map(|(id, draft)| Write::of_draft(*id, draft)).collect()
    }
}

/// The roster from its genesis on, as the link's book has it, and at least as far as the inviter knew it.
fn checked_roster(bootstrap: &Bootstrap, link: &InviteLink) -> Result<Roster, BookError> {
    let mismatch = || BookError::InviteMismatch;
    let mut envelopes = bootstrap.roster.iter().map(|bytes| Envelope::parse(bytes.to_vec()));
    let genesis = envelopes.next().ok_or_else(mismatch)?.map_err(|_| mismatch())?;
    let body = read_body(&genesis).map_err(|_| mismatch())?;
    let mut roster = Roster::found(&genesis, &body).map_err(|_| mismatch())?;
    if roster.book != link.book || !signed(&roster, &genesis, &body) {
        return Err(mismatch());
    }
    let mut pinned = false;
    for envelope in envelopes {
        let envelope = envelope.map_err(|_| mismatch())?;
        let body = read_body(&envelope).map_err(|_| BookError::UpdateRequired)?;
        if !signed(&roster, &envelope, &body) {
            return Err(mismatch());
        }
        roster.apply(&envelope, &body).map_err(|error| match error {
            RosterError::Newer => BookError::UpdateRequired,
            _ => mismatch(),
        })?;
        pinned |= envelope.id() == link.rprev && body.rseq == link.rseq;
    }
    if pinned { Ok(roster) } else { Err(mismatch()) }
}

fn signed(roster: &Roster, envelope: &Envelope, body: &RosterBody) -> bool {
    let joiner = match &body.op {
        RosterOp::Join(join) => Some(&join.ed_pub),
        _ => None,
    };
    let key = roster.signing_key(&envelope.header().device).or(joiner);
    key.is_some_and(|key| envelope.verify(key))
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use samla_wire::roster::{Genesis, Invite, InviteMode};
    use samla_wire::{BookId, Head, Role};

    use super::*;
    use crate::seal::{DeviceKeys, EpochKey, InviteSecret, RecoverySecret, StorageKey, wrap_key};
    use crate::store::{Home, Place};

    /// What a joiner meets at a book with these parameters.
    fn meets(rules: u16, shards: u16) -> Result<(), BookError> {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (keys, key) = (DeviceKeys::make(&mut rng), EpochKey::make(&mut rng));
        let (secret, sheet) = (InviteSecret::make(&mut rng), RecoverySecret::make(&mut rng));
        let genesis = RosterOp::Genesis(Genesis {
            ed_pub: keys.public_key(),
            prekey: keys.prekey().public(),
            recovery: vec![sheet.recovery_key()],
            suite: samla_wire::envelope::SUITE,
            rules,
            shards,
            key_commit: key.commit(0),
            nonce: [0; 16],
        });
        let genesis = samla_wire::to_cbor(&RosterBody { rseq: 1, rprev: EntryId::ZERO, op: genesis });
        let book = BookId::of_genesis(&genesis);
        let start = Head::start(&book);
        let sign = |body: &[u8], dseq, dprev| {
            let header = Header {
                kind: Kind::Roster,
                book,
                epoch: 0,
                device: keys.device_id(),
                dseq,
                dprev,
                seen_n: start.n,
                seen_h: start.h,
                nonce: [0; 24],
            };
            Envelope::sign(header, body, keys.signing_key()).unwrap()
        };
        let genesis = sign(&genesis, 1, EntryId::ZERO);
        let recipient = DeviceId(secret.invite_id().0);
        let wrap = wrap_key(&key, &book, 0, recipient, &secret.prekey(), &mut rng).unwrap();
        let invite = RosterOp::Invite(Invite {
            ed_pub: secret.public_key(),
            x_pub: secret.prekey(),
            role: Role::Steward,
            mode: InviteMode::Auto,
            expires_day: 30_000,
            wrap_hash: Some(wrap.hash()),
        });
        let invite = RosterBody { rseq: 2, rprev: genesis.id(), op: invite };
        let invite = sign(&samla_wire::to_cbor(&invite), 2, genesis.id());
        let head = start.next(&genesis.id()).next(&invite.id());
        let (server_url, rprev) = ("https://samla.example".to_owned(), invite.id());
        let link = InviteLink { server_url, book, secret, pin: head, rseq: 2, rprev };

        let now = "2026-08-24T11:30:00+02:00".parse().unwrap();
        let mut ctx = Context { now, rng: &mut rng };
        let home = Home { place: Place::Memory, storage_key: StorageKey::from_bytes([7; 32]) };
        let mut joined = crate::Book::join(&mut ctx, &home, &link.to_string(), "Olle", "Phone")?;
        let roster = [genesis, invite].map(|envelope| envelope.into_bytes().into()).to_vec();
        let bootstrap = Bootstrap { roster, base: Vec::new(), wrap: Some(wrap), head, from: 0 };
        let (replica, round) = joined.parts();
        round.on_bootstrap(replica, &mut ctx, &samla_wire::to_cbor(&bootstrap))
    }

    #[test]
    fn a_book_of_another_shape_needs_another_version() {
        meets(base::RULES, base::SHARDS).unwrap();
        assert!(matches!(meets(base::RULES + 1, base::SHARDS), Err(BookError::UpdateRequired)));
        assert!(matches!(meets(base::RULES, 32), Err(BookError::UpdateRequired)));
    }
}
