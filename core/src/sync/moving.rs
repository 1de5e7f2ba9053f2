//! Coming to an epoch: the roster's chain, this device's wrap and the base are fetched, checked and installed.
//!
//! One road for all who need it: a member who meets a new epoch, a joiner to a book that is no longer in its first, a device
//! that an organiser has let in, and the holder of a recovery sheet. It holds nothing that must survive: who stops begins
//! again.

use std::cmp::Ordering;

use minicbor::bytes::ByteVec;
use samla_wire::http::{self, Bootstrap, Bundle};
use samla_wire::roster::{Reason, Roster};
use samla_wire::rules::Tip;
use samla_wire::{EntryId, Head, LogState};

use super::chain::{ChainError, LatestEpoch, RosterChain};
use super::session::Principal;
use super::{Awaiting, Progress, Request, Round, books, get};
use crate::context::Context;
use crate::document::base;
use crate::error::BookError;
use crate::replica::Replica;
use crate::replica::arrival::Arrival;
use crate::replica::base::open_base;
use crate::replica::local::{Alarm, Joining, Local, Phase, PutOut, Recovering};
use crate::seal::{DeviceKeys, EpochKey, PrekeySecret, unwrap_key};

/// How far a device is with an epoch that it comes to.
#[derive(Default)]
pub(super) enum Moving {
    /// There is none.
    #[default]
    No,
    /// The server has said so, and nothing is believed yet.
    Wanted,
    /// The base is being fetched.
    Fetching(Box<Fetching>),
}

impl std::fmt::Debug for Moving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::No => "No",
            Self::Wanted => "Wanted",
            Self::Fetching(_) => "Fetching",
        })
    }
}

/// An epoch whose op is checked and whose key is open.
pub(super) struct Fetching {
    chain: RosterChain,
    latest: LatestEpoch,
    erased: bool,
    key: EpochKey,
    keys: DeviceKeys,
    parts: Vec<Vec<u8>>,
    /// Where the log ends, as the server says.
    pub(super) head: Head,
}

impl Fetching {
    fn next_part(&self) -> Option<EntryId> {
        self.latest.op.base.get(self.parts.len()).map(|part| part.id)
    }
}

