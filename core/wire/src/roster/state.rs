//! The roster as it stands after some ops: a pure fold over the chain.

use std::collections::BTreeMap;

use super::epoch::Former;
use super::op::*;
use crate::chain::Head;
use crate::envelope::{Envelope, SUITE, verify_signature};
use crate::ids::{BookId, DeviceId, EntryId, InviteId, KeyCommit, Prekey, SigningKey, WrapHash};
use crate::limits;

/// A device that is in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Signs its envelopes; never changes.
    pub ed_pub: SigningKey,
    /// Epoch keys are sealed to it.
    pub prekey: Prekey,
    /// What it may do.
    pub role: Role,
    /// The invitation it came by; none for the founder.
    pub invite: Option<InviteId>,
    /// Who opened that invitation.
    pub invited_by: Option<DeviceId>,
    /// It has said goodbye: nothing more from it is accepted.
    pub left: bool,
}

/// An invitation that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvite {
    /// Its public halves, role and mode.
    pub invite: Invite,
    /// Who opened it.
    pub author: DeviceId,
}

/// A device that waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Signs its envelopes.
    pub ed_pub: SigningKey,
    /// The epoch key will be sealed to it.
    pub prekey: Prekey,
    /// The invitation it came by.
    pub invite: InviteId,
    /// Who opened that invitation.
    pub invited_by: DeviceId,
    /// What that invitation makes of the joiner, unless who admits it says less.
    pub role: Role,
}

/// Why a roster op does not apply. The codes are those of [`crate::problem::Code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// The body is not a roster op in canonical form.
    #[error("not a roster op")]
    Malformed,
    /// An op that only a newer version of the protocol knows.
    #[error("an op of a newer version")]
    Newer,
    /// Not the next op: somebody else's came first.
    #[error("the roster has moved on")]
    Rprev,
    /// The author may not do this.
    #[error("not allowed")]
    NotAllowed,
    /// No such device, invitation or recovery key, or not one that this op fits.
    #[error("does not apply to that device or invitation")]
    Target,
    /// The invitation was used before.
    #[error("the invitation is used")]
    InviteUsed,
    /// There is no such open invitation.
    #[error("the invitation is not open")]
    InviteUnknown,
    /// The invitation's signature does not fit.
    #[error("the invitation did not sign this")]
    InviteSignature,
    /// One more would be too many.
    #[error("a limit is reached")]
    Limit,
    /// A parameter of the book is not acceptable.
    #[error("a parameter is out of range")]
    Parameter,
    /// Nobody would be left who can let people in.
    #[error("the book would be without organiser and recovery key")]
    Orphaned,
    /// An epoch op that does not begin where the log ends: somebody's entry came first.
    #[error("the log has moved on")]
    Seal,
}

/// Who is in the book, which doors are open, and under which parameters entries are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The book.
    pub book: BookId,
    /// The epoch that new envelopes belong to; the first is 0.
    pub epoch: u32,
    /// The log position of the op that founded this epoch.
    pub epoch_n: u64,
    /// Where the log ended that this epoch's base was built from; before the first entry in the first epoch.
    pub seal: Head,
    /// The parts of the document that this epoch starts from; none in the first, whose base is derived.
    pub base: Vec<BasePart>,
    /// The rule set of this epoch.
    pub rules: u16,
    /// Shards of this epoch's document.
    pub shards: u16,
    /// Commits this epoch's key.
    pub key_commit: KeyCommit,
    /// The place of the newest op.
    pub rseq: u64,
    /// The newest roster envelope: what the next op names as `rprev`.
    pub rhead: EntryId,
    /// The devices that are in, or have left.
    pub members: BTreeMap<DeviceId, Member>,
    /// The devices that wait.
    pub pending: BTreeMap<DeviceId, Pending>,
    /// The doors that are open.
    pub invites: BTreeMap<InviteId, OpenInvite>,
    /// The doors that somebody went through.
    pub used_invites: BTreeMap<InviteId, DeviceId>,
    /// The recovery sheets.
    pub recovery: BTreeMap<DeviceId, RecoveryKey>,
    /// The devices that an epoch op has put out, and those that waited and were turned away.
    pub former: BTreeMap<DeviceId, Former>,
}

