//! The one op that takes rights away: it founds the book anew under a new key.
//!
//! Within an epoch rights only grow; members go, roles sink and invitations are voided here and nowhere else. What the
//! roster can see of the op is checked here, by the same code on the server and on every phone; that the log ends where
//! the op says is checked by [`LogState`](crate::rules::LogState), and what is sealed inside the base by phones alone.

use std::collections::BTreeSet;

use super::op::*;
use super::state::{Member, Roster, RosterError};
use crate::chain::Head;
use crate::envelope::SUITE;
use crate::ids::{DeviceId, InviteId, LogHash, SigningKey, labelled_hash};
use crate::limits;
use crate::planted::{Fault, is_planted};

/// What a device of the book has become that is not in it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// Signed its envelopes, and may still ask why it is out.
    pub ed_pub: SigningKey,
    /// The epoch that began without it, or in which it was turned away.
    pub epoch: u32,
    /// Why that epoch began; none for a device that waited and was turned away by an organiser.
    pub reason: Option<Reason>,
}

/// `H("samla/1/members", (device ‖ role)… ‖ recovery sheet…)`, both in the order of their ids: what an epoch op says of
/// who remains.
pub fn members_digest(roster: &Roster) -> LogHash {
    let members = roster.members.iter().map(|(id, member)| [&id.0[..], &[member.role as u8]].concat());
    let sheets = roster.recovery.keys().map(|id| id.0.to_vec());
    let parts: Vec<Vec<u8>> = members.chain(sheets).collect();
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    LogHash(labelled_hash("samla/1/members", &parts))
}

impl Roster {
    /// The roster as it will be after this op, for its author to count and digest who remains. The op's digest is not
    /// looked at.
    pub fn after_epoch(&self, author: &DeviceId, op: &Epoch) -> Result<Self, RosterError> {
        let by_sheet = self.recovery.contains_key(author);
        if !by_sheet {
            self.must_be_organiser(author)?;
        }
        self.check_parameters(op)?;
        let mut next = self.clone();
        next.drop_members(author, op)?;
        next.lower(op)?;
        next.take_in_newcomer(op, by_sheet)?;
        next.keep_invites(op)?;
        let organisers = next.members.values().filter(|member| member.role == Role::Organiser).count();
        if organisers == 0 && next.recovery.is_empty() {
            return Err(RosterError::Orphaned);
        }
        if organisers > limits::ORGANISERS || next.members.len() + next.pending.len() > limits::DEVICES {
            return Err(RosterError::Limit);
        }
        next.epoch = op.epoch;
        next.epoch_n = op.seal_n + 1;
        next.seal = Head { n: op.seal_n, h: op.seal_h };
        next.rules = op.rules;
        next.shards = op.shards;
        next.key_commit = op.key_commit;
        next.base.clone_from(&op.base);
        Ok(next)
    }

    pub(super) fn epoch(&mut self, author: &DeviceId, op: &Epoch) -> Result<(), RosterError> {
        let next = self.after_epoch(author, op)?;
        if members_digest(&next) != op.members_digest {
            return Err(RosterError::Parameter);
        }
        *self = next;
        Ok(())
    }

    /// Everybody that the wraps of the current epoch are for: the members that have not left, the recovery sheets, and the
    /// open invitations that let in at once.
    pub fn wrap_recipients(&self) -> BTreeSet<DeviceId> {
        let open = self.invites.iter().filter(|(_, open)| open.invite.mode == InviteMode::Auto);
        let open = open.filter(|_| !is_planted(Fault::InvitesNotCovered));
        let open = open.map(|(id, _)| DeviceId(id.0));
        let members = self.members.iter().filter(|(_, member)| !member.left).map(|(id, _)| id);
        members.chain(self.recovery.keys()).copied().chain(open).collect()
    }

