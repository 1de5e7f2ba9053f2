//! How a failure reaches JavaScript: `{code, field?, reason?}`, with words that are stable and hold no personal data.

use samla_core::BookError;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A failure as the Worker hands it on.
#[derive(Serialize)]
pub(crate) struct Thrown {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Thrown {
    /// A failure of this layer itself.
    pub(crate) fn new(code: &str, reason: &str) -> Self {
        Self { code: code.to_owned(), field: None, reason: Some(reason.to_owned()) }
    }
}

impl From<BookError> for Thrown {
    fn from(error: BookError) -> Self {
        let (field, reason) = match &error {
            BookError::Field(refused) => (Some(refused.field.clone()), Some(refused.reason.code().to_owned())),
            BookError::Bug(which) => (None, Some((*which).to_owned())),
            other => (None, other.problem().map(str::to_owned)),
        };
        Self { code: error.code().to_owned(), field, reason }
    }
}

impl From<serde_wasm_bindgen::Error> for Thrown {
    fn from(_: serde_wasm_bindgen::Error) -> Self {
        Self::new("bug", "value")
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        serde_wasm_bindgen::to_value(&thrown).unwrap_or(JsValue::NULL)
    }
}
