//! The end of a field: the weather clears, everybody syncs, people do what their phones ask them to, and then the invariants hold.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use samla_core::tables::{Table, Value};
use samla_core::{Book, DeviceId, Role};
use samla_wire::Head;
use samla_wire::http::Bundle;

use super::{Anew, Erasing, Member, ROUNDS, Stand, code, id_of};
use crate::canary::Canaries;
use crate::network::Weather;
use crate::promises::{CANARY, Gone, Told};

impl Anew {
    /// The weather clears; everybody syncs until nobody has anything to say, and people do what their phones ask them to.
    pub(super) fn quiet(&mut self) -> Result<(), String> {
        self.story.push("quiet".into());
        self.network.weather = Weather::default();
        self.kills = None;
        self.network.clear(&self.server);
        for round in 0..ROUNDS {
            self.story.push(format!("round {round}"));
            let mut said = 0;
            for who in self.here() {
                said += self.round(who)?;
            }
            self.network.witness.verdict()?;
            said += self.do_what_is_asked(round)?;
            if said == 0 {
                return Ok(());
            }
        }
        Err(format!("after {ROUNDS} rounds somebody still has something to say"))
    }

    /// Lets in who waits, brings a link to who needs one, and has an organiser settle with a server that went another way.
    fn do_what_is_asked(&mut self, round: usize) -> Result<u64, String> {
        // Its twin's edits came in a file: it says so, and stands still until it comes in anew.
        for who in self.here() {
            if self.member(who).twin && self.alarm_of(who).as_deref() == Some("device_fork") {
                self.member(who).stand = Stand::NeedsLink;
            }
        }
        let apart: Vec<usize> = self.here().into_iter().filter(|who| self.alarm_of(*who).is_some()).collect();
        let mut organisers: Vec<usize> = self.here().into_iter().filter(|who| self.is_organiser(*who)).collect();
        organisers.sort_by_key(|who| self.alarm_of(*who).is_none());
        let mut said = 0;
        for who in self.here() {
            // Two kills in the middle of an innocent entry: the next version tries it again.
            if self.phone(who).book.status().map_err(code)?.quarantined > 0 {
                said += 1;
                self.note(who, "is updated");
                self.phone(who).is_updated();
            }
        }
        said += apart.len() as u64;
        if round > 1 && !apart.is_empty() {
            match organisers.first().copied() {
                Some(organiser) if round < 6 => {
                    self.note(organiser, "settles with the server");
                    self.phone(organiser).with(|book, ctx| book.settle_with_server(ctx)).map_err(code)?;
                }
                _ => apart.iter().for_each(|who| self.member(*who).stand = Stand::NeedsLink),
            }
        }
        organisers.retain(|who| self.alarm_of(*who).is_none() && self.is_organiser(*who));
        let waits_for_a_key = |member: &Member| member.phone.book.status().is_ok_and(|status| status.recovering);
        if round == 2
            && let Some(organiser) = organisers.first().copied()
            && self.members.iter().any(|member| member.stand == Stand::Here && waits_for_a_key(member))
        {
            self.note(organiser, "renews the key for who comes back by the sheet");
            self.phone(organiser).with(|book, ctx| book.rotate(ctx)).map_err(code)?;
        }
        let Some(organiser) = organisers.first().copied() else { return Ok(said) };
        let pending = self.phone(organiser).book.pending();
        for waits in pending {
            said += 1;
            let device = id_of(&waits.device_id);
            self.note(organiser, format_args!("lets {device} in"));
            self.phone(organiser).with(|book, ctx| book.admit(ctx, device, Role::Steward)).map_err(code)?;
        }
        for who in 0..self.members.len() {
            if self.member(who).stand == Stand::NeedsLink {
                said += 1;
                // It may have learnt that it is out when it let in the one before.
                if !self.is_organiser(organiser) {
                    return Ok(said);
                }
                let Some(link) = self.link(organiser, false)? else { continue };
                self.note(who, format_args!("comes in anew by a link of {organiser}"));
                let name = format!("Steward {who}");
                self.phone(who).with(|book, ctx| book.rejoin(ctx, &link, &name, "Phone")).map_err(code)?;
                self.member(who).stand = Stand::Here;
                self.has_no_wish_left(who);
                self.played.rejoined += 1;
                self.round(who)?;
            }
        }
        Ok(said)
    }

    fn alarm_of(&self, who: usize) -> Option<String> {
        self.members.get(who).and_then(|member| member.phone.book.status().ok()).and_then(|status| status.alarm)
    }

