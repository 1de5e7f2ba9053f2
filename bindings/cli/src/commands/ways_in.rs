//! The other ways into a book: by its recovery sheet, anew under other keys, from a file without a network.

use std::io::Read;
use std::path::Path;

use samla_core::InviteId;
use samla_core::book::FileView;
use serde_json::json;
use zeroize::Zeroizing;

use super::members::{ask, link, show_sheet, tell_joined};
use crate::args;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::home::{Folder, write_new};
use crate::http::Http;
use crate::say::{Say, plain};
use crate::sync::round;

/// Comes back into a book by its recovery sheet.
pub(super) fn recover(folder: &Folder, recover: &args::Recover, say: &mut Say) -> Result<(), Failure> {
    let sheet = sheet_text(&recover.sheet)?;
    let mut desk = Desk::recover(folder, sheet.trim(), recover)?;
    match round(&mut desk, &Http::new(), say) {
        // Nothing was written in it yet, and this sheet opens nothing.
        Err(Failure::Book(error @ samla_core::BookError::SheetUnknown)) => {
            desk.discard()?;
            return Err(error.into());
        }
        came => came?,
    };
    tell_joined(&desk, say)?;
    say.finish()?;
    desk.close()
}

/// A sheet's text, from a file or from standard input.
fn sheet_text(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = match file.to_str() {
        Some("-") => std::io::stdin().read_to_string(&mut text),
        _ => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(Failure::Input)?;
    Ok(text)
}

/// Comes in anew under other keys.
pub(super) fn rejoin(desk: &mut Desk, join: &args::Join, say: &mut Say) -> Result<(), Failure> {
    let link = link(join)?;
    desk.act(|book, ctx| book.rejoin(ctx, &link, &join.name, &join.label))?;
    round(desk, &Http::new(), say)?;
    tell_joined(desk, say)
}

/// Makes a new recovery sheet.
pub(super) fn renew_sheet(
    desk: &mut Desk,
    old: Option<&Path>,
    file: Option<&Path>,
    say: &mut Say,
) -> Result<(), Failure> {
    if file.is_some_and(Path::exists) {
        return Err(Failure::FileExists);
    }
    let old = old.map(sheet_text).transpose()?;
    let status = desk.book().status()?;
    let sheet = desk.act(|book, ctx| book.renew_recovery(ctx, old.as_ref().map(|old| old.trim())))?;
    let (name, server) = (plain(&status.name.unwrap_or_default()), plain(&status.server_url.unwrap_or_default()));
    show_sheet(&sheet, &[("name", &name), ("server", &server)], file, say)?;
    if say.can_ask() {
        ask(desk, &sheet.ask, say)?;
    }
    round(desk, &Http::new(), say).map(drop)
}

/// Puts a recovery sheet out of force.
pub(super) fn retire_sheet(desk: &mut Desk, sheet: &Path, say: &mut Say) -> Result<(), Failure> {
    let sheet = sheet_text(sheet)?;
    desk.act(|book, ctx| book.retire_recovery(ctx, sheet.trim()))?;
    round(desk, &Http::new(), say).map(drop)
}

/// Writes all that is here for another device.
pub(super) fn export_file(
    desk: &mut Desk,
    file: &Path,
    invite: Option<InviteId>,
    say: &mut Say,
) -> Result<(), Failure> {
    let bytes = desk.act(|book, ctx| match invite {
        Some(invite) => book.export_file_for(ctx, invite),
        None => book.export_file(ctx),
    })?;
    write_new(file, &bytes)?;
    say.view(&json!({ "bytes": bytes.len() }))
}

/// Takes in a file of another device.
pub(super) fn import_file(desk: &mut Desk, file: &Path, say: &mut Say) -> Result<(), Failure> {
    let bytes = std::fs::read(file).map_err(Failure::Input)?;
    let brought = desk.act(|book, ctx| book.import_file(ctx, &bytes))?;
    say.tell(&brought, |FileView { received, left }, words| {
        vec![words.say("file.brought", &[("received", &received.to_string()), ("left", &left.to_string())])]
    })
}