impl Round {
    /// The next request on the way to an epoch, if there is one.
    pub(super) fn moving_request(
        &mut self,
        replica: &Replica,
        ctx: &Context<'_>,
        principal: &Principal<'_>,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        let part = match &self.moving {
            Moving::No => return Ok(None),
            Moving::Wanted => None,
            Moving::Fetching(fetching) => fetching.next_part(),
        };
        let token = match self.signed_in(replica, ctx, principal)? {
            Ok(token) => token,
            Err(step) => return Ok(Some(step)),
        };
        Ok(Some(match part {
            Some(id) => {
                let path = books(&replica.book(), &format!("base/{id}"));
                (Awaiting::Part, get(replica, path, "application/octet-stream", Some(&token)))
            }
            None => {
                let path = books(&replica.book(), "bootstrap");
                (Awaiting::Bootstrap, get(replica, path, http::CBOR, Some(&token)))
            }
        }))
    }

    /// The roster's chain is here, for a member who was told of a new epoch or of another log.
    pub(super) fn on_member_bootstrap(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        self.moving = Moving::No;
        let bootstrap: Bootstrap = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let chain = read(&bootstrap, replica, ctx)?;
        if replica.is_provisional() && self.settles_provisional(replica, ctx, &chain)? {
            return Ok(());
        }
        if replica.local.has_alarm(Alarm::DeviceFork) {
            self.wanted = false;
            let leads_on = leads_on(&chain, replica)?;
            return if leads_on { must_be_in(&chain, bootstrap.tip, replica, ctx) } else { Ok(()) };
        }
        let (mut from, mut sure) = (0, true);
        if let Some(log) = &replica.log {
            if chain.roster().epoch <= log.roster.epoch {
                return self.on_other_log(replica, ctx, &chain, bootstrap.head);
            }
            from = log.roster.epoch;
            let apart = comes_from_another_log(&chain, log)?;
            if apart.is_some_and(|reason| reason != Reason::Restore) {
                replica.raise_alarm(ctx, Alarm::Fork)?;
                return Err(BookError::Chain);
            }
            if signed_another_log(&chain, log, &replica.local.signed) {
                replica.raise_alarm(ctx, Alarm::Fork)?;
            }
            let log = replica.log.as_ref().ok_or(BookError::ServerAnswer)?;
            // Only who has read to the seal knows that the epoch goes on from this phone's log.
            sure = apart.is_none()
                && chain.epochs.iter().any(|passed| passed.epoch == from + 1 && passed.seal == log.head);
        }
        must_be_in(&chain, bootstrap.tip, replica, ctx)?;
        let latest = chain.latest.clone().ok_or(BookError::ServerAnswer)?;
        let erased = chain.has_erased_since(from);
        let mut prekeys = vec![replica.keys.prekey().clone()];
        prekeys.extend(replica.local.next_prekey());
        let Some((key, prekey)) = open_wrap(&bootstrap, &latest, replica, &prekeys) else {
            if !sure {
                // What this phone wrote and the log may have lost goes along when it comes in anew.
                replica.raise_alarm(ctx, Alarm::Chain)?;
            }
            replica.raise_alarm(ctx, Alarm::Epoch)?;
            return Err(BookError::EpochUnreadable);
        };
        let keys = replica.keys.with_prekey(prekey);
        self.fetch(Fetching { chain, latest, erased, key, keys, parts: Vec::new(), head: bootstrap.head });
        Ok(())
    }

    /// Holds the part of the log that a file alone has told against what the server shows. Returns whether nothing is left to do but
    /// to read the server's log from where it was confirmed.
    fn settles_provisional(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        chain: &RosterChain,
    ) -> Result<bool, BookError> {
        let log = replica.log.as_ref().ok_or(BookError::ServerAnswer)?;
        let order = chain.roster().epoch.cmp(&log.roster.epoch);
        let refuted = match order {
            // Where it only ends earlier, the server has perhaps lost nothing; and what it has lost it gets from what it had told.
            Ordering::Less | Ordering::Equal => true,
            Ordering::Greater => comes_from_another_log(chain, log)?.is_some(),
        };
        if refuted {
            replica.fall_back(ctx)?;
            self.wanted = true;
        } else {
            replica.confirm_for_epoch(ctx)?;
        }
        Ok(refuted && order == Ordering::Equal)
    }

    /// The chain that somebody meets who is not a member yet. `secret` opens the wrap.
    pub(super) fn on_first_bootstrap(
        &mut self,
        replica: &Replica,
        chain: RosterChain,
        bootstrap: &Bootstrap,
        secret: &PrekeySecret,
    ) -> Result<(), BookError> {
        let latest = chain.latest.clone().ok_or(BookError::ServerAnswer)?;
        let (key, _) =
            open_wrap(bootstrap, &latest, replica, std::slice::from_ref(secret)).ok_or(BookError::ServerAnswer)?;
        let keys = replica.keys.clone();
        // Whoever waits to be let in, or comes back by the sheet, may have read an epoch before this one.
        let erased = replica.log.as_ref().is_some_and(|log| chain.has_erased_since(log.roster.epoch));
        self.fetch(Fetching { chain, latest, erased, key, keys, parts: Vec::new(), head: bootstrap.head });
        Ok(())
    }

    fn fetch(&mut self, fetching: Fetching) {
        self.moving = Moving::Fetching(Box::new(fetching));
        self.wanted = true;
    }

    /// One more part of the base is here; with the last the epoch arrives.
    pub(super) fn on_part(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<Progress, BookError> {
        let Moving::Fetching(mut fetching) = std::mem::take(&mut self.moving) else { return Ok(Progress::default()) };
        fetching.parts.push(body.to_vec());
        if fetching.next_part().is_some() {
            self.moving = Moving::Fetching(fetching);
            return Ok(Progress::default());
        }
        let (head, newest) = (fetching.head, fetching.chain.roster().clone());
        let arrival = match arrival(*fetching, replica) {
            Ok(arrival) => arrival,
            Err(error) => {
                let alarms: &[Alarm] = match error {
                    _ if replica.local.phase != Phase::Member => &[],
                    BookError::EpochUnreadable => &[Alarm::Epoch],
                    // The copy may have written in another log than this phone: what has a place here need not have one there.
                    BookError::DeviceFork => &[Alarm::Chain, Alarm::DeviceFork],
                    _ => &[],
                };
                for alarm in alarms {
                    replica.raise_alarm(ctx, *alarm)?;
                }
                return Err(error);
            }
        };
        self.arrive(replica, ctx, arrival, &newest, head)?;
        Ok(Progress::default())
    }

    /// Installs what was fetched; what comes next follows from the phase.
    pub(super) fn arrive(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        arrival: Arrival,
        newest: &Roster,
        head: Head,
    ) -> Result<(), BookError> {
        match replica.local.phase.clone() {
            Phase::Joining(joining) if joining.waits => {
                let arrival = Arrival { join: joining.envelope(), ..arrival };
                replica.arrive(ctx, arrival, |local| become_member(local, &joining))?;
                self.token = None;
            }
            Phase::Joining(joining) => {
                let ready = Some(self.make_join(replica, newest, &joining, head)?);
                replica.arrive(ctx, arrival, |local| local.phase = Phase::Joining(Joining { ready, ..joining }))?;
            }
            Phase::Recovering(recovering) => {
                let found = Phase::Recovering(Recovering { found: true, ..recovering });
                replica.arrive(ctx, arrival, |local| local.phase = found)?;
            }
            _ => replica.arrive(ctx, arrival, |_| {})?,
        }
        self.synced = false;
        self.wanted = true;
        Ok(())
    }
}

