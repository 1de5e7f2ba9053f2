//! The book and its members: founding, inviting, joining, leaving.

use std::io::Write;
use std::path::{Path, PathBuf};

use samla_core::book::{CameInView, Compared, MassRemovalView, PendingView};
use samla_core::texts::Worded;
use samla_core::{BookError, DeviceId, InviteId, InviteMode, InviteView, MemberView, NewBook, RecoverySheet, Role};
use serde_json::json;

use crate::args;
use crate::desk::{Desk, now};
use crate::failure::Failure;
use crate::home::{Folder, write_private};
use crate::http::Http;
use crate::say::{Say, plain};
use crate::sync::{Brought, round};
use crate::words::{About, Words};

/// Makes a book, shows its recovery sheet, asks for six characters of it, and tells the server.
pub(super) fn found(folder: &Folder, new: &args::NewBook, say: &mut Say) -> Result<(), Failure> {
    found_by(|asked| Desk::create(folder, asked), new, say)
}

/// Makes a book in another folder with all that this one shows, in the same steps.
pub(super) fn found_anew(old: &Desk, into: PathBuf, new: &args::NewBook, say: &mut Say) -> Result<(), Failure> {
    let folder = Folder::new(Some(into))?;
    found_by(|asked| Desk::found_anew(&folder, asked, old.book()), new, say)
}

/// Makes a book to practise with. Its recovery sheet is not shown: there is nothing to lose.
pub(super) fn practise(folder: &Folder, asked: &args::Practice, say: &mut Say) -> Result<(), Failure> {
    let new = NewBook {
        name: asked.name.clone().unwrap_or_else(|| say.words().say("practice.name", &[])),
        server_url: None,
        operator_token: None,
        my_name: asked.me.clone().unwrap_or_else(user),
        device_label: asked.label.clone(),
    };
    let (desk, _) = Desk::create(folder, &new)?;
    say.tell(&desk.book().status()?, |_, words| vec![words.say("practice.made", &[("name", &plain(&new.name))])])?;
    say.finish()?;
    desk.close()
}

/// What this system calls the user.
fn user() -> String {
    std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_else(|_| "Organiser".into())
}

fn found_by(
    make: impl FnOnce(&NewBook) -> Result<(Desk, RecoverySheet), Failure>,
    new: &args::NewBook,
    say: &mut Say,
) -> Result<(), Failure> {
    let asked = NewBook {
        name: new.name.clone(),
        server_url: Some(new.server.clone()),
        operator_token: new.operator_token.clone(),
        my_name: new.me.clone().unwrap_or_else(user),
        device_label: new.label.clone(),
    };
    if new.sheet_file.as_ref().is_some_and(|file| file.exists()) {
        return Err(Failure::FileExists);
    }
    let (mut desk, sheet) = make(&asked)?;
    let title = [("name", &*plain(&new.name)), ("server", &*plain(&new.server))];
    if let Err(failure) = show_sheet(&sheet, &title, new.sheet_file.as_deref(), say) {
        // Nobody has seen the sheet: this book must not be used.
        desk.discard()?;
        return Err(failure);
    }
    if say.can_ask() {
        ask(&mut desk, &sheet.ask, say)?;
    }
    match round(&mut desk, &Http::new(), say) {
        // Nothing was written in it yet, and the token cannot be given later.
        Err(failure) if failure.detail() == Some("operator_token") => {
            desk.discard()?;
            Err(failure)
        }
        founded => founded.map(drop).and_then(|()| desk.close()),
    }
}

