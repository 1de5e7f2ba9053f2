//! [`Book`] for JavaScript: the same calls under their JavaScript names.

use samla_core::register::DuplicateQuery;
use samla_core::tables::{Draft, Patch, Table, TallyKind, Value};
use samla_core::{
    Book, BookError, Date, DeviceId, Id, InviteId, NewBook, Progress, RecoverySheet, Role, RowId, SignUp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::calls::person;
use crate::outside::{today, with_context};
use crate::storage::home;
use crate::thrown::Thrown;

pub(crate) type Answered = Result<JsValue, JsValue>;

pub(crate) fn told<T: Serialize + ?Sized>(value: &T) -> Answered {
    value.serialize(&Serializer::json_compatible()).map_err(|error| Thrown::from(error).into())
}

pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| Thrown::from(error).into())
}

pub(crate) fn parse<T: std::str::FromStr>(text: &str) -> Result<T, JsValue> {
    text.parse().map_err(|_| Thrown::new("bug", "argument").into())
}

pub(crate) fn thrown(error: BookError) -> JsValue {
    Thrown::from(error).into()
}

pub(crate) fn role(name: &str) -> Result<Role, JsValue> {
    Role::from_name(name).ok_or_else(|| Thrown::new("bug", "role").into())
}

/// The sheet as the page shows it, once.
#[derive(Serialize)]
struct SheetView<'a> {
    text: &'a str,
    groups: Vec<&'a str>,
    ask: [usize; 6],
}

/// A request for the Worker to make.
#[derive(Serialize)]
struct Carried<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a [(&'static str, String)],
    #[serde(serialize_with = "as_bytes")]
    body: &'a [u8],
}

fn as_bytes<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bytes(bytes)
}

fn carried(request: Option<samla_core::Request>) -> Answered {
    let Some(request) = request else { return Ok(JsValue::NULL) };
    let view = Carried { method: request.method, url: &request.url, headers: &request.headers, body: &request.body };
    // Bytes stay bytes: the JSON-compatible form would make a list of numbers of them.
    view.serialize(&Serializer::new()).map_err(|error| Thrown::from(error).into())
}

/// One register and its members, as this browser has it.
#[wasm_bindgen]
pub struct WebBook {
    pub(crate) book: Book,
    pub(crate) sheet: Option<RecoverySheet>,
}

#[wasm_bindgen]
impl WebBook {
    /// Makes a book in this file. Without a server it is one to practise with.
    pub fn create(
        file: &str,
        key: &[u8],
        name: String,
        server_url: Option<String>,
        my_name: String,
        device_label: String,
    ) -> Result<WebBook, JsValue> {
        let home = home(file, key)?;
        let new = NewBook { name, server_url, operator_token: None, my_name, device_label };
        let (book, sheet) = with_context(|ctx| Book::create(ctx, &home, &new)).map_err(thrown)?;
        Ok(Self { book, sheet: Some(sheet) })
    }

    /// Begins to join a book by its link.
    pub fn join(file: &str, key: &[u8], link: &str, my_name: &str, device_label: &str) -> Result<WebBook, JsValue> {
        let home = home(file, key)?;
        let book = with_context(|ctx| Book::join(ctx, &home, link, my_name, device_label)).map_err(thrown)?;
        Ok(Self { book, sheet: None })
    }

    /// Opens the book that is kept in this file.
    pub fn open(file: &str, key: &[u8]) -> Result<WebBook, JsValue> {
        let home = home(file, key)?;
        let book = with_context(|ctx| Book::open(ctx, &home)).map_err(thrown)?;
        Ok(Self { book, sheet: None })
    }

    /// The recovery sheet of a book that was just made; null when it was taken already.
    #[wasm_bindgen(js_name = takeRecoverySheet)]
    pub fn take_recovery_sheet(&mut self) -> Answered {
        let Some(sheet) = self.sheet.take() else { return Ok(JsValue::NULL) };
        told(&SheetView { text: sheet.text.as_str(), groups: sheet.text.groups(), ask: sheet.ask })
    }

    /// Confirms the sheet by the six characters asked back.
    #[wasm_bindgen(js_name = confirmRecovery)]
    pub fn confirm_recovery(&mut self, characters: &str) -> Result<(), JsValue> {
        with_context(|ctx| self.book.confirm_recovery(ctx, characters)).map_err(thrown)
    }

