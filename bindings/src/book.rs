//! The object that apps hold: the core's book behind a lock, with the device's clock and the system's randomness. A tap
//! enters the core here, and what a screen shows comes out here.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use getrandom::SysRng;
use rand_core::UnwrapErr;
use samla_core::register::{
    ConflictView, ContactCard, DueView, DuplicateHint, DuplicatePair, DuplicateQuery, SearchHit, TableSummary,
    TodayView, WeekView,
};
use samla_core::tables::{Draft, FieldReason, Patch, Row, Setting, Table, TallyKind, Value};
use samla_core::{
    BookError, Context, DeviceId, Home, InviteId, InviteView, MemberView, NewBook, Place, Progress, Role, RowId,
    SignUp, SignedUp, StatusView, StorageKey,
};

use crate::error::SamlaError;
use crate::records::{ContactId, MembershipEventId, PersonId, VisitId};
use crate::scalars::{Day, Moment};

/// One register and its members, as this device has it.
///
/// Every method may be called from any thread, and returns when what it wrote is durable. None of them waits for a
/// network; a command takes about a millisecond.
#[derive(Debug, uniffi::Object)]
pub struct Book {
    inner: Mutex<samla_core::Book>,
}

/// A book just made, and its recovery sheet.
#[derive(Debug, uniffi::Record)]
pub struct CreatedBook {
    /// The book.
    pub book: Arc<Book>,
    /// Show it now: it is nowhere afterwards.
    pub sheet: RecoverySheet,
}

/// The paper that opens the book when every device is lost.
#[derive(uniffi::Record)]
pub struct RecoverySheet {
    /// All of it in one word, for a QR code.
    pub text: String,
    /// The same in groups, for writing down.
    pub groups: Vec<String>,
    /// Which six characters after `samlar1` will be asked back, counted from 1.
    pub ask: Vec<u32>,
}

impl std::fmt::Debug for RecoverySheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecoverySheet").field("ask", &self.ask).finish_non_exhaustive()
    }
}

impl From<samla_core::RecoverySheet> for RecoverySheet {
    fn from(sheet: samla_core::RecoverySheet) -> Self {
        Self {
            text: sheet.text.as_str().to_owned(),
            groups: sheet.text.groups().into_iter().map(str::to_owned).collect(),
            ask: sheet.ask.iter().filter_map(|place| u32::try_from(*place).ok()).collect(),
        }
    }
}

/// One HTTP request for the app to make.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// What stands above the body.
    pub headers: Vec<Header>,
    /// Empty for `GET`.
    pub body: Vec<u8>,
}

/// A line above the body of a request.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// What it says.
    pub value: String,
}

impl From<samla_core::Request> for Request {
    fn from(request: samla_core::Request) -> Self {
        let headers = request.headers.into_iter().map(|(name, value)| Header { name: name.to_owned(), value });
        Self { method: request.method.to_owned(), url: request.url, headers: headers.collect(), body: request.body }
    }
}

/// What this device's clock shows, with its offset.
pub(crate) fn now() -> Moment {
    chrono::Local::now().fixed_offset()
}

/// Today, here.
pub(crate) fn today() -> Day {
    now().date_naive()
}