/// Prints a sheet or writes it to a new file, and says which characters of it are asked back.
pub(super) fn show_sheet(
    sheet: &RecoverySheet,
    title: &[(&str, &str)],
    file: Option<&Path>,
    say: &mut Say,
) -> Result<(), Failure> {
    let text = [
        say.words().say("sheet.title", title),
        String::new(),
        sheet.text.groups().join(" "),
        String::new(),
        say.words().say("sheet.care", &[]),
    ];
    match file {
        Some(file) => write_private(file, format!("{}\n", text.join("\n")).as_bytes()).map_err(Failure::Output)?,
        None => text.iter().try_for_each(|line| say.line(line))?,
    }
    let printed = file.is_none().then(|| sheet.text.as_str());
    let asked_now = say.can_ask();
    say.tell(&json!({ "sheet": printed, "ask": sheet.ask }), |_, words| {
        let asks = words.say("sheet.first", &[("places", &places(&sheet.ask, words))]);
        if asked_now { vec![String::new()] } else { vec![String::new(), asks] }
    })?;
    say.finish()
}

/// The characters asked for, in words.
pub(super) fn places<N: std::fmt::Display>(places: &[N], words: &Words) -> String {
    let places: Vec<_> = places.iter().map(ToString::to_string).collect();
    words.say("sheet.places", &[("places", &places.join(", "))])
}

pub(super) fn ask(desk: &mut Desk, asked: &[usize], say: &mut Say) -> Result<(), Failure> {
    loop {
        let places = places(asked, say.words());
        eprint!("{} ", say.words().say("sheet.ask", &[("places", &places)]));
        std::io::stderr().flush().map_err(Failure::Output)?;
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed).map_err(Failure::Input)?;
        if typed.trim().is_empty() {
            return Ok(());
        }
        match desk.act(|book, ctx| book.confirm_recovery(ctx, &typed)) {
            Err(Failure::Book(BookError::RecoveryWrong)) => {
                eprintln!("{}", say.words().say("error.recovery_wrong", &[]))
            }
            confirmed => {
                confirmed?;
                let confirmed = say.words().say("sheet.confirmed", &[]);
                say.line(&confirmed)?;
                return say.finish();
            }
        }
    }
}

/// Confirms the recovery sheet.
pub(super) fn confirm(desk: &mut Desk, chars: &str, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.confirm_recovery(ctx, chars))?;
    tell_confirmed(say)
}

/// Confirms half a year later that the sheet is still there.
pub(super) fn check_sheet(desk: &mut Desk, chars: &str, say: &mut Say) -> Result<(), Failure> {
    desk.book().sheet_question(&now()).ok_or(Failure::SheetNotAsked)?;
    desk.act(|book, ctx| book.check_sheet(ctx, chars))?;
    tell_confirmed(say)
}

fn tell_confirmed(say: &mut Say) -> Result<(), Failure> {
    say.tell(&json!({ "confirmed": true }), |_, words| vec![words.say("sheet.confirmed", &[])])
}

/// Joins a book. Where the server is away, the next sync goes on with it.
pub(super) fn join(folder: &Folder, join: &args::Join, say: &mut Say) -> Result<(), Failure> {
    let link = link(join)?;
    let file = join.file.as_deref().map(std::fs::read).transpose().map_err(Failure::Input)?;
    let mut desk = match &file {
        Some(file) => Desk::join_with_file(folder, &link, file, &join.name, &join.label)?,
        None => Desk::join(folder, &link, &join.name, &join.label)?,
    };
    let joined = round(&mut desk, &Http::new(), say);
    match joined {
        // Nothing was written in it yet, and this invitation opens nothing.
        Err(Failure::Book(error)) if desk.book().status()?.joining && is_final(&error) => {
            desk.discard()?;
            return Err(error.into());
        }
        // The file has let this device read already; the join goes out with the next round.
        Err(Failure::Offline) if file.is_some() => Brought::default(),
        joined => joined?,
    };
    tell_joined(&desk, say)?;
    say.finish()?;
    desk.close()
}

/// The invitation link, from standard input where it is `-`.
pub(super) fn link(join: &args::Join) -> Result<String, Failure> {
    if join.link != "-" {
        return Ok(join.link.clone());
    }
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).map_err(Failure::Input)?;
    Ok(typed)
}

