//! Who is in the book, for JavaScript: letting in, turning away, putting out.

use samla_core::DeviceId;
use wasm_bindgen::prelude::*;

use crate::book::{Answered, WebBook, parse, role, thrown, told};
use crate::outside::{now, with_context};

#[wasm_bindgen]
impl WebBook {
    /// Opens an invitation whose user an organiser has to let in.
    #[wasm_bindgen(js_name = inviteToConfirm)]
    pub fn invite_to_confirm(&mut self, role_name: &str, days: u32) -> Answered {
        let role = role(role_name)?;
        told(&with_context(|ctx| self.book.invite_to_confirm(ctx, role, days)).map_err(thrown)?)
    }

    /// The devices that wait to be let in.
    pub fn pending(&self) -> Answered {
        told(&self.book.pending())
    }

    /// Lets a device in that waits.
    pub fn admit(&mut self, device: &str, role_name: &str) -> Result<(), JsValue> {
        let (device, role) = (parse::<DeviceId>(device)?, role(role_name)?);
        with_context(|ctx| self.book.admit(ctx, device, role)).map_err(thrown)
    }

    /// Turns a device away that waits.
    pub fn deny(&mut self, device: &str) -> Result<(), JsValue> {
        let device = parse::<DeviceId>(device)?;
        with_context(|ctx| self.book.deny(ctx, device)).map_err(thrown)
    }

    /// The devices that came in, until somebody has seen it.
    pub fn news(&self) -> Answered {
        told(&self.book.news())
    }

    /// The user has seen who came in.
    #[wasm_bindgen(js_name = dismissNews)]
    pub fn dismiss_news(&mut self) -> Result<(), JsValue> {
        with_context(|ctx| self.book.dismiss_news(ctx)).map_err(thrown)
    }

    /// Puts a device out of the book.
    #[wasm_bindgen(js_name = removeMember)]
    pub fn remove_member(&mut self, device: &str) -> Result<(), JsValue> {
        let device = parse::<DeviceId>(device)?;
        with_context(|ctx| self.book.remove_members(ctx, &[device])).map_err(thrown)
    }

    /// Gives a member a lower role.
    pub fn lower(&mut self, device: &str, role_name: &str) -> Result<(), JsValue> {
        let (device, role) = (parse::<DeviceId>(device)?, role(role_name)?);
        with_context(|ctx| self.book.lower(ctx, device, role)).map_err(thrown)
    }

    /// Has no organiser been heard from for fourteen days?
    #[wasm_bindgen(js_name = organisersSilent)]
    pub fn organisers_silent(&self) -> bool {
        self.book.organisers_silent(&now())
    }

    /// This device's code for another device to compare with.
    #[wasm_bindgen(js_name = compareCode)]
    pub fn compare_code(&self) -> Answered {
        told(&self.book.compare_code().map_err(thrown)?)
    }

    /// Compares with another device's code.
    pub fn compare(&mut self, code: &str) -> Answered {
        told(&with_context(|ctx| self.book.compare(ctx, code)).map_err(thrown)?)
    }

    /// The days on which one device removed an unusual share of the register.
    #[wasm_bindgen(js_name = massRemovals)]
    pub fn mass_removals(&mut self) -> Answered {
        told(&self.book.mass_removals().map_err(thrown)?)
    }

    /// Brings back what one device removed on one day, and answers how many rows.
    #[wasm_bindgen(js_name = bringBack)]
    pub fn bring_back(&mut self, device: &str, day: &str) -> Result<u32, JsValue> {
        let device = parse::<DeviceId>(device)?;
        with_context(|ctx| self.book.bring_back(ctx, device, day)).map_err(thrown)
    }
}