impl Roster {
    /// The roster right after its genesis envelope, whose signature the caller has checked.
    pub fn found(envelope: &Envelope, body: &RosterBody) -> Result<Self, RosterError> {
        let RosterOp::Genesis(genesis) = &body.op else { return Err(RosterError::Malformed) };
        if body.rseq != 1 || body.rprev != EntryId::ZERO {
            return Err(RosterError::Rprev);
        }
        let founder = DeviceId::of_key(&genesis.ed_pub);
        let book = BookId::of_genesis(envelope.body());
        if envelope.header().book != book || envelope.header().device != founder {
            return Err(RosterError::Target);
        }
        let shards_fit = genesis.shards.is_power_of_two() && genesis.shards <= limits::SHARDS;
        if genesis.suite != SUITE || genesis.rules == 0 || !shards_fit {
            return Err(RosterError::Parameter);
        }
        if genesis.recovery.is_empty() || genesis.recovery.len() > limits::RECOVERY_KEYS {
            return Err(RosterError::Limit);
        }
        let member = Member {
            ed_pub: genesis.ed_pub,
            prekey: genesis.prekey,
            role: Role::Organiser,
            invite: None,
            invited_by: None,
            left: false,
        };
        Ok(Self {
            book,
            epoch: 0,
            epoch_n: 1,
            seal: Head::start(&book),
            base: Vec::new(),
            rules: genesis.rules,
            shards: genesis.shards,
            key_commit: genesis.key_commit,
            rseq: 1,
            rhead: envelope.id(),
            members: BTreeMap::from([(founder, member)]),
            pending: BTreeMap::new(),
            invites: BTreeMap::new(),
            used_invites: BTreeMap::new(),
            recovery: genesis.recovery.iter().map(|key| (DeviceId::of_key(&key.ed_pub), key.clone())).collect(),
            former: BTreeMap::new(),
        })
    }

    /// A member that may still write.
    pub fn active(&self, device: &DeviceId) -> Option<&Member> {
        self.members.get(device).filter(|member| !member.left)
    }

    /// The role of a member that may still write.
    pub fn role(&self, device: &DeviceId) -> Option<Role> {
        self.active(device).map(|member| member.role)
    }

    /// The key that signs envelopes of this principal: a member, or a recovery sheet.
    pub fn signing_key(&self, device: &DeviceId) -> Option<&SigningKey> {
        self.members
            .get(device)
            .map(|member| &member.ed_pub)
            .or_else(|| self.recovery.get(device).map(|key| &key.ed_pub))
    }

    /// Applies the next op. The caller has checked the envelope's signature; on an error nothing has changed.
    pub fn apply(&mut self, envelope: &Envelope, body: &RosterBody) -> Result<(), RosterError> {
        if body.rseq != self.rseq + 1 || body.rprev != self.rhead {
            return Err(RosterError::Rprev);
        }
        self.apply_op(&envelope.header().device, body)?;
        self.rseq = body.rseq;
        self.rhead = envelope.id();
        Ok(())
    }

    fn apply_op(&mut self, author: &DeviceId, body: &RosterBody) -> Result<(), RosterError> {
        match &body.op {
            RosterOp::Genesis(_) => Err(RosterError::Rprev),
            RosterOp::Invite(op) => self.invite(author, op),
            RosterOp::Uninvite(op) => self.uninvite(author, op),
            RosterOp::Join(op) => self.join(author, &body.rprev, op),
            RosterOp::Admit(op) => self.admit(author, op),
            RosterOp::Deny(op) => self.deny(author, op),
            RosterOp::Raise(op) => self.raise(author, op),
            RosterOp::Epoch(op) => self.epoch(author, op),
            RosterOp::RecoveryAdd(op) => self.add_recovery(author, op),
            RosterOp::RecoveryRetire(op) => self.retire_recovery(author, op),
            RosterOp::Leave(_) => self.leave(author),
        }
    }

    /// Is this a device that is in, waits, or was in, or a recovery sheet?
    pub(super) fn knows(&self, device: &DeviceId) -> bool {
        self.members.contains_key(device)
            || self.pending.contains_key(device)
            || self.former.contains_key(device)
            || self.recovery.contains_key(device)
    }

    pub(super) fn must_be_organiser(&self, author: &DeviceId) -> Result<(), RosterError> {
        if self.role(author) == Some(Role::Organiser) { Ok(()) } else { Err(RosterError::NotAllowed) }
    }

    fn invite(&mut self, author: &DeviceId, op: &Invite) -> Result<(), RosterError> {
        self.must_be_organiser(author)?;
        let id = InviteId::of_key(&op.ed_pub);
        if op.role == Role::Organiser {
            return Err(RosterError::NotAllowed);
        }
        // Who is to be confirmed gets the key when that happens, and not before.
        if op.wrap_hash.is_some() != (op.mode == InviteMode::Auto) {
            return Err(RosterError::Parameter);
        }
        if self.invites.contains_key(&id) || self.used_invites.contains_key(&id) {
            return Err(RosterError::Target);
        }
        if self.invites.len() >= limits::OPEN_INVITES {
            return Err(RosterError::Limit);
        }
        self.invites.insert(id, OpenInvite { invite: op.clone(), author: *author });
        Ok(())
    }

    fn uninvite(&mut self, author: &DeviceId, op: &Uninvite) -> Result<(), RosterError> {
        let open = self.invites.get(&op.invite).ok_or(RosterError::InviteUnknown)?;
        if open.author != *author {
            self.must_be_organiser(author)?;
        }
        self.invites.remove(&op.invite);
        Ok(())
    }

