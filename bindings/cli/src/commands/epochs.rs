//! The book begun anew: to forget somebody, to put a device out, for a new key, after a loss; and what is told of it.

use std::path::Path;

use samla_core::book::{ContinuityView, EraseView, FoundedView, LostEditsView, LostField};
use samla_core::{BookError, Context, DeviceId, Id, MemberView, Role, tables};
use serde_json::json;

use super::privacy::mention_line;
use super::rows::shown;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::home::write_new;
use crate::http::Http;
use crate::say::{Say, plain};
use crate::sync::round;
use crate::words::Words;

/// Rounds of sync after which whatever is wanted is left to the next command: others keep coming first.
const ROUNDS: u32 = 5;

/// Puts devices out of the book.
pub(super) fn remove_members(desk: &mut Desk, devices: &[DeviceId], say: &mut Say) -> Result<(), Failure> {
    begin_anew(desk, say, |book, ctx| book.remove_members(ctx, devices))?;
    let consequence = say.words().say("member.put_out", &[]);
    say.line(&consequence)
}

/// Gives a device a lower role.
pub(super) fn lower(desk: &mut Desk, device: DeviceId, role: Role, say: &mut Say) -> Result<(), Failure> {
    begin_anew(desk, say, |book, ctx| book.lower(ctx, device, role))
}

/// Gives the book a new key.
pub(super) fn rotate(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    begin_anew(desk, say, |book, ctx| book.rotate(ctx))
}

/// Takes back what is wanted and not on its way.
pub(super) fn cancel(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    let wanted = desk.book().wanted().ok_or(Failure::NothingWanted)?;
    if wanted.on_its_way {
        return Err(Failure::OnItsWay);
    }
    desk.act(|book, ctx| book.cancel_wanted(ctx))?;
    say.tell(&json!({ "cancelled": wanted.reason }), |_, words| {
        vec![words.say("epoch.cancelled", &[("reason", words.or_itself("EpochReason", &wanted.reason))])]
    })
}

/// Takes the server's log as it is.
pub(super) fn settle(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    begin_anew(desk, say, |book, ctx| book.settle_with_server(ctx))
}

/// Shows what erasing a person takes away; erases, if that was said.
pub(super) fn erase(desk: &mut Desk, contact: Id<tables::Contact>, yes: bool, say: &mut Say) -> Result<(), Failure> {
    if yes {
        return begin_anew(desk, say, |book, ctx| book.erase(ctx, contact));
    }
    let preview = desk.act(|book, _| book.erase_preview(contact))?;
    say.tell(&preview, preview_lines)
}

fn preview_lines(preview: &EraseView, words: &Words) -> Vec<String> {
    let language = words.language();
    let mut lines = vec![words.say("erase.what", &[("name", &plain(&preview.name))])];
    lines.extend(preview.rows.iter().map(|rows| format!("    {}: {}", language.table(rows.table), rows.count)));
    if !preview.mentions.is_empty() {
        lines.push(words.say("erase.mentions", &[]));
    }
    lines.extend(preview.mentions.iter().map(|mention| mention_line(mention, words)));
    lines.extend(["erase.promise", "erase.not_promised", "erase.ask"].map(|key| words.say(key, &[])));
    lines
}