/// Tells which book this device is in now, or that it waits to be let in.
pub(super) fn tell_joined(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.book().status()?, |status, words| {
        if status.waiting {
            return vec![words.say("join.waits", &[("letters", &status.fingerprint)])];
        }
        let name = status.name.as_deref().map_or_else(|| words.say("join.nameless", &[]), plain);
        let role = status.role.as_deref().map(|role| words.or_itself("Role", role)).unwrap_or_default();
        vec![words.say("join.joined", &[("name", &name), ("role", role)])]
    })
}

fn is_final(error: &BookError) -> bool {
    use BookError::{BookMissing, InviteExpired, InviteMismatch, InviteUsed, UpdateRequired};
    matches!(error, InviteUsed | InviteExpired | InviteMismatch | BookMissing | UpdateRequired)
}

/// Opens an invitation, tells the server, and prints the link.
pub(super) fn invite(desk: &mut Desk, role: Role, days: u32, confirm: bool, say: &mut Say) -> Result<(), Failure> {
    let made = desk.act(|book, ctx| match confirm {
        true => book.invite_to_confirm(ctx, role, days),
        false => book.invite(ctx, role, days),
    })?;
    round(desk, &Http::new(), say)?;
    let sent = desk.book().invites().into_iter().find(|invite| invite.id == made.id).unwrap_or(made);
    say.tell(&sent, |invite, words| match &invite.link {
        Some(link) => vec![link.clone()],
        None => vec![invite_line(invite, words)],
    })
}

/// Lists the open invitations.
pub(super) fn invites(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.book().invites(), |invites, words| invites.iter().map(|invite| invite_line(invite, words)).collect())
}

fn invite_line(invite: &InviteView, words: &Words) -> String {
    let link = invite.link.clone().unwrap_or_else(|| words.say("invite.not_sent", &[]));
    let (id, day) = (invite.id.to_string(), words.language().date(invite.expires_on));
    let role = words.or_itself("Role", &invite.role);
    let mode = words.called(if invite.confirm { InviteMode::Confirm } else { InviteMode::Auto });
    words.say("invite.terms", &[("id", &id), ("role", role), ("day", &day), ("mode", mode), ("link", &link)])
}

/// Closes an invitation.
pub(super) fn uninvite(desk: &mut Desk, invite: InviteId, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.uninvite(ctx, invite))?;
    tell_server(desk, say)
}

/// Lists the devices of the book.
pub(super) fn list(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.book().members(), |members, words| members.iter().map(|member| member_line(member, words)).collect())
}

pub(super) fn member_line(member: &MemberView, words: &Words) -> String {
    let name = |text: &Option<String>| text.as_deref().map_or_else(|| "?".into(), plain);
    let marks = [
        member.mine.then(|| words.say("member.mine", &[])),
        member.left.then(|| words.say("member.left", &[])),
        (!member.moved && !member.left).then(|| words.say("member.not_moved", &[])),
        member.last_heard.map(|at| words.say("member.heard", &[("when", &words.when(&at))])),
    ];
    let marks: Vec<_> = marks.into_iter().flatten().collect();
    let mark = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join("; ")) };
    let role = words.or_itself("Role", &member.role);
    let (person, label) = (name(&member.person_name), name(&member.label));
    format!("{} {role} {} {person}, {label}{mark}", member.device_id, member.fingerprint)
}

/// Lists the devices that wait to be let in.
pub(super) fn waiting(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.book().pending(), |pending, words| pending.iter().map(|one| pending_line(one, words)).collect())
}

fn pending_line(pending: &PendingView, words: &Words) -> String {
    let (role, by) = (words.or_itself("Role", &pending.role), pending.invited_by.as_deref().unwrap_or("?"));
    let invited = words.say("member.invited", &[("name", &plain(by))]);
    format!("{} {role} {} ({invited})", pending.device_id, pending.fingerprint)
}