    fn join(&mut self, author: &DeviceId, rprev: &EntryId, op: &Join) -> Result<(), RosterError> {
        if DeviceId::of_key(&op.ed_pub) != *author {
            return Err(RosterError::Target);
        }
        if self.used_invites.contains_key(&op.invite) {
            return Err(RosterError::InviteUsed);
        }
        let open = self.invites.get(&op.invite).ok_or(RosterError::InviteUnknown)?;
        let message = join_message(&self.book, rprev, &op.ed_pub, &op.prekey);
        if !verify_signature(&open.invite.ed_pub, &message, &op.isig) {
            return Err(RosterError::InviteSignature);
        }
        if self.knows(author) {
            return Err(RosterError::Target);
        }
        if self.members.len() + self.pending.len() >= limits::DEVICES {
            return Err(RosterError::Limit);
        }
        let (role, mode, invited_by) = (open.invite.role, open.invite.mode, open.author);
        self.invites.remove(&op.invite);
        self.used_invites.insert(op.invite, *author);
        match mode {
            InviteMode::Auto => {
                let (ed_pub, prekey, invite) = (op.ed_pub, op.prekey, Some(op.invite));
                let invited_by = Some(invited_by);
                self.members.insert(*author, Member { ed_pub, prekey, role, invite, invited_by, left: false });
            }
            InviteMode::Confirm => {
                let (ed_pub, prekey, invite) = (op.ed_pub, op.prekey, op.invite);
                self.pending.insert(*author, Pending { ed_pub, prekey, invite, invited_by, role });
            }
        }
        Ok(())
    }

    fn admit(&mut self, author: &DeviceId, op: &Admit) -> Result<(), RosterError> {
        self.must_be_organiser(author)?;
        if op.role == Role::Organiser {
            return Err(RosterError::NotAllowed);
        }
        let Pending { ed_pub, prekey, invite, invited_by, .. } =
            self.pending.remove(&op.device).ok_or(RosterError::Target)?;
        let (invite, invited_by) = (Some(invite), Some(invited_by));
        let member = Member { ed_pub, prekey, role: op.role, invite, invited_by, left: false };
        self.members.insert(op.device, member);
        Ok(())
    }

    fn deny(&mut self, author: &DeviceId, op: &Deny) -> Result<(), RosterError> {
        self.must_be_organiser(author)?;
        let Pending { ed_pub, .. } = self.pending.remove(&op.device).ok_or(RosterError::Target)?;
        self.former.insert(op.device, Former { ed_pub, epoch: self.epoch, reason: None });
        Ok(())
    }

    fn add_recovery(&mut self, author: &DeviceId, op: &RecoveryAdd) -> Result<(), RosterError> {
        if !self.recovery.contains_key(author) {
            self.must_be_organiser(author)?;
        }
        let id = DeviceId::of_key(&op.key.ed_pub);
        if op.wrap_hash.is_none() {
            return Err(RosterError::Parameter);
        }
        if self.knows(&id) {
            return Err(RosterError::Target);
        }
        if self.recovery.len() >= limits::RECOVERY_KEYS {
            return Err(RosterError::Limit);
        }
        self.recovery.insert(id, op.key.clone());
        Ok(())
    }

    /// Only the sheet itself retires: a hostile organiser cannot shut out those who hold one.
    fn retire_recovery(&mut self, author: &DeviceId, op: &RecoveryRetire) -> Result<(), RosterError> {
        if *author != op.device {
            return Err(RosterError::NotAllowed);
        }
        let organisers = self.members.values().any(|member| !member.left && member.role == Role::Organiser);
        if self.recovery.len() == 1 && !organisers {
            return Err(RosterError::Orphaned);
        }
        self.recovery.remove(&op.device).map(drop).ok_or(RosterError::Target)
    }

    fn raise(&mut self, author: &DeviceId, op: &Raise) -> Result<(), RosterError> {
        self.must_be_organiser(author)?;
        let organisers = self.members.values().filter(|m| !m.left && m.role == Role::Organiser).count();
        let member = self.members.get_mut(&op.device).filter(|m| !m.left).ok_or(RosterError::Target)?;
        if op.role <= member.role {
            return Err(RosterError::Target);
        }
        if op.role == Role::Organiser && organisers >= limits::ORGANISERS {
            return Err(RosterError::Limit);
        }
        member.role = op.role;
        Ok(())
    }

    fn leave(&mut self, author: &DeviceId) -> Result<(), RosterError> {
        if self.active(author).is_none() {
            return Err(RosterError::NotAllowed);
        }
        let another_organiser = self.members.iter().any(|(id, m)| id != author && !m.left && m.role == Role::Organiser);
        if !another_organiser && self.recovery.is_empty() {
            return Err(RosterError::Orphaned);
        }
        if let Some(member) = self.members.get_mut(author) {
            member.left = true;
        }
        Ok(())
    }

    /// The wrap that the roster expects beside an invitation in mode auto.
    pub fn invite_wrap(&self, invite: &InviteId) -> Option<WrapHash> {
        self.invites.get(invite).and_then(|open| open.invite.wrap_hash)
    }
}
