//! The book: one register and its members, as this device has it. The facade of this crate.
//!
//! Push in, pull out: commands go in and are durable when they return; views come out of the device's own copy, whether
//! or not there is a network; requests come out and their answers go in, and the app does the HTTP between the two.
//! Nothing here blocks on a network, reads a clock or asks for randomness: a [`Context`] brings both.

mod calls;
mod commands;
mod compare;
mod epochs;
mod export;
mod imports;
mod pairs;
mod people;
mod privacy;
mod reconcile;
mod recruiting;
mod removals;
mod season;
mod status;
mod team;
mod ways_in;

use samla_wire::http::Wrap;
use samla_wire::roster::{Genesis, RosterBody, RosterOp};
use samla_wire::{BookId, EntryId, Envelope, Head, Header, Kind};

pub use calls::{CallLog, CallLogged, Claimed, HandedOver};
pub use commands::{InviteView, SignUp, SignedUp};
pub use compare::{CompareCode, Compared};
pub use epochs::{
    ContinuityView, EraseView, ErasedRows, FoundedView, LostEdit, LostEditsView, LostField, ProbeAnswer, ProbeView,
    ReceiptView, WantView,
};
pub use imports::{ImportProgress, ImportRun, ImportUndo, ImportView, LeftReason, LeftView, UndoProgress};
pub use removals::MassRemovalView;
pub use season::Repeated;
pub use status::{MemberView, StatusView};
pub use team::{CameInView, PendingView};
pub use ways_in::FileView;

use crate::context::Context;
use crate::document::{Write, base};
use crate::error::BookError;
use crate::ids::RowId;
use crate::register::Register;
use crate::replica::Replica;
use crate::replica::local::{Joining, Local, Phase};
use crate::seal::{DeviceKeys, EpochKey, InviteLink, RecoverySecret, SheetText, server_origin, wrap_key};
use crate::store::{Home, NewEntry, Standing};
use crate::sync::{Introduction, Progress, Request, Round, create_book};
use crate::tables::{Draft, SettingDraft};

/// What a new book is made of.
#[derive(Clone, PartialEq, Eq)]
pub struct NewBook {
    /// What the members call it.
    pub name: String,
    /// The server that orders it, such as `https://samla.example`; none for a book to practise with, which is never sent.
    pub server_url: Option<String>,
    /// The operator's token, where the server asks for one to found a book.
    pub operator_token: Option<String>,
    /// The founder's name, for the colleagues.
    pub my_name: String,
    /// What the founder calls this device.
    pub device_label: String,
}

/// Without the operator's token and the founder's name.
impl std::fmt::Debug for NewBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewBook").field("server_url", &self.server_url).finish_non_exhaustive()
    }
}

/// The paper that opens the book when every device is lost. It is shown once and is nowhere afterwards.
#[derive(Debug, Clone)]
pub struct RecoverySheet {
    /// The text: `samlar1…`.
    pub text: SheetText,
    /// Which six characters after `samlar1` will be asked back, counted from 1.
    pub ask: [usize; 6],
}

/// One register and its members, as this device has it.
pub struct Book {
    replica: Replica,
    round: Round,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("book", &self.replica.book()).finish_non_exhaustive()
    }
}

