//! Coming in by an invitation: read the roster, check it against the link, make a join, become a member.
//!
//! The link says which book it is, so the whole roster can be checked from its first entry; and it pins how far the
//! inviter knew the book, so that nobody can be shown an older one.

use minicbor::bytes::ByteVec;
use samla_wire::http::{Bootstrap, Bundle, RosterRequest, Wrap};
use samla_wire::roster::{InviteMode, Join, Roster, RosterBody, RosterOp};
use samla_wire::{DeviceId, EntryId, Envelope, Head, Header, Kind};

use super::chain::RosterChain;
use super::moving::{self, Moving};
use super::session::Principal;
use super::{Awaiting, Progress, Request, Round, books, post};
use crate::context::Context;
use crate::document::Write;
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::replica::Replica;
use crate::replica::arrival::keep_join;
use crate::replica::bundle::FileError;
use crate::replica::local::{Joining, Local, Phase, ReadyJoin};
use crate::replica::outgoing::unsent_entry;
use crate::seal::{InviteLink, unwrap_key};
use crate::tables::{DeviceDraft, Draft, FieldError, Person, PersonDraft};

impl Round {
    pub(super) fn joining_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        joining: &Joining,
    ) -> Result<(Awaiting, Request), BookError> {
        if let Some(ready) = joining.ready.as_ref().filter(|_| !joining.waits) {
            // A join needs no session: the invitation's signature is in it.
            let body = RosterRequest { envelope: ready.envelope.clone(), wrap: None };
            let path = books(&replica.book(), "roster");
            return Ok((Awaiting::Join, post(replica, path, samla_wire::to_cbor(&body), None)));
        }
        let link: InviteLink = joining.link.parse().map_err(BookError::Link)?;
        let principal = if joining.waits { Principal::Device } else { Principal::Invite(&link.secret) };
        if matches!(self.moving, Moving::No) {
            self.moving = Moving::Wanted;
        }
        let next = self.moving_request(replica, ctx, &principal)?;
        next.ok_or(BookError::Bug("joining"))
    }

    /// The roster is here: check it, open the epoch's key, and make the join.
    pub(super) fn on_bootstrap(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        self.moving = Moving::No;
        let Phase::Joining(joining) = replica.local.phase.clone() else { return Ok(()) };
        let link: InviteLink = joining.link.parse().map_err(BookError::Link)?;
        let bootstrap: Bootstrap = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let chain = moving::read(&bootstrap, replica, ctx)?;
        if !chain.has(link.rseq, &link.rprev) {
            return Err(BookError::InviteMismatch);
        }
        if replica.log.as_ref().is_some_and(|log| chain.roster().epoch < log.roster.epoch) {
            // What is here is of a later one, which the server has lost.
            return Err(BookError::Chain);
        }
        if joining.waits {
            return self.on_waiting(replica, ctx, chain, &bootstrap, &joining);
        }
        let open = chain.roster().invites.get(&link.secret.invite_id()).ok_or(BookError::InviteUsed)?.clone();
        if open.invite.mode == InviteMode::Confirm {
            let ready = self.make_join(replica, chain.roster(), &joining, bootstrap.head)?;
            return replica.change_local(ctx, |local| {
                local.phase = Phase::Joining(Joining { ready: Some(ready), ..joining });
            });
        }
        // An invitation that was opened in this epoch names its wrap; one that an epoch op kept open does not.
        let named = |wrap: &Wrap| open.invite.wrap_hash.is_none_or(|hash| wrap.hash() == hash);
        let wrap = bootstrap.wrap.as_ref().filter(|wrap| named(wrap)).ok_or(BookError::ServerAnswer)?;
        let secret = link.secret.prekey_secret();
        if chain.roster().epoch > 0 {
            return self.on_first_bootstrap(replica, chain, &bootstrap, &secret);
        }
        let key = unwrap_key(wrap, &link.book, 0, &chain.roster().key_commit, &secret)
            .map_err(|_| BookError::ServerAnswer)?;
        let ready = self.make_join(replica, chain.roster(), &joining, bootstrap.head)?;
        replica.change_local(ctx, |local| {
            local.set_epoch_key(&key);
            local.pin = Some(link.pin);
            local.phase = Phase::Joining(Joining { ready: Some(ready), ..joining });
        })
    }

    /// A join for the roster as it stands.
    pub(super) fn make_join(
        &self,
        replica: &Replica,
        roster: &Roster,
        joining: &Joining,
        head: Head,
    ) -> Result<ReadyJoin, BookError> {
        let link: InviteLink = joining.link.parse().map_err(BookError::Link)?;
        let invite = link.secret.invite_id();
        let role = roster.invites.get(&invite).ok_or(BookError::InviteUsed)?.invite.role;
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
            seen_n: head.n,
            seen_h: head.h,
            nonce: [0; 24],
        };
        let envelope = Envelope::sign(header, &samla_wire::to_cbor(&body), replica.keys.signing_key())
            .map_err(|_| BookError::Bug("join"))?;
        Ok(ReadyJoin { envelope: envelope.bytes().to_vec().into(), role })
    }

    /// Comes in by a file that was made for this invitation: everything is checked as if a server had sent it, and is provisional
    /// until one does. The join is ready to be sent when there is a network.
    pub(crate) fn join_from_file(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        bundle: &Bundle,
    ) -> Result<(), BookError> {
        let Phase::Joining(joining) = replica.local.phase.clone() else { return Ok(()) };
        let link: InviteLink = joining.link.parse().map_err(BookError::Link)?;
        let mut chain = moving::read_roster(&bundle.roster, replica, ctx)?;
        let founded = chain.up_to_epoch().len();
        chain.add_what_applies(&bundle.entries);
        let open = chain.roster().invites.get(&link.secret.invite_id()).ok_or(BookError::InviteUsed)?;
        if !chain.has(link.rseq, &link.rprev) || open.invite.mode != InviteMode::Auto {
            return Err(BookError::InviteMismatch);
        }
        let (epoch, commit) = (chain.roster().epoch, chain.roster().key_commit);
        let wrap = bundle.wrap.as_ref().ok_or(BookError::File(FileError::Malformed))?;
        let key = unwrap_key(wrap, &link.book, epoch, &commit, &link.secret.prekey_secret())
            .map_err(|_| BookError::File(FileError::Malformed))?;
        let start = chain.start();
        let ready = self.make_join(replica, chain.roster(), &joining, start)?;
        let role = ready.role;
        let joined = |local: &mut Local| {
            local.set_epoch_key(&key);
            local.pin = Some(link.pin);
            local.joined_as = Some(role);
            local.confirmed = Some(start);
            local.phase = Phase::Joining(Joining { ready: Some(ready), ..joining });
        };
        let mut page: Vec<ByteVec> = bundle.entries.clone();
        if epoch > 0 {
            let arrival = moving::file_arrival(chain, key.clone(), bundle, replica)?;
            replica.arrive(ctx, arrival, joined)?;
        } else {
            page.splice(0..0, bundle.roster.iter().take(founded).cloned());
            replica.change_local(ctx, joined)?;
        }
        replica.take_in(ctx, &page, &[])?;
        match replica.log.as_ref().is_some_and(|log| log.head == bundle.head) {
            true => Ok(()),
            false => Err(BookError::Chain),
        }
    }

    /// The roster as a device sees it that has to be let in.
    fn on_waiting(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        chain: RosterChain,
        bootstrap: &Bootstrap,
        joining: &Joining,
    ) -> Result<(), BookError> {
        let me = replica.device();
        if chain.roster().pending.contains_key(&me) {
            // Nothing to do but to ask again later.
            self.wanted = false;
            return Ok(());
        }
        if chain.roster().active(&me).is_none() {
            return Err(BookError::Denied);
        }
        let secret = replica.keys.prekey().clone();
        if chain.roster().epoch > 0 {
            return self.on_first_bootstrap(replica, chain, bootstrap, &secret);
        }
        let wrap = bootstrap.wrap.as_ref().ok_or(BookError::ServerAnswer)?;
        let key = unwrap_key(wrap, &replica.book(), 0, &chain.roster().key_commit, &secret)
            .map_err(|_| BookError::ServerAnswer)?;
        let mut local = replica.local.clone();
        local.set_epoch_key(&key);
        moving::become_member(&mut local, joining);
        replica.store.atomically(|tx| {
            keep_join(tx, joining.envelope().as_ref())?;
            local.keep(tx, ctx.rng)
        })?;
        replica.local = local;
        self.token = None;
        self.wanted = true;
        Ok(())
    }

    /// Somebody's op came before the join: read the roster again and make the join anew.
    pub(super) fn on_late_join(&mut self, replica: &mut Replica, ctx: &mut Context<'_>) -> Result<Progress, BookError> {
        if let Phase::Joining(joining) = replica.local.phase.clone() {
            replica.change_local(ctx, |local| local.phase = Phase::Joining(Joining { ready: None, ..joining }))?;
        }
        Ok(Progress::default())
    }

    /// The server has the join: this device is a member, or waits for an organiser. Its own rows in the register are
    /// written down as soon as it may write.
    pub(super) fn on_joined(&mut self, replica: &mut Replica, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Phase::Joining(joining) = replica.local.phase.clone() else { return Ok(()) };
        let Some(ready) = joining.ready.clone() else { return Ok(()) };
        self.token = None;
        self.wanted = true;
        if replica.local.epoch_key().is_none() {
            return replica.change_local(ctx, |local| local.phase = Phase::Joining(Joining { waits: true, ..joining }));
        }
        let envelope = Envelope::parse(ready.envelope.to_vec()).map_err(|_| BookError::Bug("join"))?;
        let mut local = replica.local.clone();
        local.joined_as = Some(ready.role);
        moving::become_member(&mut local, &joining);
        replica.store.atomically(|tx| {
            tx.add_entry(&unsent_entry(&envelope, 0))?;
            local.keep(tx, ctx.rng)
        })?;
        replica.local = local;
        self.taken_op = Some(envelope.id());
        replica.introduce(ctx)
    }
}

