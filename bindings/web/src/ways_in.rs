//! The other ways into a book, for JavaScript: by its recovery sheet, anew under other keys, from a file.

use samla_core::{Book, InviteId, NewBook};
use wasm_bindgen::prelude::*;

use crate::book::{Answered, WebBook, parse, thrown, told};
use crate::outside::{now, with_context};
use crate::storage::home;

#[wasm_bindgen]
impl WebBook {
    /// Begins to come back into a book by its recovery sheet.
    pub fn recover(
        file: &str,
        key: &[u8],
        sheet: &str,
        server_url: &str,
        my_name: &str,
        device_label: &str,
        alone: bool,
    ) -> Result<WebBook, JsValue> {
        let home = home(file, key)?;
        Ok(Self {
            book: with_context(|ctx: &mut _| {
                Book::recover(ctx, &home, sheet, server_url, my_name, device_label, alone)
            })
            .map_err(thrown)?,
            sheet: None,
        })
    }

    /// Begins to join by a link and a file made for it.
    #[wasm_bindgen(js_name = joinWithFile)]
    pub fn join_with_file(
        file: &str,
        key: &[u8],
        link: &str,
        bundle: &[u8],
        my_name: &str,
        device_label: &str,
    ) -> Result<WebBook, JsValue> {
        let home = home(file, key)?;
        Ok(Self {
            book: with_context(|ctx: &mut _| Book::join_with_file(ctx, &home, link, bundle, my_name, device_label))
                .map_err(thrown)?,
            sheet: None,
        })
    }

    /// Comes in anew under other keys.
    pub fn rejoin(&mut self, link: &str, my_name: &str, device_label: &str) -> Result<(), JsValue> {
        with_context(|ctx| self.book.rejoin(ctx, link, my_name, device_label)).map_err(thrown)
    }

    /// All that is here, sealed, for another phone of the book.
    #[wasm_bindgen(js_name = exportFile)]
    pub fn export_file(&mut self) -> Result<Vec<u8>, JsValue> {
        with_context(|ctx| self.book.export_file(ctx)).map_err(thrown)
    }

    /// The same for somebody who joins by this invitation.
    #[wasm_bindgen(js_name = exportFileFor)]
    pub fn export_file_for(&mut self, invite: &str) -> Result<Vec<u8>, JsValue> {
        let invite = parse::<InviteId>(invite)?;
        with_context(|ctx| self.book.export_file_for(ctx, invite)).map_err(thrown)
    }

    /// Takes in a file of another phone.
    #[wasm_bindgen(js_name = importFile)]
    pub fn import_file(&mut self, file: &[u8]) -> Answered {
        told(&with_context(|ctx| self.book.import_file(ctx, file)).map_err(thrown)?)
    }

    /// Makes a new recovery sheet, to be taken by `takeRecoverySheet`.
    #[wasm_bindgen(js_name = renewRecovery)]
    pub fn renew_recovery(&mut self, old: Option<String>) -> Result<(), JsValue> {
        self.sheet = Some(with_context(|ctx| self.book.renew_recovery(ctx, old.as_deref())).map_err(thrown)?);
        Ok(())
    }

    /// Puts a recovery sheet out of force, by its text.
    #[wasm_bindgen(js_name = retireRecovery)]
    pub fn retire_recovery(&mut self, sheet: &str) -> Result<(), JsValue> {
        with_context(|ctx| self.book.retire_recovery(ctx, sheet)).map_err(thrown)
    }

    /// Which characters of the sheet to ask again; null where it is not time.
    #[wasm_bindgen(js_name = sheetQuestion)]
    pub fn sheet_question(&self) -> Answered {
        told(&self.book.sheet_question(&now()))
    }

    /// Checks those characters.
    #[wasm_bindgen(js_name = checkSheet)]
    pub fn check_sheet(&mut self, characters: &str) -> Result<(), JsValue> {
        with_context(|ctx| self.book.check_sheet(ctx, characters)).map_err(thrown)
    }

    /// Founds a new book in another file with all that this one shows, and its settings except the name.
    #[wasm_bindgen(js_name = foundAnew)]
    pub fn found_anew(
        &self,
        file: &str,
        key: &[u8],
        name: String,
        server_url: String,
        my_name: String,
        device_label: String,
    ) -> Result<WebBook, JsValue> {
        let home = home(file, key)?;
        let new = NewBook { name, server_url: Some(server_url), operator_token: None, my_name, device_label };
        let (book, sheet) = with_context(|ctx| Book::found_anew(ctx, &home, &new, &self.book)).map_err(thrown)?;
        Ok(Self { book, sheet: Some(sheet) })
    }
}