impl Book {
    /// Makes a book on this device. It works at once; the server learns of it in the first round of sync.
    ///
    /// The recovery sheet must be shown or printed now, and six of its characters confirmed
    /// ([`confirm_recovery`](Self::confirm_recovery)) before anybody can be written down.
    pub fn create(ctx: &mut Context<'_>, home: &Home, new: &NewBook) -> Result<(Self, RecoverySheet), BookError> {
        let server_url = match &new.server_url {
            Some(url) => server_origin(url).map_err(BookError::Link)?,
            None => String::new(),
        };
        let recovery = RecoverySecret::make(ctx.rng);
        let (question, next_question) = (recovery.ask(ctx.rng), recovery.ask(ctx.rng));
        let keys = DeviceKeys::make(ctx.rng);
        let key = EpochKey::make(ctx.rng);
        let (genesis, wraps) = found(ctx, &keys, &key, &recovery)?;
        let book = genesis.header().book;

        let phase = match new.server_url {
            Some(_) => Phase::Founding(create_book(genesis.bytes(), wraps).into()),
            None => Phase::Practice,
        };
        let mut local = Local::new(server_url, book, &keys, phase);
        local.set_epoch_key(&key);
        local.operator_token.clone_from(&new.operator_token);
        // A practice book has nothing to lose.
        local.recovery_question = new.server_url.as_ref().map(|_| question.to_bytes().to_vec().into());
        local.next_question = new.server_url.as_ref().map(|_| next_question.to_bytes().to_vec().into());
        let introduction = Introduction::new(ctx, keys.device_id(), &new.my_name, &new.device_label);
        introduction.check()?;
        local.set_person(introduction.person);
        let settings = Draft::from(SettingDraft { name: Some(new.name.clone()), ..SettingDraft::default() });
        settings.check()?;
        let settings = Write::of_draft(RowId::new(ctx), &settings);
        let entry = NewEntry {
            at: Some(Head::start(&book).next(&genesis.id())),
            id: genesis.id(),
            device: genesis.header().device,
            dseq: 1,
            kind: Some(Kind::Roster),
            standing: Standing::Accepted,
            edits: 0,
            bytes: genesis.bytes(),
        };
        let replica = Replica::create(ctx, home, local, keys, Some(&entry), &[introduction.writes(), vec![settings]])?;
        let sheet = RecoverySheet { text: recovery.to_sheet(), ask: question.places() };
        Ok((Self { replica, round: Round::default() }, sheet))
    }

    /// Begins to join a book by an invitation link. The rounds of sync that follow do the rest; until they have, the
    /// book's [`status`](Self::status) says `joining`.
    pub fn join(
        ctx: &mut Context<'_>,
        home: &Home,
        link: &str,
        my_name: &str,
        device_label: &str,
    ) -> Result<Self, BookError> {
        let parsed: InviteLink = link.parse().map_err(BookError::Link)?;
        let keys = DeviceKeys::make(ctx.rng);
        let phase = Phase::Joining(Joining {
            link: parsed.to_string(),
            name: my_name.to_owned(),
            label: device_label.to_owned(),
            ready: None,
            waits: false,
        });
        Introduction::new(ctx, keys.device_id(), my_name, device_label).check()?;
        let local = Local::new(parsed.server_url.clone(), parsed.book, &keys, phase);
        let replica = Replica::create(ctx, home, local, keys, None, &[])?;
        Ok(Self { replica, round: Round::default() })
    }

    /// Opens the book that is kept in this place.
    pub fn open(ctx: &mut Context<'_>, home: &Home) -> Result<Self, BookError> {
        let mut replica = Replica::open(home)?;
        // What fails of this now is done with the next page of the log.
        let resumed = replica.redo_refused(ctx).and_then(|()| replica.resume());
        let _ = resumed.and_then(|()| replica.try_again(ctx)).and_then(|()| replica.redo_refused(ctx));
        // A copy only saves time: a full disk must not keep anybody from reading.
        let _ = replica.keep_if_due(ctx);
        let _ = replica.forget_kept_in_time(ctx);
        let mut book = Self { replica, round: Round::default() };
        let _ = book.forget_old_imports(ctx).and_then(|()| book.forget_imported(ctx, &[]));
        Ok(book)
    }

    #[cfg(test)]
    pub(crate) fn parts(&mut self) -> (&mut Replica, &mut Round) {
        (&mut self.replica, &mut self.round)
    }

    /// The book's id: 64 hexadecimal digits.
    pub fn id(&self) -> BookId {
        self.replica.book()
    }

    /// Everything that was written down, to be looked at: search, cards, lists, reports.
    pub fn register(&self) -> &Register {
        &self.replica.register
    }