    pub(super) fn compare(&mut self) -> Result<(), String> {
        for member in &mut self.members {
            // No organiser is left who could seal the key for its sheet again: core/docs/threats.md, T5.
            if self.put_back && member.phone.book.status().map_err(code)?.recovering {
                member.stand = Stand::Out;
            }
        }
        let here = self.here();
        if self.put_back && !here.iter().any(|who| self.is_in(*who)) {
            return self.nobody_is_let_in();
        }
        for who in here.clone() {
            let status = self.phone(who).book.status().map_err(code)?;
            // Two phones that carried the same new row over from a file are told apart by a refusal, and the second writes again.
            let well = self.is_in(who)
                && status.alarm.is_none()
                && (status.unsent, status.quarantined) == (0, 0)
                // What builds on an envelope that was refused, or on a twin's, which never got a place, waits for ever; its
                // author has written it again.
                && (status.held == 0 || status.rejected > 0 || self.copied);
            if !well || self.phone(who).book.wanted().is_some() {
                return Err(format!("{who}: {:?} {status:?}", self.phone(who).book.wanted()));
            }
        }
        if let Some(who) = self.members.iter().position(|member| member.stand == Stand::NeedsLink) {
            let organisers = here.iter().any(|who| self.is_organiser(*who));
            if organisers {
                return Err(format!("{who} never came in again"));
            }
        }
        let first = self.anybody()?;
        self.all_alike("at the end")?;
        let mut gone = BTreeMap::new();
        for (who, member) in self.members.iter().enumerate().filter(|(_, member)| member.stand != Stand::Here) {
            let status = member.phone.book.status().map_err(code)?;
            let nothing =
                status.removed_by.as_deref() != Some("remove") && status.removed_by.as_deref() != Some("restore");
            // A log that the server lost, and that others have written over since, cannot be told from one that was read.
            let nothing = nothing || self.put_back;
            let leftover = member.phone.book.export_leftover().map_err(code)?;
            gone.insert(who, Gone { leftover, nothing });
        }
        for Erasing { who, contact, loose, done, asked, void, .. } in std::mem::take(&mut self.erasing) {
            // An epoch has begun without them, whether its founder has heard of it or not.
            let done = done || asked.iter().any(|asked| self.network.begun.contains(asked));
            // What a colleague carried over under another name, from a file or from a log that the server had lost, its author
            // may bring again: whoever asked asks again while that phone may, and core/docs/threats.md tells of the rest.
            let comes_again = self.promises.author_of(contact) != Some(who) && (loose || self.put_back);
            // Who was put out or lowered took the wish along; a colleague may have removed the row, and what is about it stays.
            let is_void = void || self.members.get(who).is_none_or(|member| member.stand != Stand::Here);
            if is_void && self.promises.was_removed(contact) {
                match (done, self.put_back) {
                    (true, false) => self.promises.erased(contact),
                    (true, true) => self.promises.came_again(contact),
                    (false, _) => {}
                }
                continue;
            }
            if self.phone(first).book.register().row(Table::Contacts, contact).is_none() {
                self.played.erased += 1;
                self.promises.erased(contact);
            } else if !is_void && self.is_organiser(who) {
                return Err(format!("{who} wanted {contact} erased, and nothing came of it"));
            } else if !is_void || comes_again {
                self.promises.came_again(contact);
            }
        }
        let mut told = BTreeMap::new();
        for (who, member) in self.members.iter().enumerate() {
            told.insert(who, told_of(&member.phone.book)?);
        }
        let book = &self.members.get(first).expect("somebody").phone.book;
        self.promises.check(book, &gone, &told)?;
        for who in here {
            self.nothing_is_left(who)?;
        }
        self.nothing_on_whoever_went_with_an_erasure()?;
        self.server_knows_nothing()?;
        self.no_key_for_whoever_is_out()?;
        let who = self.anybody()?;
        self.phone(who).restart();
        self.all_alike("after a start")
    }

    /// The server was put back to a time at which it knew none of those who are left: it lets nobody in. They are told so, and have
    /// all that they had, to found the book anew.
    fn nobody_is_let_in(&mut self) -> Result<(), String> {
        for who in 0..self.members.len() {
            // Who was still on the way in has been told so of the link.
            let status = self.phone(who).book.status().map_err(code)?;
            if self.member(who).stand == Stand::NeedsLink && status.head_n > 0 && !status.joining {
                if self.alarm_of(who).is_none() {
                    return Err(format!("{who} is not let in, and is not told why"));
                }
                let before = self.phone(who).book.export_json().map_err(code)?;
                self.phone(who).restart();
                if self.phone(who).book.export_json().map_err(code)? != before {
                    return Err(format!("{who} has lost something on the way"));
                }
            }
        }
        Ok(())
    }

    /// Nothing of the erased is on this phone, however it is opened.
    fn nothing_is_left(&mut self, who: usize) -> Result<(), String> {
        let phone = &mut self.members.get_mut(who).expect("a phone of the field").phone;
        phone.with(|book, ctx| book.tidy(ctx)).map_err(code)?;
        let export = phone.book.export_json().map_err(code)?.into_bytes();
        let mut all = phone.opened();
        all.push(("the export".into(), export));
        for word in self.promises.of_the_erased() {
            let found = all.iter().find(|(_, bytes)| memchr::memmem::find(bytes, word.as_bytes()).is_some());
            if let Some((place, _)) = found {
                return Err(format!("{who}: {word} was erased and is in {place}"));
            }
        }
        Ok(())
    }

