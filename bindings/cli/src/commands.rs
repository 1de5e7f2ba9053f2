//! What each command does: open the desk, ask the book, tell the answer.

mod calls;
mod epochs;
mod export;
mod imports;
mod looks;
mod members;
mod overviews;
mod people;
mod privacy;
mod reconcile;
mod reports;
mod rows;
mod season;
mod tasks;
mod today;
mod waits;
mod ways_in;

use crate::args::{
    AskReport, BookCommand, CallsCommand, Command, ConsentCommand, Days, FileCommand, ImportStep, Samla, SeasonCommand,
};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::home::Folder;
use crate::http::Http;
use crate::say::Say;
use crate::sync::round;
use crate::watch::watch;

pub(crate) use waits::tell_brought;

/// Does what was typed.
pub(crate) fn run(samla: Samla, say: &mut Say) -> Result<(), Failure> {
    // These need no book.
    if let Command::Fields { table } = samla.command {
        return looks::fields(table, say);
    }
    if let Command::Report(AskReport { report: None, .. }) = samla.command {
        return reports::list(say);
    }
    let folder = Folder::new(samla.home)?;
    match samla.command {
        Command::Book(BookCommand::New(new)) => return members::found(&folder, &new, say),
        Command::Book(BookCommand::Practice(asked)) => return members::practise(&folder, &asked, say),
        Command::Join(join) => return members::join(&folder, &join, say),
        Command::Recover(recover) => return ways_in::recover(&folder, &recover, say),
        Command::Sync { watch: true } => return watch(&folder, say),
        _ => {}
    }
    let mut desk = Desk::open(&folder)?;
    if samla.command.is_of_members() {
        desk.must_be_shared()?;
    }
    let done = at(&mut desk, samla.command, say);
    // What was told is out before the desk is put in order, which may take a moment.
    done.and_then(|()| say.finish())?;
    desk.close()
}