impl Replica {
    /// Writes down who this device is and whose, once it may write. Whoever comes in anew has a row already: it is theirs as long
    /// as it is there and is called what they say they are called; by somebody else's name it is somebody else.
    pub(crate) fn introduce(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some((name, label)) = self.local.to_introduce() else { return Ok(()) };
        let is_member = self.local.phase == Phase::Member;
        if !is_member || self.role().is_none_or(|role| role < samla_wire::Role::Steward) {
            return Ok(());
        }
        let before = self.local.person();
        if before.is_some() && self.has_aside()? {
            // The log was not read to its end: nobody knows whether the row is there.
            return Ok(());
        }
        let called = |id: Id<Person>| self.register.get(id).and_then(|row| row.name.as_deref());
        let same = before.filter(|id| called(*id).is_some_and(|called| called.trim() == name.trim()));
        let introduction = match same {
            Some(person) => Introduction::again(self.device(), person, &label),
            None => Introduction::new(ctx, self.device(), &name, &label),
        };
        let mut local = self.local.clone();
        local.introduced();
        local.set_person(introduction.person);
        self.write_with(ctx, &introduction.writes(), |tx, rng| local.keep(tx, rng))?;
        self.local = local;
        Ok(())
    }
}

/// What a device writes of itself and its user into the register when it comes in.
pub(crate) struct Introduction {
    /// The user's row.
    pub(crate) person: RowId,
    rows: Vec<(RowId, Draft)>,
}

impl Introduction {
    /// The rows of this device and of its user.
    pub(crate) fn new(ctx: &mut Context<'_>, device: DeviceId, name: &str, label: &str) -> Self {
        let device = RowId::from_bytes(device.0);
        let person = device.child_of(ctx);
        let of_person = PersonDraft { name: Some(name.to_owned()), ..PersonDraft::default() };
        let of_device = DeviceDraft { label: Some(label.to_owned()), person: Some(person.into()) };
        Self { person, rows: vec![(person, of_person.into()), (device, of_device.into())] }
    }

    /// The row of another device of a user who has a row already.
    fn again(device: DeviceId, person: Id<Person>, label: &str) -> Self {
        let of_device = DeviceDraft { label: Some(label.to_owned()), person: Some(person) };
        Self { person: person.row(), rows: vec![(RowId::from_bytes(device.0), of_device.into())] }
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

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use samla_wire::roster::{Genesis, Invite};
    use samla_wire::{BookId, Role};

    use super::*;
    use crate::document::base;
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
        let bootstrap = Bootstrap { roster, base: Vec::new(), wrap: Some(wrap), head, from: 0, tip: None };
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