    /// Adds a row and answers its id. Settings are added to those that are there.
    pub fn add(&mut self, draft: JsValue) -> Result<String, JsValue> {
        let draft: Draft = read(draft)?;
        let id = with_context(|ctx| self.book.add(ctx, &draft)).map_err(thrown)?;
        Ok(id.to_string())
    }

    /// Changes a row.
    pub fn set(&mut self, patch: JsValue) -> Result<(), JsValue> {
        let patch: Patch = read(patch)?;
        with_context(|ctx| self.book.set(ctx, &patch)).map_err(thrown)
    }

    /// Removes a row.
    pub fn remove(&mut self, table: &str, id: &str) -> Result<(), JsValue> {
        let (table, id) = (parse::<Table>(table)?, parse::<RowId>(id)?);
        with_context(|ctx| self.book.remove(ctx, table, id)).map_err(thrown)
    }

    /// Brings a removed row back.
    pub fn restore(&mut self, table: &str, id: &str) -> Result<(), JsValue> {
        let (table, id) = (parse::<Table>(table)?, parse::<RowId>(id)?);
        with_context(|ctx| self.book.restore(ctx, table, id)).map_err(thrown)
    }

    /// Signs a person up.
    #[wasm_bindgen(js_name = signUp)]
    pub fn sign_up(&mut self, sign_up: JsValue) -> Answered {
        let sign_up: SignUp = read(sign_up)?;
        told(&with_context(|ctx| self.book.sign_up(ctx, &sign_up)).map_err(thrown)?)
    }

    /// Says who recruited at a sign-up: a colleague, else a steward, else nobody.
    pub fn recruit(
        &mut self,
        membership: &str,
        recruiter: Option<String>,
        colleague: Option<String>,
    ) -> Result<(), JsValue> {
        let (membership, recruiter) = (Id::from(parse::<RowId>(membership)?), person(recruiter)?);
        let colleague = colleague.map(|id| parse::<RowId>(&id).map(Id::from)).transpose()?;
        with_context(|ctx| self.book.recruit(ctx, membership, recruiter, colleague)).map_err(thrown)
    }

    /// Counts at a visit, and answers what this device has counted.
    pub fn tally(&mut self, visit: &str, kind: JsValue, item: Option<String>, delta: i32) -> Result<f64, JsValue> {
        let (visit, kind) = (Id::from(parse::<RowId>(visit)?), read::<TallyKind>(kind)?);
        let n = with_context(|ctx| self.book.tally(ctx, visit, kind, item.as_deref(), delta.into())).map_err(thrown)?;
        Ok(n as f64)
    }

    /// Settles a field with several answers.
    pub fn resolve(&mut self, table: &str, id: &str, field: &str, value: JsValue) -> Result<(), JsValue> {
        let (table, id) = (parse::<Table>(table)?, parse::<RowId>(id)?);
        let value: Option<Value> = read(value)?;
        with_context(|ctx| self.book.resolve(ctx, table, id, field, value)).map_err(thrown)
    }

    /// Opens an invitation.
    pub fn invite(&mut self, role_name: &str, days: u32) -> Answered {
        let role = role(role_name)?;
        told(&with_context(|ctx| self.book.invite(ctx, role, days)).map_err(thrown)?)
    }

    /// The invitations that nobody has used.
    pub fn invites(&self) -> Answered {
        told(&self.book.invites())
    }

    /// Closes an invitation.
    pub fn uninvite(&mut self, id: &str) -> Result<(), JsValue> {
        let id = parse::<InviteId>(id)?;
        with_context(|ctx| self.book.uninvite(ctx, id)).map_err(thrown)
    }

    /// Gives a member a higher role.
    pub fn raise(&mut self, device: &str, role_name: &str) -> Result<(), JsValue> {
        let (device, role) = (parse::<DeviceId>(device)?, role(role_name)?);
        with_context(|ctx| self.book.raise(ctx, device, role)).map_err(thrown)
    }