    /// Whoever was put out with the epoch that erased somebody holds nothing that anybody wrote.
    fn nothing_on_whoever_went_with_an_erasure(&self) -> Result<(), String> {
        for (who, member) in self.members.iter().enumerate() {
            if member.phone.book.status().map_err(code)?.removed_by.as_deref() != Some("erase") {
                continue;
            }
            let holds = |(_, bytes): &(String, Vec<u8>)| memchr::memmem::find(bytes, CANARY.as_bytes()).is_some();
            if let Some((place, _)) = member.phone.opened().iter().find(|opened| holds(opened)) {
                return Err(format!("{who} went with an erasure and has what somebody wrote in {place}"));
            }
        }
        Ok(())
    }

    /// No word is in the server's folder.
    fn server_knows_nothing(&self) -> Result<(), String> {
        let canaries = Canaries::new([CANARY]);
        for entry in std::fs::read_dir(self.server.data()).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() && !canaries.found_in(&std::fs::read(&path).expect("a file")).is_empty() {
                return Err(format!("the server's {path:?} holds what somebody wrote"));
            }
        }
        Ok(())
    }

    /// The server holds the epoch's key for nobody who is out.
    fn no_key_for_whoever_is_out(&self) -> Result<(), String> {
        let copy = self.server.snapshot();
        let database = crate::insider::database(copy.path());
        let mut query = database.prepare("SELECT recipient FROM wrap").expect("the server's tables");
        let rows = query.query_map([], |row| row.get(0)).expect("wraps");
        let wrapped: Vec<DeviceId> = rows.map(|row| DeviceId(row.expect("a wrap"))).collect();
        match self.out().into_iter().find(|device| wrapped.contains(device)) {
            Some(device) => Err(format!("the server has the key wrapped for {device}, who is out")),
            None => Ok(()),
        }
    }

    /// The devices that are out for good.
    fn out(&self) -> Vec<DeviceId> {
        let gone = self.members.iter().filter(|member| member.stand != Stand::Here && !member.twin);
        let status = gone.filter_map(|member| member.phone.book.status().ok()).filter(|status| status.removed);
        // An epoch that the server has lost, and that nobody could bring back, has put nobody out.
        let first = self.anybody().ok().and_then(|first| self.members.get(first));
        let members = first.map_or_else(Vec::new, |first| first.phone.book.members());
        let is_in =
            |device: &DeviceId| members.iter().any(|member| id_of(&member.device_id) == *device && !member.left);
        status.map(|status| id_of(&status.device_id)).filter(|device| !(self.put_back && is_in(device))).collect()
    }

    fn all_alike(&mut self, when: &str) -> Result<(), String> {
        let mut first = None;
        let here = self.here();
        let out = self.out();
        for who in here {
            let phone = self.phone(who);
            let heads = phone.book.heads().map_err(code)?;
            let export = phone.book.export_json().map_err(code)?;
            let clashes = phone.book.register().conflicts();
            let epoch = phone.book.status().map_err(code)?.epoch;
            let file = phone.with(|book, ctx| book.export_file(ctx)).map_err(code)?;
            let bundle: Bundle =
                minicbor::decode(file.get(37..).expect("a file")).map_err(|error| error.to_string())?;
            if let Some(stranger) = authors(&bundle.entries).find(|author| out.contains(author)) {
                return Err(format!("{who} has taken an entry of {stranger}, who is out"));
            }
            let log: (Head, usize) = (bundle.head, bundle.entries.len());
            let seen = (epoch, log, heads, export, clashes);
            match &first {
                None => first = Some(seen),
                Some(other) if (other.0, &other.1) != (seen.0, &seen.1) => {
                    return Err(format!("{who} has another log {when}: {:?} and not {:?}", seen.1, other.1));
                }
                Some(other) if other.2 != seen.2 => return Err(format!("{who} has other heads {when}")),
                Some(other) if *other != seen => return Err(format!("{who} shows another register {when}")),
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// What a phone says of its edits that were not carried over.
fn told_of(book: &Book) -> Result<Told, String> {
    let lost = book.lost_edits().map_err(code)?;
    let values = lost.edits.iter().flat_map(|edit| &edit.fields).filter_map(|field| field.value.clone());
    let texts = values.filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None });
    Ok(Told { texts: texts.collect(), unnamed: lost.count > lost.edits.len() as u64 })
}

fn authors(entries: &[ByteVec]) -> impl Iterator<Item = DeviceId> {
    let envelopes = entries.iter().filter_map(|bytes| samla_wire::Envelope::parse(bytes.to_vec()).ok());
    envelopes.map(|envelope| envelope.header().device)
}