pub(crate) fn with_context<T>(work: impl FnOnce(&mut Context<'_>) -> Result<T, BookError>) -> Result<T, SamlaError> {
    let mut rng = UnwrapErr(SysRng);
    Ok(work(&mut Context { now: now(), rng: &mut rng })?)
}

pub(crate) fn home(path: String, storage_key: Vec<u8>) -> Result<Home, SamlaError> {
    let key = <[u8; 32]>::try_from(storage_key).map_err(|_| SamlaError::WrongKey)?;
    Ok(Home { place: Place::File(PathBuf::from(path)), storage_key: StorageKey::from_bytes(key) })
}

/// Makes a book in a new file. The storage key is 32 random bytes from the platform's keystore, and is not kept here.
///
/// The book works at once; the server learns of it in the first round of sync. Show the sheet and call `confirmRecovery`
/// before the first contact.
#[uniffi::export]
pub fn create_book(path: String, storage_key: Vec<u8>, new_book: NewBook) -> Result<CreatedBook, SamlaError> {
    let home = home(path, storage_key)?;
    let (book, sheet) = with_context(|ctx| samla_core::Book::create(ctx, &home, &new_book))?;
    Ok(CreatedBook { book: Book::around(book), sheet: sheet.into() })
}

/// Reads a draft from field names and what people type, as a form or a spreadsheet has them: days as `2026-11-23`,
/// moments as `2026-11-23T11:30`, by this device's clock on that day, `yes` or `no`, choices by their word, links by id.
/// Empty text is no value.
#[uniffi::export]
pub fn parse_draft(table: Table, fields: HashMap<String, String>) -> Result<Draft, SamlaError> {
    Ok(Draft::parse(table, fields, chrono::Local).map_err(BookError::from)?)
}

/// Reads the id of a device.
pub(crate) fn device_id(text: &str) -> Result<DeviceId, SamlaError> {
    text.parse().map_err(|_| SamlaError::invalid("device", FieldReason::NotAnId.code()))
}

/// Reads the id of an invitation.
pub(crate) fn invite_id(text: &str) -> Result<InviteId, SamlaError> {
    text.parse().map_err(|_| SamlaError::invalid("invite", FieldReason::NotAnId.code()))
}

impl Book {
    pub(crate) fn around(book: samla_core::Book) -> Arc<Self> {
        Arc::new(Self { inner: Mutex::new(book) })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, samla_core::Book> {
        // Whatever is durable was written in one piece, also before a fault.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn look<T>(&self, work: impl FnOnce(&samla_core::Book) -> T) -> T {
        work(&self.lock())
    }

    pub(crate) fn act<T>(
        &self,
        work: impl FnOnce(&mut samla_core::Book, &mut Context<'_>) -> Result<T, BookError>,
    ) -> Result<T, SamlaError> {
        with_context(|ctx| work(&mut self.lock(), ctx))
    }
}

/// The way in, and the commands.
#[uniffi::export]
impl Book {
    /// Opens the book in this file.
    #[uniffi::constructor]
    pub fn open(path: String, storage_key: Vec<u8>) -> Result<Arc<Self>, SamlaError> {
        let home = home(path, storage_key)?;
        Ok(Self::around(with_context(|ctx| samla_core::Book::open(ctx, &home))?))
    }

    /// Begins to join a book by an invitation link, in a new file. The rounds of sync that follow do the rest; until they
    /// have, the status says `joining`.
    #[uniffi::constructor]
    pub fn join(
        path: String,
        storage_key: Vec<u8>,
        link: String,
        my_name: String,
        device_label: String,
    ) -> Result<Arc<Self>, SamlaError> {
        let home = home(path, storage_key)?;
        Ok(Self::around(with_context(|ctx| samla_core::Book::join(ctx, &home, &link, &my_name, &device_label))?))
    }

    /// Confirms that the recovery sheet is on paper, by the six characters that were asked back.
    pub fn confirm_recovery(&self, typed: String) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.confirm_recovery(ctx, &typed))
    }

    /// Adds a row and returns its id. Settings are added to those that are there.
    pub fn add(&self, draft: Draft) -> Result<RowId, SamlaError> {
        self.act(|book, ctx| book.add(ctx, &draft))
    }

    /// Changes a row: sets what the draft gives and empties the fields named. The rest stays as it is.
    #[uniffi::method(default(clear = []))]
    pub fn set(&self, id: RowId, draft: Draft, clear: Vec<String>) -> Result<(), SamlaError> {
        let patch = Patch { id, set: draft, clear };
        self.act(|book, ctx| book.set(ctx, &patch))
    }

    /// Removes a row. An edit that a colleague makes meanwhile keeps it, and says so.
    pub fn remove(&self, table: Table, id: RowId) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.remove(ctx, table, id))
    }

    /// Brings a removed row back.
    pub fn restore(&self, table: Table, id: RowId) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.restore(ctx, table, id))
    }

    /// Signs a person up: the contact and the membership, in one step.
    pub fn sign_up(&self, sign_up: SignUp) -> Result<SignedUp, SamlaError> {
        self.act(|book, ctx| book.sign_up(ctx, &sign_up))
    }

    /// Says who recruited at a sign-up that is written down: a colleague, else a steward, else nobody.
    #[uniffi::method(default(recruiter = None, colleague = None))]
    pub fn recruit(
        &self,
        membership: MembershipEventId,
        recruiter: Option<PersonId>,
        colleague: Option<ContactId>,
    ) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.recruit(ctx, membership, recruiter, colleague))
    }

    /// Counts at a visit: so many more or, if negative, fewer. Returns what this device has counted.
    #[uniffi::method(default(delta = 1, item = None))]
    pub fn tally(&self, visit: VisitId, kind: TallyKind, delta: i64, item: Option<String>) -> Result<i64, SamlaError> {
        self.act(|book, ctx| book.tally(ctx, visit, kind, item.as_deref(), delta))
    }

    /// Settles a field that several devices answered: this value counts, on every device.
    pub fn resolve(&self, table: Table, id: RowId, field: String, value: Option<Value>) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.resolve(ctx, table, id, &field, value))
    }

    /// Opens an invitation for one device. Its link comes with the next round of sync: see `invites`.
    #[uniffi::method(default(days = 7))]
    pub fn invite(&self, role: Role, days: u32) -> Result<InviteView, SamlaError> {
        self.act(|book, ctx| book.invite(ctx, role, days))
    }

    /// Closes an invitation, with the next round of sync.
    pub fn uninvite(&self, invite: String) -> Result<(), SamlaError> {
        let invite = invite_id(&invite)?;
        self.act(|book, ctx| book.uninvite(ctx, invite))
    }

    /// Gives a device a higher role, with the next round of sync. Compare fingerprints first.
    pub fn promote(&self, device: String, role: Role) -> Result<(), SamlaError> {
        let device = device_id(&device)?;
        self.act(|book, ctx| book.raise(ctx, device, role))
    }

    /// Leaves the book, with the next round of sync. The others keep what this device has written.
    pub fn leave(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.leave(ctx))
    }

    /// Makes the next opening quick and the file small. For when the app is idle or goes to sleep.
    pub fn tidy(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.tidy(ctx))
    }
}