    /// Leaves the book with the next round of sync.
    pub fn leave(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.leave(ctx)).map_err(thrown)
    }

    /// Asks for a round of sync.
    #[wasm_bindgen(js_name = beginSync)]
    pub fn begin_sync(&mut self) {
        self.book.begin_sync();
    }

    /// The next request of the round; null when there is nothing to ask.
    #[wasm_bindgen(js_name = nextRequest)]
    pub fn next_request(&mut self) -> Answered {
        carried(with_context(|ctx| self.book.next_request(ctx)).map_err(thrown)?)
    }

    /// Takes in the answer to the last request.
    #[wasm_bindgen(js_name = onResponse)]
    pub fn on_response(&mut self, status: u16, body: &[u8]) -> Answered {
        let progress: Progress = with_context(|ctx| self.book.on_response(ctx, status, body)).map_err(thrown)?;
        told(&progress)
    }

    /// The last request could not be made.
    #[wasm_bindgen(js_name = onOffline)]
    pub fn on_offline(&mut self) {
        self.book.on_offline();
    }

    /// The request for the stream of news; null until signed in.
    #[wasm_bindgen(js_name = eventsRequest)]
    pub fn events_request(&self) -> Answered {
        carried(self.book.events_request())
    }

    /// How many entries of the log are here.
    #[wasm_bindgen(js_name = headN)]
    pub fn head_n(&self) -> f64 {
        self.book.head_n() as f64
    }

    /// The document's heads, shard by shard: equal on two devices that hold the same changes.
    pub fn heads(&mut self) -> Answered {
        let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let heads = self.book.heads().map_err(thrown)?;
        told(&heads.into_iter().map(|shard| shard.into_iter().map(hex).collect::<Vec<_>>()).collect::<Vec<_>>())
    }

    /// Makes the next opening quick.
    pub fn tidy(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.tidy(ctx)).map_err(thrown)
    }

    /// The state of this copy.
    pub fn status(&self) -> Answered {
        told(&self.book.status().map_err(thrown)?)
    }

    /// The devices of the book.
    pub fn members(&self) -> Answered {
        told(&self.book.members())
    }

    /// The persons that fit what was typed.
    pub fn search(&self, text: &str, limit: u32) -> Answered {
        told(&self.book.register().search(text, limit as usize, today()))
    }

    /// The numbers in a person's phone as a telephone dials them.
    #[wasm_bindgen(js_name = numbersToDial)]
    pub fn numbers_to_dial(&self, phone: &str) -> Answered {
        told(&self.book.register().numbers_to_dial(phone))
    }

    /// One person's card; null where there is none.
    #[wasm_bindgen(js_name = contactCard)]
    pub fn contact_card(&self, id: &str) -> Answered {
        told(&self.book.register().contact_card(Id::from(parse::<RowId>(id)?), today()))
    }

    /// The numbers and last entries of a visit.
    #[wasm_bindgen(js_name = tableSummary)]
    pub fn table_summary(&self, visit: &str) -> Answered {
        told(&self.book.register().table_summary(Id::from(parse::<RowId>(visit)?)))
    }

    /// The week of a date.
    pub fn week(&self, date: &str, today: &str) -> Answered {
        told(&self.book.register().week(parse::<Date>(date)?, parse::<Date>(today)?))
    }

    /// What is due.
    pub fn due(&self, today: &str) -> Answered {
        told(&self.book.register().due(parse::<Date>(today)?))
    }

    /// The fields that wait for somebody to choose.
    pub fn conflicts(&self) -> Answered {
        told(&self.book.register().conflicts())
    }

    /// Who may be the one being typed.
    #[wasm_bindgen(js_name = duplicateHint)]
    pub fn duplicate_hint(&self, query: JsValue) -> Answered {
        told(&self.book.register().duplicate_hint(&read::<DuplicateQuery>(query)?))
    }

    /// Pairs that may be one person.
    pub fn duplicates(&self) -> Answered {
        told(&self.book.register().duplicates(today()))
    }

    /// One row; null where there is none.
    pub fn row(&self, table: &str, id: &str) -> Answered {
        told(&self.book.register().row(parse::<Table>(table)?, parse::<RowId>(id)?))
    }

    /// The rows of a table.
    pub fn rows(&self, table: &str) -> Answered {
        told(&self.book.register().rows(parse::<Table>(table)?))
    }

    /// All tables as JSON.
    #[wasm_bindgen(js_name = exportJson)]
    pub fn export_json(&self) -> Result<String, JsValue> {
        self.book.export_json().map_err(thrown)
    }

    /// One table as CSV.
    #[wasm_bindgen(js_name = exportCsv)]
    pub fn export_csv(&self, table: &str) -> Result<String, JsValue> {
        self.book.export_csv(parse::<Table>(table)?).map_err(thrown)
    }

    /// The document in automerge's own format, with its history.
    #[wasm_bindgen(js_name = exportAutomerge)]
    pub fn export_automerge(&mut self) -> Result<Vec<u8>, JsValue> {
        self.book.export_automerge().map_err(thrown)
    }
}