    /// Asks for a round of sync. Unsent edits begin one by themselves.
    pub fn begin_sync(&mut self) {
        self.round.begin();
    }

    /// The next request of the round, for the app to make; none where there is nothing to ask now.
    pub fn next_request(&mut self, ctx: &mut Context<'_>) -> Result<Option<Request>, BookError> {
        self.round.next_request(&mut self.replica, ctx)
    }

    /// Takes in the answer to the last request. On an error the round is over; nothing that was saved is lost.
    pub fn on_response(&mut self, ctx: &mut Context<'_>, status: u16, body: &[u8]) -> Result<Progress, BookError> {
        let progress = self.round.on_response(&mut self.replica, ctx, status, body);
        self.hear_of_forgotten(ctx);
        progress
    }

    /// The last request could not be made: there is no network. The round is over.
    pub fn on_offline(&mut self) {
        self.round.offline();
    }

    /// A request for the server's event stream: each event is `{"n":…}`, how long the log is now. None until signed in.
    pub fn events_request(&self) -> Option<Request> {
        self.round.events_request(&self.replica)
    }

    /// How many entries of the log this device has: an event with a higher number is a reason to
    /// [`begin_sync`](Self::begin_sync).
    pub fn head_n(&self) -> u64 {
        self.replica.log.as_ref().map_or(0, |log| log.head.n)
    }

    /// How many edits were made or taken in since the last [`tidy`](Self::tidy): the next opening reads them one by one.
    pub fn edits_since_tidy(&self) -> u64 {
        self.replica.document.written()
    }

    /// Makes the next opening quick and the file small. Takes a moment; for when the app is idle or goes to sleep.
    pub fn tidy(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.replica.keep(ctx)?;
        self.forget_old_imports(ctx)?;
        Ok(self.replica.store.tidy()?)
    }

    /// The automerge heads of every shard: equal on two devices that hold the same changes.
    pub fn heads(&mut self) -> Result<Vec<Vec<[u8; 32]>>, BookError> {
        self.replica.ensure_all()?;
        let shards = self.replica.document.shard_count();
        (0..shards).map(|shard| Ok(self.replica.document.heads(shard)?)).collect()
    }
}

/// The genesis of a new book, and its first key for the founder and for the recovery sheet.
fn found(
    ctx: &mut Context<'_>,
    keys: &DeviceKeys,
    key: &EpochKey,
    recovery: &RecoverySecret,
) -> Result<(Envelope, Vec<Wrap>), BookError> {
    let mut nonce = [0; 16];
    ctx.rng.fill_bytes(&mut nonce);
    let genesis = Genesis {
        ed_pub: keys.public_key(),
        prekey: keys.prekey().public(),
        recovery: vec![recovery.recovery_key()],
        suite: samla_wire::envelope::SUITE,
        rules: base::RULES,
        shards: base::SHARDS,
        key_commit: key.commit(0),
        nonce,
    };
    let body = RosterBody { rseq: 1, rprev: EntryId::ZERO, op: RosterOp::Genesis(genesis) };
    let body = samla_wire::to_cbor(&body);
    let book = BookId::of_genesis(&body);
    let header = Header {
        kind: Kind::Roster,
        book,
        epoch: 0,
        device: keys.device_id(),
        dseq: 1,
        dprev: EntryId::ZERO,
        seen_n: 0,
        seen_h: Head::start(&book).h,
        nonce: [0; 24],
    };
    let envelope = Envelope::sign(header, &body, keys.signing_key()).map_err(|_| BookError::Bug("genesis"))?;
    let wraps = vec![
        wrap_key(key, &book, 0, keys.device_id(), &keys.prekey().public(), ctx.rng)?,
        wrap_key(key, &book, 0, recovery.device_id(), &recovery.prekey(), ctx.rng)?,
    ];
    Ok((envelope, wraps))
}

#[cfg(test)]
mod tests;