/// Sync: the app does the HTTP.
#[uniffi::export]
impl Book {
    /// Asks for a round of sync. Unsent edits begin one by themselves.
    pub fn begin_sync(&self) {
        self.lock().begin_sync();
    }

    /// The next request of the round; none where there is nothing to ask now.
    pub fn next_request(&self) -> Result<Option<Request>, SamlaError> {
        Ok(self.act(|book, ctx| book.next_request(ctx))?.map(Request::from))
    }

    /// Takes in the answer to the last request.
    pub fn on_response(&self, status: u16, body: Vec<u8>) -> Result<Progress, SamlaError> {
        self.act(|book, ctx| book.on_response(ctx, status, &body))
    }

    /// The last request could not be made: there is no network. The round is over.
    pub fn on_offline(&self) {
        self.lock().on_offline();
    }

    /// A request for the server's stream of events: each is `{"n": …}`. A number above the status's `headN` is a reason to
    /// sync. None until signed in.
    pub fn events_request(&self) -> Option<Request> {
        self.look(|book| book.events_request()).map(Request::from)
    }

    /// The state of this device's copy.
    pub fn status(&self) -> Result<StatusView, SamlaError> {
        Ok(self.look(samla_core::Book::status)?)
    }

    /// The automerge heads of every part of the document: equal on two devices that hold the same changes.
    pub fn heads(&self) -> Result<Vec<Vec<u8>>, SamlaError> {
        let heads = self.act(|book, _| book.heads())?;
        Ok(heads.into_iter().map(|shard| shard.concat()).collect())
    }
}

/// What a screen shows.
#[uniffi::export]
impl Book {
    /// A row, unless it was removed.
    pub fn row(&self, table: Table, id: RowId) -> Result<Option<Row>, SamlaError> {
        Ok(self.look(|book| book.register().row(table, id)))
    }