/// Why the next epoch began, if the chain leads to it from another log than this phone's. After a loss an organiser founds the book
/// anew from another one, and says so.
fn comes_from_another_log(chain: &RosterChain, log: &LogState) -> Result<Option<Reason>, BookError> {
    let (mine, head) = (&log.roster, log.head);
    let first = chain.epochs.iter().find(|passed| passed.epoch == mine.epoch + 1);
    let first = first.ok_or(BookError::ServerAnswer)?;
    let apart = !chain.has(mine.rseq, &mine.rhead)
        || head.n > first.seal.n
        || (head.n == first.seal.n && head.h != first.seal.h);
    Ok(apart.then_some(first.reason))
}

/// Has a member signed to have seen a log that the next epoch cannot have gone on from? After a loss it may.
fn signed_another_log(chain: &RosterChain, log: &LogState, signed: &[Head]) -> bool {
    let first = chain.epochs.iter().find(|passed| passed.epoch == log.roster.epoch + 1);
    let first = first.filter(|first| first.reason != Reason::Restore);
    first.is_some_and(|first| {
        signed.iter().any(|seen| seen.n > first.seal.n || (seen.n == first.seal.n && seen.h != first.seal.h))
    })
}

/// Does the chain lead from this phone's log to a later epoch?
fn leads_on(chain: &RosterChain, replica: &Replica) -> Result<bool, BookError> {
    match &replica.log {
        Some(log) if chain.roster().epoch > log.roster.epoch => {
            Ok(comes_from_another_log(chain, log)?.is_none_or(|reason| reason == Reason::Restore))
        }
        Some(_) => Ok(false),
        None => Ok(true),
    }
}