/// Lets a device in that waits.
pub(super) fn admit(desk: &mut Desk, device: DeviceId, role: Role, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.admit(ctx, device, role))?;
    tell_server(desk, say)
}

/// Turns a device away that waits.
pub(super) fn deny(desk: &mut Desk, device: DeviceId, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.deny(ctx, device))?;
    tell_server(desk, say)
}

/// Shows this device's code, or holds another device's against what is here.
pub(super) fn compare(desk: &mut Desk, code: &str, say: &mut Say) -> Result<(), Failure> {
    if code.is_empty() {
        return say.tell(&desk.book().compare_code()?, |code, _| vec![code.groups.join(" ")]);
    }
    let compared = desk.act(|book, ctx| book.compare(ctx, code))?;
    say.tell(&json!({ "result": compared }), |_, words| {
        let next = match compared {
            Compared::Differs => words.of_error("log_fork", &About::Nothing).next,
            _ => words.say(&format!("next.compared_{}", compared.word()), &[]),
        };
        vec![format!("{}.", words.called(compared)), next]
    })
}

/// Gives a device a higher role.
pub(super) fn raise(desk: &mut Desk, device: DeviceId, role: Role, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.raise(ctx, device, role))?;
    tell_server(desk, say)
}

/// Leaves the book.
pub(super) fn leave(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.leave(ctx))?;
    match round(desk, &Http::new(), say) {
        // The answer to whoever has left.
        Ok(_) | Err(Failure::Book(BookError::Removed)) => {}
        Err(failure) => return Err(failure),
    }
    say.tell(&json!({ "left": true }), |_, words| vec![words.say("leave.left", &[])])
}

fn tell_server(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    let brought = round(desk, &Http::new(), say)?;
    say.view(&brought)
}

/// The devices that came in while this one was there, until they have been seen.
pub(super) fn news(desk: &mut Desk, seen: bool, say: &mut Say) -> Result<(), Failure> {
    if seen {
        return desk.act(|book, ctx| book.dismiss_news(ctx));
    }
    say.tell(&desk.book().news(), |news, words| news.iter().map(|came| news_line(came, words)).collect())
}

fn news_line(came: &CameInView, words: &Words) -> String {
    let or_unknown = |text: &Option<String>| text.as_deref().map_or_else(|| "?".to_owned(), plain);
    let device = came.label.as_deref().map_or_else(|| came.device_id.clone(), plain);
    let when = came.at.map(|at| words.when(&at)).unwrap_or_default();
    let (who, by) = (or_unknown(&came.person_name), or_unknown(&came.invited_by));
    match came.by_sheet {
        true => words.say("news.by_sheet", &[("who", &who), ("device", &device), ("when", &when)]),
        false => words.say("news.line", &[("who", &who), ("device", &device), ("when", &when), ("by", &by)]),
    }
}

/// Lists unusual removals, or brings back what a device removed on a day.
pub(super) fn removals(desk: &mut Desk, back: Option<(DeviceId, String)>, say: &mut Say) -> Result<(), Failure> {
    if let Some((device, day)) = back {
        let count = desk.act(|book, ctx| book.bring_back(ctx, device, &day))?;
        return say.tell(&json!({ "brought_back": count }), |_, words| {
            vec![words.say("removals.back", &[("rows", &words.count("rows", count))])]
        });
    }
    let found = desk.act(|book, _| book.mass_removals())?;
    say.tell(&found, |found, words| found.iter().map(|one| removals_line(one, words)).collect())
}

fn removals_line(one: &MassRemovalView, words: &Words) -> String {
    let who = one.name.as_deref().map_or_else(|| "?".to_owned(), plain);
    let (removed, of) = (one.removed.to_string(), one.of.to_string());
    let fields = [("who", &*who), ("device", &*one.device_id), ("day", &*one.day), ("n", &*removed), ("of", &*of)];
    words.say("removals.line", &fields)
}