    /// What the whole book agrees on.
    pub fn settings(&self) -> Setting {
        self.look(|book| book.register().settings())
    }

    /// The persons that fit what was typed, by name: a name, a phone number, an address or a workplace.
    #[uniffi::method(default(limit = 50))]
    pub fn search(&self, typed: String, limit: u32) -> Vec<SearchHit> {
        self.look(|book| book.register().search(&typed, usize::try_from(limit).unwrap_or(usize::MAX), today()))
    }

    /// The numbers in a person's phone as a telephone dials them, in the order they stand there: two where there are two, and
    /// none where there is none.
    pub fn numbers_to_dial(&self, phone: String) -> Vec<String> {
        self.look(|book| book.register().numbers_to_dial(&phone))
    }

    /// A person with everything that happened; none if the contact was removed.
    pub fn contact_card(&self, contact: ContactId) -> Result<Option<ContactCard>, SamlaError> {
        Ok(self.look(|book| book.register().contact_card(contact, today())))
    }

    /// A visit in numbers, with its last entries.
    pub fn table_summary(&self, visit: VisitId) -> Result<TableSummary, SamlaError> {
        Ok(self.look(|book| book.register().table_summary(visit)))
    }

    /// The week of a day; of today if none is given.
    #[uniffi::method(default(day = None))]
    pub fn week(&self, day: Option<Day>) -> Result<WeekView, SamlaError> {
        let today = today();
        Ok(self.look(|book| book.register().week(day.unwrap_or(today), today)))
    }

    /// What somebody has before them today: shifts, what they were asked, what is due and is theirs or nobody's, calls, and
    /// where nobody comes. Of the user of this device if nobody is named.
    #[uniffi::method(default(person = None))]
    pub fn today(&self, person: Option<PersonId>) -> Result<TodayView, SamlaError> {
        Ok(self.look(|book| book.today(person, today())))
    }

    /// What is to be done up to a day; to today if none is given.
    #[uniffi::method(default(day = None))]
    pub fn due(&self, day: Option<Day>) -> Result<Vec<DueView>, SamlaError> {
        Ok(self.look(|book| book.register().due(day.unwrap_or_else(today))))
    }

    /// Everything that is open, of one person or of all, the oldest first and what has no day last: promises of next month
    /// among it, which `due` does not show yet.
    #[uniffi::method(default(owner = None))]
    pub fn open_follow_ups(&self, owner: Option<PersonId>) -> Result<Vec<DueView>, SamlaError> {
        Ok(self.look(|book| book.register().open(owner, today())))
    }

    /// The fields that several devices answered differently.
    pub fn conflicts(&self) -> Vec<ConflictView> {
        self.look(|book| book.register().conflicts())
    }

    /// Persons who may be the one being typed.
    pub fn duplicate_hint(&self, query: DuplicateQuery) -> Result<Vec<DuplicateHint>, SamlaError> {
        Ok(self.look(|book| book.register().duplicate_hint(&query)))
    }

    /// Pairs of persons who may be one.
    pub fn duplicates(&self) -> Vec<DuplicatePair> {
        self.look(|book| book.register().duplicates(today()))
    }

    /// The devices of the book with what each may do.
    pub fn members(&self) -> Vec<MemberView> {
        self.look(samla_core::Book::members)
    }

    /// The invitations that this device opened and nobody has used.
    pub fn invites(&self) -> Vec<InviteView> {
        self.look(samla_core::Book::invites)
    }

    /// All tables as JSON.
    pub fn export_json(&self) -> Result<String, SamlaError> {
        Ok(self.look(samla_core::Book::export_json)?)
    }

    /// One table as CSV with a header line.
    pub fn export_csv(&self, table: Table) -> Result<String, SamlaError> {
        Ok(self.look(|book| book.export_csv(table))?)
    }

    /// The document with its history, in automerge's own format: a CBOR array of shard and bytes.
    pub fn export_automerge(&self) -> Result<Vec<u8>, SamlaError> {
        self.act(|book, _| book.export_automerge())
    }
}