fn at(desk: &mut Desk, command: Command, say: &mut Say) -> Result<(), Failure> {
    match command {
        Command::Book(BookCommand::Confirm { chars }) => members::confirm(desk, &chars.concat(), say),
        Command::Book(BookCommand::CheckSheet { chars }) => members::check_sheet(desk, &chars.concat(), say),
        Command::Invite { role, days, confirm } => members::invite(desk, role, days, confirm, say),
        Command::Invites => members::invites(desk, say),
        Command::Uninvite { invite } => members::uninvite(desk, invite, say),
        Command::Members => members::list(desk, say),
        Command::Raise { device, role } => members::raise(desk, device, role, say),
        Command::Waiting => members::waiting(desk, say),
        Command::Admit { device, role } => members::admit(desk, device, role, say),
        Command::Deny { device } => members::deny(desk, device, say),
        Command::RemoveMember { devices } => epochs::remove_members(desk, &devices, say),
        Command::Lower { device, role } => epochs::lower(desk, device, role, say),
        Command::RotateKey => epochs::rotate(desk, say),
        Command::Erase { contact, yes } => epochs::erase(desk, contact, yes, say),
        Command::Erasures => epochs::erasures(desk, say),
        Command::Continuity { save, forget } => epochs::continuity(desk, save.as_deref(), forget, say),
        Command::Lost { forget } => epochs::lost(desk, forget, say),
        Command::Leftover { forget } => epochs::leftover(desk, forget, say),
        Command::Cancel => epochs::cancel(desk, say),
        Command::Settle => epochs::settle(desk, say),
        Command::Rejoin(join) => ways_in::rejoin(desk, &join, say),
        Command::RenewSheet { old, sheet_file } => {
            ways_in::renew_sheet(desk, old.as_deref(), sheet_file.as_deref(), say)
        }
        Command::RetireSheet { sheet } => ways_in::retire_sheet(desk, &sheet, say),
        Command::File(FileCommand::Export { file, invite }) => ways_in::export_file(desk, &file, invite, say),
        Command::File(FileCommand::Import { file }) => ways_in::import_file(desk, &file, say),
        Command::Compare { code } => members::compare(desk, &code.concat(), say),
        Command::Leave => members::leave(desk, say),
        Command::Add { table, fields } => rows::add(desk, table, &fields, say),
        Command::Set { table, id, fields } => rows::set(desk, table, id, &fields, say),
        Command::Remove { table, id } => rows::remove(desk, table, id, say),
        Command::Restore { table, id } => rows::restore(desk, table, id, say),
        Command::List { table, filter } => rows::list(desk, table, &filter, say),
        Command::Show { id } => rows::show(desk, id, say),
        Command::Signup(sign_up) => rows::sign_up(desk, &sign_up, say),
        Command::Recruiter { signed, who, nobody: _ } => rows::recruited(desk, signed, who.as_deref(), say),
        Command::Tally { visit, kind, delta, item } => rows::tally(desk, visit, kind, item.as_deref(), delta, say),
        Command::Resolve { table, id, field, value } => rows::resolve(desk, table, id, &field, &value, say),
        Command::Sync { .. } => sync(desk, say),
        Command::Status => looks::status(desk, say),
        Command::Conflicts => looks::conflicts(desk, say),
        Command::Duplicates => looks::duplicates(desk, say),
        Command::Same { a, b } => people::same(desk, a, b, say),
        Command::NotSame { a, b } => people::not_same(desk, a, b, say),
        Command::Links { contact } => people::links(desk, contact, say),
        Command::UndoLink { link } => people::undo_link(desk, link, say),
        Command::Choose { contact, field, value } => people::choose(desk, contact, &field, &value, say),
        Command::Calls { command } => calls::calls(desk, command.unwrap_or(CallsCommand::List(Days::default())), say),
        Command::Season { command } => {
            season::season(desk, command.unwrap_or(SeasonCommand::Weeks(Days::default())), say)
        }
        Command::Overview(command) => overviews::overview(desk, command, say),
        Command::Calendar(asked) => season::calendar(desk, &asked, say),
        Command::VCards(asked) => season::vcards(desk, &asked, say),
        Command::Import(asked) => match asked.step {
            Some(ImportStep::Undo { import }) => imports::undo(desk, import, say),
            Some(ImportStep::Resume { import }) => imports::resume(desk, import, say),
            None => imports::take_in(desk, &asked, say),
        },
        Command::Imports => imports::list(desk, say),
        Command::Reconcile(asked) => reconcile::reconcile(desk, &asked, say),
        Command::Changes(asked) => reconcile::changes(desk, &asked, say),
        Command::Consent(ConsentCommand::List { contact }) => privacy::consents(desk, contact, say),
        Command::Consent(ConsentCommand::Give { contact, fields }) => privacy::give(desk, contact, &fields, say),
        Command::Consent(ConsentCommand::Withdraw { contact, purpose }) => {
            privacy::withdraw(desk, contact, purpose.as_deref(), say)
        }
        Command::Addresses(asked) => privacy::addresses(desk, &asked, say),
        Command::TakenOut => privacy::taken_out(desk, say),
        Command::Notices => privacy::notices(desk, say),
        Command::Told(told) => privacy::told(desk, &told, say),
        Command::Expired { forget } => privacy::expired(desk, forget, say),
        Command::Forget { contact, yes } => privacy::forget(desk, contact, yes, say),
        Command::About(asked) => privacy::about(desk, &asked, say),
        Command::News { seen } => members::news(desk, seen, say),
        Command::Removals { bring_back, day } => members::removals(desk, bring_back.zip(day), say),
        Command::FoundAnew { into, new } => members::found_anew(desk, into, &new, say),
        Command::Today { whom } => today::today(desk, whom.as_deref(), say),
        Command::Due { date } => looks::due(desk, date, say),
        Command::Claim(asked) => tasks::claim(desk, &asked, say),
        Command::Done(asked) => tasks::done(desk, &asked, say),
        Command::Week { date } => looks::week(desk, date, say),
        Command::Search { text, limit } => looks::search(desk, &text.join(" "), limit, say),
        Command::Export(export) => export::export(desk, &export, say),
        Command::Report(asked) => asked.report.map_or(Ok(()), |report| reports::report(desk, report, &asked, say)),
        // Done before the desk was opened.
        Command::Book(BookCommand::New(_) | BookCommand::Practice(_))
        | Command::Join(_)
        | Command::Recover(_)
        | Command::Fields { .. } => Ok(()),
    }
}

fn sync(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    let brought = round(desk, &Http::new(), say)?;
    waits::tell_brought(desk, brought, brought.received > 0, say)
}
