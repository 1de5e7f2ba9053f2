//! The book begun anew, for JavaScript: to forget somebody, for a new key, after a loss; and what is told of it.

use samla_core::{Id, RowId};
use wasm_bindgen::prelude::*;

use crate::book::{Answered, WebBook, parse, thrown, told};
use crate::outside::with_context;
use crate::storage::storage_key;

#[wasm_bindgen]
impl WebBook {
    /// Gives the book a new key.
    pub fn rotate(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.rotate(ctx)).map_err(thrown)
    }

    /// What erasing a person takes away, and where else the person is named.
    #[wasm_bindgen(js_name = erasePreview)]
    pub fn erase_preview(&mut self, contact: &str) -> Answered {
        told(&self.book.erase_preview(Id::from(parse::<RowId>(contact)?)).map_err(thrown)?)
    }

    /// Erases a person.
    #[wasm_bindgen(js_name = erasePerson)]
    pub fn erase_person(&mut self, contact: &str) -> Result<(), JsValue> {
        let contact = Id::from(parse::<RowId>(contact)?);
        with_context(|ctx| self.book.erase(ctx, contact)).map_err(thrown)
    }

    /// What is wanted and not yet done; null if nothing is.
    pub fn wanted(&self) -> Answered {
        told(&self.book.wanted())
    }

    /// Takes back what is wanted.
    #[wasm_bindgen(js_name = cancelWanted)]
    pub fn cancel_wanted(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.cancel_wanted(ctx)).map_err(thrown)
    }

    /// The epochs that this device founded, with their receipts.
    pub fn founded(&self) -> Answered {
        told(&self.book.founded().map_err(thrown)?)
    }

    /// How the newest epoch, and those before it that nobody has looked at, compare with what was here; null until one begins after this
    /// device has come in.
    pub fn continuity(&self) -> Answered {
        told(&self.book.continuity().map_err(thrown)?)
    }

    /// The rows that they left out, as JSON.
    #[wasm_bindgen(js_name = exportKept)]
    pub fn export_kept(&self) -> Result<String, JsValue> {
        self.book.export_kept().map_err(thrown)
    }

    /// Somebody has looked at it: those rows are not needed any more.
    #[wasm_bindgen(js_name = forgetKept)]
    pub fn forget_kept(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.forget_kept(ctx)).map_err(thrown)
    }

    /// Edits of this device that were not carried over.
    #[wasm_bindgen(js_name = lostEdits)]
    pub fn lost_edits(&self) -> Answered {
        told(&self.book.lost_edits().map_err(thrown)?)
    }

    /// The user has seen them.
    #[wasm_bindgen(js_name = forgetLostEdits)]
    pub fn forget_lost_edits(&mut self) -> Result<(), JsValue> {
        self.book.forget_lost_edits().map_err(thrown)
    }

    /// What was only on this device when it was put out, as JSON.
    #[wasm_bindgen(js_name = exportLeftover)]
    pub fn export_leftover(&self) -> Result<String, JsValue> {
        self.book.export_leftover().map_err(thrown)
    }

    /// What was only on this device is not needed any more.
    #[wasm_bindgen(js_name = forgetLeftover)]
    pub fn forget_leftover(&mut self) -> Result<(), JsValue> {
        self.book.forget_leftover().map_err(thrown)
    }

    /// Seals what lies on this device under another storage key.
    #[wasm_bindgen(js_name = renewStorageKey)]
    pub fn renew_storage_key(&mut self, key: &[u8]) -> Result<(), JsValue> {
        let key = storage_key(key)?;
        with_context(|ctx| self.book.renew_storage_key(ctx, key)).map_err(thrown)
    }

    /// Takes the server's log as it is, after it went another way.
    #[wasm_bindgen(js_name = settleWithServer)]
    pub fn settle_with_server(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.settle_with_server(ctx)).map_err(thrown)
    }
}