/// Whom the chain has put out goes. `tip` is its newest entry in that log, as the server says.
fn must_be_in(
    chain: &RosterChain,
    tip: Option<Tip>,
    replica: &mut Replica,
    ctx: &mut Context<'_>,
) -> Result<(), BookError> {
    let Some(former) = chain.roster().former.get(&replica.device()) else { return Ok(()) };
    let why = PutOut { epoch: former.epoch, reason: former.reason.unwrap_or(Reason::Remove) };
    let ends = replica.log.as_ref().map(|log| log.roster.epoch + 1);
    let seal = chain.epochs.iter().find(|passed| Some(passed.epoch) == ends).map(|passed| passed.seal);
    replica.put_out(ctx, why, seal, tip)?;
    Err(BookError::Removed)
}

/// A device that an organiser has let in is a member now, and has to say who it is.
pub(super) fn become_member(local: &mut Local, joining: &Joining) {
    local.phase = Phase::Member;
    local.introduce(&joining.name, &joining.label);
}

/// Reads a chain that a member or a newcomer was sent, and refuses a book of another shape.
pub(super) fn read(
    bootstrap: &Bootstrap,
    replica: &mut Replica,
    ctx: &mut Context<'_>,
) -> Result<RosterChain, BookError> {
    read_roster(&bootstrap.roster, replica, ctx)
}

/// The same of a roster by itself.
pub(super) fn read_roster(
    roster: &[ByteVec],
    replica: &mut Replica,
    ctx: &mut Context<'_>,
) -> Result<RosterChain, BookError> {
    let is_member = replica.local.phase == Phase::Member;
    let chain = RosterChain::read(roster, &replica.book()).map_err(|error| match error {
        ChainError::Newer => BookError::UpdateRequired,
        ChainError::Mismatch if is_member => BookError::ServerAnswer,
        ChainError::Mismatch => BookError::InviteMismatch,
    })?;
    if (chain.roster().rules, chain.roster().shards) != (base::RULES, base::SHARDS) {
        // Rows would lie in other shards here than everywhere else.
        if is_member {
            replica.change_local(ctx, Local::require_update)?;
        }
        return Err(BookError::UpdateRequired);
    }
    Ok(chain)
}

/// The epoch's key out of this device's wrap, and the prekey that opened it.
fn open_wrap(
    bootstrap: &Bootstrap,
    latest: &LatestEpoch,
    replica: &Replica,
    prekeys: &[PrekeySecret],
) -> Option<(EpochKey, PrekeySecret)> {
    let wrap = bootstrap.wrap.as_ref()?;
    let (epoch, commit) = (latest.op.epoch, latest.op.key_commit);
    prekeys.iter().find_map(|prekey| {
        let key = unwrap_key(wrap, &replica.book(), epoch, &commit, prekey).ok()?;
        Some((key, prekey.clone()))
    })
}

/// The epoch that a file brings.
pub(super) fn file_arrival(
    chain: RosterChain,
    key: EpochKey,
    bundle: &Bundle,
    replica: &Replica,
) -> Result<Arrival, BookError> {
    let latest = chain.latest.clone().ok_or(BookError::EpochUnreadable)?;
    let parts = bundle.base.iter().map(|part| part.to_vec()).collect();
    let (erased, keys, head) = (false, replica.keys.clone(), bundle.head);
    arrival(Fetching { chain, latest, erased, key, keys, parts, head }, replica)
}

/// The epoch with its base checked. Fails with [`BookError::EpochUnreadable`] where this device cannot come to it.
fn arrival(fetching: Fetching, replica: &Replica) -> Result<Arrival, BookError> {
    let Fetching { chain, latest, erased, key, keys, parts, .. } = fetching;
    let (op, author, author_key) = (&latest.op, &latest.author, &latest.author_key);
    let base = open_base(&parts, op, author, author_key, &replica.book(), &key).ok_or(BookError::EpochUnreadable)?;
    let envelopes = chain.up_to_epoch();
    replica.check_founders_word(&base, op, &keys, &envelopes)?;
    Ok(Arrival { roster: latest.roster, envelopes, op: latest.op, erased, base, parts, key, keys, join: None })
}