/// Asks the book for a new epoch, shares until it has come, and tells whether it has.
fn begin_anew(
    desk: &mut Desk,
    say: &mut Say,
    want: impl FnOnce(&mut samla_core::Book, &mut Context<'_>) -> Result<(), BookError>,
) -> Result<(), Failure> {
    desk.act(want)?;
    let http = Http::new();
    for _ in 0..ROUNDS {
        match round(desk, &http, say) {
            Err(Failure::Offline | Failure::Book(BookError::Contended)) => break,
            shared => shared?,
        };
        if desk.book().wanted().is_none() {
            break;
        }
    }
    let wanted = desk.book().wanted();
    let view = json!({ "done": wanted.is_none(), "wanted": wanted, "epoch": desk.book().status()?.epoch });
    say.tell(&view, |_, words| {
        vec![if wanted.is_none() { words.say("epoch.done", &[]) } else { words.say("epoch.wanted", &[]) }]
    })
}

/// Lists the epochs that this device founded, with their receipts, and who has not come along.
pub(super) fn erasures(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    let founded = desk.book().founded()?;
    let behind = desk.book().members().into_iter().filter(|member| !member.moved && !member.left);
    let behind: Vec<MemberView> = behind.collect();
    say.tell(&json!({ "epochs": founded, "not_moved": behind }), |_, words| {
        let epochs = founded.iter().flat_map(|epoch| epoch_lines(epoch, words));
        let members = behind.iter().map(|member| super::members::member_line(member, words));
        epochs.chain(members).collect()
    })
}

fn epoch_lines(founded: &FoundedView, words: &Words) -> Vec<String> {
    let when = |at: Option<samla_core::Moment>| at.map_or_else(|| "?".into(), |at| words.when(&at));
    let reason = words.or_itself("EpochReason", &founded.reason);
    let (epoch, gone) = (founded.epoch.to_string(), words.count("rows", founded.gone));
    let of = [("epoch", &*epoch), ("reason", reason), ("when", &*when(founded.at)), ("rows", &*gone)];
    let receipt = founded.receipt.as_ref().map_or_else(
        || words.say("erasures.no_receipt", &[]),
        |receipt| {
            let days = receipt.backup_days.map_or_else(|| "?".into(), |days| words.count("days", days));
            let (entries, signature) = (words.count("entries", receipt.count), plain(&receipt.signature));
            let at = when(receipt.at);
            let of = [("entries", &*entries), ("when", &*at), ("days", &*days), ("signature", &*signature)];
            words.say("erasures.receipt", &of)
        },
    );
    let mut lines = vec![words.say("erasures.line", &of), format!("    {receipt}")];
    if founded.receipt.as_ref().is_some_and(|receipt| receipt.other_key) {
        lines.push(format!("    {}", words.say("erasures.other_key", &[])));
    }
    if let Some(probe) = &founded.probe {
        let base = probe.base.map(|answer| ("erasures.old_base", answer));
        let asked = base.into_iter().chain([("erasures.old_log", probe.log)]);
        let line = |(key, answer)| format!("    {}", words.say(key, &[("answer", words.called(answer))]));
        lines.extend(asked.map(line));
    }
    lines
}

/// Says how the newest epoch, and those before it that nobody has looked at, compare with what was here.
pub(super) fn continuity(desk: &mut Desk, save: Option<&Path>, forget: bool, say: &mut Say) -> Result<(), Failure> {
    if let Some(file) = save {
        let kept = desk.book().export_kept()?;
        write_new(file, kept.as_bytes())?;
    }
    let found = desk.book().continuity()?;
    if forget {
        desk.act(|book, ctx| book.forget_kept(ctx))?;
    }
    say.tell(&found, |found, words| match found {
        Some(found) => continuity_lines(found, words),
        None => vec![words.say("continuity.none", &[])],
    })
}

fn continuity_lines(found: &ContinuityView, words: &Words) -> Vec<String> {
    let epochs = match found.since < found.epoch {
        true => format!("{}–{}", found.since, found.epoch),
        false => found.epoch.to_string(),
    };
    let numbers = [
        ("erased", found.erased),
        ("missing", found.missing),
        ("changed", found.changed),
        ("added", found.added),
        ("unexplained", found.unexplained),
        ("unread", found.unread),
        ("doubtful", found.doubtful),
    ]
    .map(|(name, n)| (name, n.to_string()));
    let numbers = numbers.iter().map(|(name, n)| (*name, n.as_str()));
    let of: Vec<_> = [("epoch", epochs.as_str())].into_iter().chain(numbers).collect();
    let keys: &[&str] = match (found.compared, found.unread, found.unexplained) {
        (true, ..) => &["continuity.line"],
        (false, 0, 0) => &["continuity.not_compared"],
        (false, _, 0) => &["continuity.part"],
        // Of several epochs one was compared exactly, and another not.
        (false, 0, _) => &["continuity.line", "continuity.not_compared"],
        (false, _, _) => &["continuity.line", "continuity.part"],
    };
    keys.iter().map(|key| words.say(key, &of)).collect()
}

/// Lists the edits that were not carried over.
pub(super) fn lost(desk: &mut Desk, forget: bool, say: &mut Say) -> Result<(), Failure> {
    let lost = desk.book().lost_edits()?;
    if forget {
        desk.act(|book, _| book.forget_lost_edits())?;
    }
    say.tell(&lost, lost_lines)
}

fn lost_lines(lost: &LostEditsView, words: &Words) -> Vec<String> {
    if lost.count == 0 {
        return Vec::new();
    }
    let mut lines = vec![words.say("lost.count", &[("n", &lost.count.to_string())])];
    for edit in &lost.edits {
        lines.push(format!("    {} {}", words.language().table(edit.table), plain(&edit.title)));
        lines.extend(edit.fields.iter().map(|LostField { field, value, shown: text }| {
            format!("        {field}={}", shown(edit.table, field, value.as_ref(), text, words))
        }));
    }
    lines
}

/// Writes what was only here when this device was put out.
pub(super) fn leftover(desk: &mut Desk, forget: bool, say: &mut Say) -> Result<(), Failure> {
    let rows = desk.book().export_leftover()?;
    say.bytes(rows.as_bytes())?;
    say.bytes(b"\n")?;
    if forget {
        // Only once it is out.
        say.finish()?;
        desk.act(|book, _| book.forget_leftover())?;
    }
    Ok(())
}
