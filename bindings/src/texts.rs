//! What tables, fields, values and errors are called, in the language of whoever reads.

/// The text for a key such as `VisitKind.table`, `field.note`, `error.invite_used` or `unit.week`, in Swedish, Norwegian,
/// Danish, Finnish or English: in the language that the tag (`sv-FI`, `nb_NO`) asks for, in English where there are no texts
/// in it. A value's key is the name of its type and its stable word. Nothing where there is no such key.
///
/// `{places}` are left for the app to fill. Where a field has two keys, such as `field.reasons.text` and `field.text`, the
/// one with the table says it better.
#[uniffi::export]
pub fn text(language: String, key: String) -> Option<String> {
    samla_core::texts::text(&language, &key).map(str::to_owned)
}