    /// Epochs follow each other in the log, suite, rules and shards only rise or stay, and the base can be read.
    fn check_parameters(&self, op: &Epoch) -> Result<(), RosterError> {
        let total: u64 = op.base.iter().map(|part| u64::from(part.len)).sum();
        let base_fits = !op.base.is_empty()
            && op.base.len() <= limits::BASE_PARTS
            && total <= limits::BASE_TOTAL as u64
            && op.base.iter().map(|part| part.id).collect::<BTreeSet<_>>().len() == op.base.len();
        let shards_fit = op.shards.is_power_of_two() && op.shards <= limits::SHARDS && op.shards >= self.shards;
        let next_epoch = Some(op.epoch) == self.epoch.checked_add(1);
        let heads_fit = op.base_heads.len() == usize::from(op.shards);
        let seal_fits = self.epoch_n <= op.seal_n && op.seal_n < u64::MAX;
        let never_less = op.suite == SUITE && op.rules >= self.rules && shards_fit;
        if next_epoch && seal_fits && never_less && base_fits && heads_fit {
            Ok(())
        } else {
            Err(RosterError::Parameter)
        }
    }

    /// Those named go, and those that had left.
    fn drop_members(&mut self, author: &DeviceId, op: &Epoch) -> Result<(), RosterError> {
        let removed: BTreeSet<DeviceId> = op.removed.iter().copied().collect();
        if removed.len() != op.removed.len() || removed.contains(author) {
            return Err(RosterError::Target);
        }
        for device in &removed {
            let known = self.members.remove(device).map(|member| member.ed_pub);
            let known = known.or_else(|| self.pending.remove(device).map(|pending| pending.ed_pub));
            let ed_pub = known.ok_or(RosterError::Target)?;
            self.former.insert(*device, Former { ed_pub, epoch: op.epoch, reason: Some(op.reason) });
        }
        let left: Vec<DeviceId> = self.members.iter().filter(|(_, m)| m.left).map(|(id, _)| *id).collect();
        for device in left {
            if let Some(member) = self.members.remove(&device) {
                let reason = Some(op.reason);
                self.former.insert(device, Former { ed_pub: member.ed_pub, epoch: op.epoch, reason });
            }
        }
        Ok(())
    }

    fn lower(&mut self, op: &Epoch) -> Result<(), RosterError> {
        for lower in &op.lowered {
            let member = self.members.get_mut(&lower.device).ok_or(RosterError::Target)?;
            if lower.role >= member.role {
                return Err(RosterError::Target);
            }
            member.role = lower.role;
        }
        Ok(())
    }

    fn take_in_newcomer(&mut self, op: &Epoch, by_sheet: bool) -> Result<(), RosterError> {
        let Some(newcomer) = &op.newcomer else { return Ok(()) };
        if !by_sheet {
            return Err(RosterError::NotAllowed);
        }
        let device = DeviceId::of_key(&newcomer.ed_pub);
        if self.knows(&device) {
            return Err(RosterError::Target);
        }
        let member = Member {
            ed_pub: newcomer.ed_pub,
            prekey: newcomer.prekey,
            role: Role::Organiser,
            invite: None,
            invited_by: None,
            left: false,
        };
        self.members.insert(device, member);
        Ok(())
    }

    /// Of the invitations only those named stay open, never one whose author is an organiser no longer, and none after an
    /// erasure. Their wraps are new ones, which no op names.
    fn keep_invites(&mut self, op: &Epoch) -> Result<(), RosterError> {
        let kept: BTreeSet<InviteId> = op.kept_invites.iter().copied().collect();
        if kept.len() != op.kept_invites.len() || (op.reason == Reason::Erase && !kept.is_empty()) {
            return Err(RosterError::Target);
        }
        for id in &kept {
            let open = self.invites.get_mut(id).ok_or(RosterError::InviteUnknown)?;
            if self.members.get(&open.author).is_none_or(|author| author.role != Role::Organiser) {
                return Err(RosterError::Target);
            }
            open.invite.wrap_hash = None;
        }
        self.invites.retain(|id, _| kept.contains(id));
        Ok(())
    }
}
