//! People who were written down twice, for JavaScript: who is one person and who is not, and which of several values is right.

use samla_core::tables::Value;
use samla_core::{Id, RowId};
use wasm_bindgen::prelude::*;

use crate::book::{Answered, WebBook, parse, read, thrown, told};
use crate::outside::with_context;

#[wasm_bindgen]
impl WebBook {
    /// Says that two contacts are one person; answers the link that says so.
    #[wasm_bindgen(js_name = linkSame)]
    pub fn link_same(&mut self, a: &str, b: &str) -> Answered {
        let (a, b) = (Id::from(parse::<RowId>(a)?), Id::from(parse::<RowId>(b)?));
        told(&with_context(|ctx| self.book.link_same(ctx, a, b)).map_err(thrown)?)
    }

    /// Says that two contacts are not one person; answers the link that says so.
    #[wasm_bindgen(js_name = linkNotSame)]
    pub fn link_not_same(&mut self, a: &str, b: &str) -> Answered {
        let (a, b) = (Id::from(parse::<RowId>(a)?), Id::from(parse::<RowId>(b)?));
        told(&with_context(|ctx| self.book.link_not_same(ctx, a, b)).map_err(thrown)?)
    }

    /// Takes back a decision about two contacts.
    #[wasm_bindgen(js_name = undoLink)]
    pub fn undo_link(&mut self, link: &str) -> Result<(), JsValue> {
        let link = Id::from(parse::<RowId>(link)?);
        with_context(|ctx| self.book.undo_link(ctx, link)).map_err(thrown)
    }

    /// Every decision that was not undone.
    pub fn links(&self) -> Answered {
        told(&self.book.register().links())
    }

    /// The decisions about one person that were not undone.
    #[wasm_bindgen(js_name = linksOf)]
    pub fn links_of(&self, contact: &str) -> Answered {
        told(&self.book.register().links_of(Id::from(parse::<RowId>(contact)?)))
    }

    /// Where people disagree about who is one person.
    #[wasm_bindgen(js_name = disputedLinks)]
    pub fn disputed_links(&self) -> Answered {
        told(&self.book.register().disputed_links())
    }

    /// Chooses what is right for a whole person.
    #[wasm_bindgen(js_name = chooseValue)]
    pub fn choose(&mut self, contact: &str, field: &str, value: JsValue) -> Result<(), JsValue> {
        let contact = Id::from(parse::<RowId>(contact)?);
        let value: Option<Value> = read(value)?;
        with_context(|ctx| self.book.choose(ctx, contact, field, value)).map_err(thrown)
    }
}
