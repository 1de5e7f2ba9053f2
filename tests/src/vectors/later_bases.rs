//! What a later epoch begins with: who its base is by, and which changes are one.

use samla_core::document::base::actor;
use samla_core::validate::judge_base;
use samla_wire::{BookId, EntryId};
use serde_json::{Value, json};

use super::{Input, hex, refusal, text};

pub(super) fn answer(input: &Input<'_>) -> Result<Value, String> {
    let by = actor(&BookId(input.array("book")?), input.epoch()?);
    match input.text("of")? {
        "actor" => Ok(json!({ "actor": hex(by) })),
        "change" => {
            let number = |key| input.number(key).and_then(|number| u16::try_from(number).map_err(text));
            let judged = judge_base(&input.bytes("change")?, &by, number("shard")?, number("shards")?);
            Ok(judged.map_or_else(|_| refusal("base"), |hash| json!({ "hash": EntryId(hash).to_string() })))
        }
        other => Err(format!("unknown part of a base: {other}")),
    }
}
