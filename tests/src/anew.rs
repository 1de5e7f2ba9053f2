//! Some years of a book in a few milliseconds: it is founded anew again and again, by two organisers at once if it so happens,
//! while phones come in, are put out, stay away, are copied, lose the network and are killed at any request and any answer.
//!
//! All of it follows from one number. When all is quiet, the invariants hold: every promise is kept or lawfully ended
//! ([`promises`](crate::promises)), all who are in show the same, nothing of whoever was erased is anywhere, the server knows
//! no word, and whatever was wanted is done.

mod doors;
mod quiet;
mod tap;

use chrono::TimeDelta;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::sync::Request;
use samla_core::tables::{Row, Table};
use samla_core::{Book, BookError, Context, DeviceId, InviteId, Role, RowId};
use tempfile::TempDir;

use crate::ledger::shown;
use crate::network::{Network, Weather, happens, pushed};
use crate::phone::Phone;
use crate::planted::Plant;
use crate::promises::{CANARY, Promises};
use crate::scratch;
use crate::server::{ORIGIN, START, Server};
use tap::{Tap, is_there, texts_about};

/// Kills, one in so many calls.
const KILLS: Option<u64> = Some(25);
/// Phones of one field, at most.
const PHONES: usize = 7;
/// Rounds of everybody after which all that was wanted is done.
const ROUNDS: usize = 30;

/// What a phone of the field is just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// In, or on its way.
    Here,
    /// Another phone writes with its keys, or its invitation is no good, or the server's log is another one: it needs a link.
    NeedsLink,
    /// Out for good.
    Out,
}

#[derive(Debug)]
struct Member {
    phone: Phone,
    stand: Stand,
    /// Stays away until then.
    away: u64,
    /// It has a twin with the same keys.
    twin: bool,
}

/// Somebody is to be erased.
#[derive(Debug)]
struct Erasing {
    /// Whose phone wants it.
    who: usize,
    contact: RowId,
    /// Its author alone has it in envelopes that never got a place.
    loose: bool,
    /// An epoch has begun without them.
    done: bool,
    /// Another epoch was on its way when that phone wanted it; its base still has them.
    behind: bool,
    /// That phone has sent a base without them.
    left_out: bool,
    /// What it would begin an epoch with after that.
    asked: Vec<Vec<u8>>,
    /// It may have come to nothing: that phone was told so, or is another device now.
    void: bool,
}

impl Erasing {
    /// The phone that wants it sends this.
    fn is_asked(&mut self, request: &Request) {
        self.left_out |= request.method == "PUT" && !self.void && !self.behind;
        if self.left_out && request.url.ends_with("/epoch") {
            self.asked.push(request.body.clone());
        }
    }
}

/// Phones, a server, and what lies between.
#[derive(Debug)]
pub struct Anew {
    seed: u64,
    rng: ChaCha20Rng,
    server: Server,
    network: Network,
    members: Vec<Member>,
    promises: Promises,
    /// Who is to be erased.
    erasing: Vec<Erasing>,
    kills: Option<u64>,
    count: u64,
    elapsed: u64,
    backup: Option<(TempDir, u32)>,
    put_back: bool,
    sheet: Option<String>,
    copied: bool,
    /// A file has brought what the log may not have had yet.
    brought: bool,
    played: Played,
    story: Vec<String>,
}

/// What happened in a field that went well.
#[derive(Debug, Clone, Copy, Default)]
pub struct Played {
    /// Things that were promised.
    pub promises: u64,
    /// Epochs that were founded.
    pub epochs: u64,
    /// People who were erased.
    pub erased: u64,
    /// Devices that were put out.
    pub put_out: u64,
    /// Devices that came in anew under other keys.
    pub rejoined: u64,
    /// Files that were taken in.
    pub files: u64,
    /// Phones that came in by a link and a file, before any network.
    pub by_file: u64,
    /// Servers that were put back from a backup.
    pub put_back: u64,
    /// Times that the sheet was used.
    pub recovered: u64,
    /// Clashes that stand at the end.
    pub clashes: u64,
    /// People who came by a door that was still open at the end.
    pub doors: u64,
    /// Kills.
    pub kills: u64,
}

impl std::ops::AddAssign for Played {
    fn add_assign(&mut self, other: Self) {
        self.promises += other.promises;
        self.epochs += other.epochs;
        self.erased += other.erased;
        self.put_out += other.put_out;
        self.rejoined += other.rejoined;
        self.files += other.files;
        self.by_file += other.by_file;
        self.put_back += other.put_back;
        self.recovered += other.recovered;
        self.clashes += other.clashes;
        self.doors += other.doors;
        self.kills += other.kills;
    }
}

impl Anew {
    /// Plays the field of this number to its end and compares. An error tells what does not hold, and the story so far.
    pub fn play(seed: u64, plant: Option<Plant>) -> Result<Played, String> {
        let mut field = Self::new(seed, plant)?;
        let played = field.play_on();
        played.map_err(|why| {
            field.phones_as_they_are();
            format!("{why}\nwhat happened:\n  {}", field.story.join("\n  "))
        })
    }

    /// Ends the story with what each phone shows.
    fn phones_as_they_are(&mut self) {
        for (who, member) in self.members.iter().enumerate() {
            let book = &member.phone.book;
            self.story.push(format!("{who} is {:?}: {:?}, {:?}", member.stand, book.status(), book.lost_edits()));
            self.story.extend(book.register().conflicts().iter().map(|clash| format!("{who}:   {clash:?}")));
        }
    }

    fn new(seed: u64, plant: Option<Plant>) -> Result<Self, String> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed ^ 0x0a_ae_77);
        let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
        let founder = Phone::founds_in(scratch(), seed << 8, "Founder");
        let keeps_sheet = rng.next_u64().is_multiple_of(4);
        let mut field = Self {
            seed,
            rng,
            server,
            network: Network::new(Weather::default(), plant),
            members: Vec::new(),
            promises: Promises::default(),
            erasing: Vec::new(),
            kills: None,
            count: 0,
            elapsed: 0,
            backup: None,
            put_back: false,
            sheet: None,
            copied: false,
            brought: false,
            played: Played::default(),
            story: Vec::new(),
        };
        field.add(founder);
        field.round(0)?;
        if keeps_sheet {
            let phone = field.phone(0);
            let sheet = phone.with(|book, ctx| book.renew_recovery(ctx, None)).map_err(code)?;
            let asked = crate::phone::asked(&sheet);
            phone.with(|book, ctx| book.confirm_recovery(ctx, &asked)).map_err(code)?;
            field.sheet = Some(sheet.text.as_str().to_owned());
            field.round(0)?;
        }
        for _ in 0..1 + field.draw(3) {
            field.let_in(0)?;
        }
        field.network.weather = [Weather::BAD, Weather::CHANGING, Weather::FAIR][(seed % 3) as usize];
        field.kills = KILLS;
        Ok(field)
    }

    fn add(&mut self, phone: Phone) -> usize {
        self.members.push(Member { phone, stand: Stand::Here, away: 0, twin: false });
        self.members.len() - 1
    }

    /// Somebody comes in by an invitation of this organiser, who is online with good weather.
    fn let_in(&mut self, organiser: usize) -> Result<(), String> {
        let Some(link) = self.link(organiser, false)? else { return Ok(()) };
        let number = self.members.len();
        let phone = Phone::joins_in(scratch(), self.seed << 8 | number as u64, &format!("Steward {number}"), &link);
        let who = self.add(phone.map_err(code)?);
        if self.kills.is_none() {
            self.round(who)?;
        }
        Ok(())
    }

    /// A link of this organiser, if the server takes the invitation.
    fn link(&mut self, organiser: usize, confirm: bool) -> Result<Option<String>, String> {
        let phone = self.phone(organiser);
        let invite = phone.with(|book, ctx| match confirm {
            true => book.invite_to_confirm(ctx, Role::Steward, 7),
            false => book.invite(ctx, Role::Steward, 7),
        });
        let id = invite.map_err(code)?.id;
        self.round(organiser)?;
        let open = self.phone(organiser).book.invites().into_iter().find(|open| open.id == id);
        Ok(open.and_then(|open| open.link))
    }

    fn play_on(&mut self) -> Result<Played, String> {
        for _ in 0..35 + self.draw(45) {
            self.step()?;
        }
        self.quiet()?;
        self.doors()?;
        self.compare()?;
        self.played.promises = self.promises.len() as u64;
        let Ok(first) = self.anybody() else { return Ok(self.played) };
        self.played.epochs = self.phone(first).book.status().map_err(code)?.epoch.into();
        self.played.clashes = self.phone(first).book.register().conflicts().len() as u64;
        Ok(self.played)
    }

    fn draw(&mut self, below: usize) -> usize {
        (self.rng.next_u64() % below.max(1) as u64) as usize
    }

    fn member(&mut self, who: usize) -> &mut Member {
        self.members.get_mut(who).expect("a phone of the field")
    }

    fn phone(&mut self, who: usize) -> &mut Phone {
        &mut self.member(who).phone
    }

    fn note(&mut self, who: usize, what: impl std::fmt::Display) {
        self.story.push(format!("{who}: {what}"));
    }

    fn here(&self) -> Vec<usize> {
        (0..self.members.len()).filter(|who| self.members.get(*who).is_some_and(|m| m.stand == Stand::Here)).collect()
    }

    fn is_in(&self, who: usize) -> bool {
        let Some(member) = self.members.get(who).filter(|member| member.stand == Stand::Here) else { return false };
        let status = member.phone.book.status();
        status.is_ok_and(|status| !status.joining && !status.recovering && !status.removed && status.role.is_some())
    }

    /// Is it in, or does it have the register by a file while its join is on its way?
    fn may_write(&self, who: usize) -> bool {
        let member = self.members.get(who).filter(|member| member.stand == Stand::Here);
        let status = member.and_then(|member| member.phone.book.status().ok());
        self.is_in(who) || status.is_some_and(|status| status.joining && !status.removed && status.role.is_some())
    }

    fn is_organiser(&self, who: usize) -> bool {
        let status = self.members.get(who).and_then(|member| member.phone.book.status().ok());
        self.is_in(who) && status.is_some_and(|status| status.role.as_deref() == Some("organiser"))
    }

    fn anybody(&self) -> Result<usize, String> {
        let found = self.here().into_iter().find(|who| self.is_in(*who));
        found.ok_or_else(|| "nobody is in the book any more".into())
    }

    fn step(&mut self) -> Result<(), String> {
        let passes = 1 + self.draw(4000) as u64;
        self.elapsed += passes;
        self.server.set_time(START + self.elapsed);
        for member in &mut self.members {
            member.phone.now += TimeDelta::seconds(passes.cast_signed());
        }
        let here = self.here();
        let Some(who) = here.get(self.draw(here.len())).copied() else { return Ok(()) };
        let online = self.member(who).away < self.elapsed;
        match self.draw(100) {
            0..45 => self.tap(who),
            45..76 if online => {
                self.exchange(who)?;
                self.note_erased(who);
                self.misses_nothing(who)?;
                self.network.witness.verdict()
            }
            76..88 if online => self.administer(who),
            88..93 => self.hand_over(who),
            93..95 => {
                self.member(who).away = self.elapsed + 60_000;
                self.note(who, "goes away for a while");
                Ok(())
            }
            95 => self.server_is_put_back(),
            96 if self.members.len() < PHONES => self.is_copied(who),
            97 if self.members.len() < PHONES => self.recovers(),
            _ => {
                self.note(who, "tidies up, under a new storage key if it should");
                let due = self.phone(who).book.status().map_err(code)?.renew_storage_key;
                if due {
                    self.phone(who).renews_key().map_err(code)?;
                }
                self.phone(who).with(|book, ctx| book.tidy(ctx)).map_err(code)
            }
        }
    }

    fn tap(&mut self, who: usize) -> Result<(), String> {
        if !self.may_write(who) {
            return self.exchange(who);
        }
        let Some(tap) = self.choose(who) else { return Ok(()) };
        let seen = match &tap {
            Tap::Note(table, id, _) | Tap::Choose(table, id, _) => shown(&self.phone(who).book, *table, *id, "note"),
            Tap::Remove(table, id) => texts_about(&self.phone(who).book, *table, *id),
            _ => Vec::new(),
        };
        let killed = happens(&mut self.rng, self.kills);
        let made = if killed {
            let cut = self.rng.next_u64();
            self.note(who, format_args!("is killed during {tap:?}"));
            self.kill_during(who, cut, |book, ctx| tap.on(book, ctx))
        } else {
            self.note(who, format_args!("{tap:?}"));
            self.phone(who).with(|book, ctx| tap.on(book, ctx))
        };
        let made = made.map_err(code)?;
        if !killed || is_there(&self.phone(who).book, &tap, made) {
            self.promise(who, &tap, made, &seen);
        }
        Ok(())
    }

    fn choose(&mut self, who: usize) -> Option<Tap> {
        self.count += 1;
        let text = format!("{CANARY}{:06}", self.count);
        Some(match self.draw(14) {
            0..3 => Tap::Meet(text),
            3..5 => Tap::Talk(self.any_row(who, Table::Contacts)?, text),
            5..10 => Tap::Note(Table::Contacts, self.any_row(who, Table::Contacts)?, text),
            10 | 11 => Tap::Note(Table::Talks, self.any_row(who, Table::Talks)?, text),
            12 => {
                let table = [Table::Contacts, Table::Talks][self.draw(2)];
                Tap::Remove(table, self.any_row(who, table)?)
            }
            _ => {
                let clashes = self.phone(who).book.register().conflicts();
                let clash = clashes.iter().find(|clash| clash.field == "note")?;
                let answers = shown(&self.phone(who).book, clash.table, clash.id, "note");
                Tap::Choose(clash.table, clash.id, answers.get(self.draw(answers.len()))?.clone())
            }
        })
    }

    fn promise(&mut self, who: usize, tap: &Tap, made: Option<RowId>, seen: &[String]) {
        let promises = &mut self.promises;
        match (tap, made) {
            (Tap::Meet(note), Some(id)) => promises.wrote(who, Table::Contacts, id, &[], note.clone()),
            (Tap::Talk(contact, note), Some(id)) => {
                promises.about(id, *contact);
                promises.wrote(who, Table::Talks, id, &[], note.clone());
            }
            (Tap::Note(table, id, note), _) => promises.wrote(who, *table, *id, seen, note.clone()),
            (Tap::Choose(table, id, note), _) => promises.chose(who, *table, *id, seen, note.clone()),
            (Tap::Remove(_, id), _) => promises.removed(*id, seen.iter().cloned()),
            _ => {}
        }
    }

    fn any_row(&mut self, who: usize, table: Table) -> Option<RowId> {
        let rows = self.phone(who).book.register().rows(table);
        let index = if self.draw(2) == 0 { 0 } else { self.draw(rows.len()) };
        rows.get(index).map(Row::id)
    }

    fn kill_during<T>(&mut self, who: usize, cut: u64, act: impl FnOnce(&mut Book, &mut Context<'_>) -> T) -> T {
        self.played.kills += 1;
        self.phone(who).killed_while(cut, act)
    }

    /// An organiser changes who is in, or has the book founded anew.
    fn administer(&mut self, who: usize) -> Result<(), String> {
        if !self.is_organiser(who) {
            return self.exchange(who);
        }
        let book = &self.phone(who).book;
        let (members, pending, open) = (book.members(), book.pending(), book.invites());
        let others: Vec<_> = members.into_iter().filter(|member| !member.mine && !member.left).collect();
        let other = others.get(self.draw(others.len())).map(|member| (id_of(&member.device_id), member.role.clone()));
        let many = self.here().len() > 2;
        let choice = self.draw(13);
        let mut erases = None;
        type Act = Box<dyn FnOnce(&mut Book, &mut Context<'_>) -> Result<(), BookError>>;
        let (what, act): (String, Act) = match (choice, other) {
            (0 | 1, _) => ("rotates".into(), Box::new(|book, ctx| book.rotate(ctx))),
            (2..5, _) => {
                let Some(contact) = self.any_row(who, Table::Contacts) else { return Ok(()) };
                erases = Some(contact);
                (format!("erases {contact}"), Box::new(move |book, ctx| book.erase(ctx, contact.into())))
            }
            (5, Some((device, _))) if many => {
                (format!("puts out {device}"), Box::new(move |book, ctx| book.remove_members(ctx, &[device])))
            }
            (6, Some((device, role))) if role == "organiser" => {
                (format!("lowers {device}"), Box::new(move |book, ctx| book.lower(ctx, device, Role::Steward)))
            }
            (5..8, Some((device, role))) if role == "steward" => {
                (format!("raises {device}"), Box::new(move |book, ctx| book.raise(ctx, device, Role::Organiser)))
            }
            (8, _) if !open.is_empty() && self.all_in() => {
                let id = InviteId(id_of(&open.first().expect("one").id).0);
                ("closes a door".into(), Box::new(move |book, ctx| book.uninvite(ctx, id)))
            }
            (9, _) if !pending.is_empty() => {
                let device = id_of(&pending.first().expect("one").device_id);
                let denies = self.draw(4) == 0;
                let act = move |book: &mut Book, ctx: &mut Context<'_>| match denies {
                    true => book.deny(ctx, device),
                    false => book.admit(ctx, device, Role::Steward),
                };
                (format!("decides about {device}, {denies}"), Box::new(act))
            }
            (10..12, _) if self.members.len() < PHONES => return self.opens_a_door(who),
            _ => return self.exchange(who),
        };
        let before = self.phone(who).book.wanted().map_or(0, |want| want.erased);
        let killed = happens(&mut self.rng, self.kills);
        self.note(who, format_args!("{what}{}", if killed { ", and is killed" } else { "" }));
        let done = if killed {
            let cut = self.rng.next_u64();
            self.kill_during(who, cut, act)
        } else {
            self.phone(who).with(act)
        };
        done.map_err(code)?;
        let wanted = self.phone(who).book.wanted().map_or(0, |want| want.erased) > before;
        if let Some(contact) = erases.filter(|_| wanted) {
            self.is_to_be_erased(who, contact);
        }
        Ok(())
    }

    /// This phone wants this contact erased.
    fn is_to_be_erased(&mut self, who: usize, contact: RowId) {
        let loose = self.is_loose(contact);
        let behind = self.phone(who).book.wanted().is_some_and(|want| want.on_its_way);
        let (left_out, asked) = (false, Vec::new());
        self.erasing.push(Erasing { who, contact, loose, done: false, behind, left_out, asked, void: false });
    }

    /// What this one wanted erased is, once nothing of it is wanted any more.
    fn note_erased(&mut self, who: usize) {
        let wants = self.phone(who).book.wanted().is_some_and(|want| want.erased > 0);
        if !wants && self.is_organiser(who) {
            let its = self.erasing.iter_mut().filter(|erasing| erasing.who == who && !erasing.void);
            its.for_each(|erasing| erasing.done = true);
        }
    }

    /// Is what its author wrote still on its way?
    fn is_loose(&mut self, contact: RowId) -> bool {
        let Some(author) = self.promises.author_of(contact) else { return false };
        self.phone(author).book.status().is_ok_and(|status| status.unsent > 0)
    }

    fn all_in(&self) -> bool {
        self.here().into_iter().all(|who| self.is_in(who))
    }

    /// Opens a door and somebody is on the way in by it.
    fn opens_a_door(&mut self, who: usize) -> Result<(), String> {
        let confirm = self.draw(2) == 0;
        let open = self.phone(who).book.invites().into_iter().find_map(|invite| invite.link);
        let link = match open {
            Some(link) => link,
            None => {
                self.note(who, format_args!("opens a door, to be let in: {confirm}"));
                let invites = |book: &mut Book, ctx: &mut Context<'_>| match confirm {
                    true => book.invite_to_confirm(ctx, Role::Steward, 7),
                    false => book.invite(ctx, Role::Steward, 7),
                };
                self.phone(who).with(invites).map_err(code)?;
                return self.exchange(who);
            }
        };
        let number = self.members.len();
        let (seed, name) = (self.seed << 8 | number as u64, format!("Steward {number}"));
        let file = if self.draw(2) == 0 { self.file_for(who, &link)? } else { None };
        let phone = match &file {
            None => {
                self.note(number, format_args!("comes by a link of {who}"));
                Phone::joins_in(scratch(), seed, &name, &link)
            }
            Some(file) => {
                self.note(number, format_args!("comes by a link and a file of {who}"));
                Phone::opened_by(scratch(), seed, |ctx, home| {
                    Book::join_with_file(ctx, home, &link, file, &name, &format!("{name}'s phone"))
                })
            }
        };
        let now = self.phone(who).now;
        let number = self.add(phone.map_err(code)?);
        self.phone(number).now = now;
        self.played.by_file += u64::from(file.is_some());
        Ok(())
    }

    /// A file for whoever comes by this link, if this organiser still has what the invitation lets read with.
    fn file_for(&mut self, who: usize, link: &str) -> Result<Option<Vec<u8>>, String> {
        let open = self.phone(who).book.invites().into_iter().find(|invite| invite.link.as_deref() == Some(link));
        let Some(open) = open.filter(|open| !open.confirm) else { return Ok(None) };
        let id = open.id.parse().expect("an invitation's id");
        match self.phone(who).with(|book, ctx| book.export_file_for(ctx, id)) {
            Ok(file) => Ok(Some(file)),
            Err(BookError::InviteUsed) => Ok(None),
            Err(error) => Err(code(error)),
        }
    }

    /// A file from one phone to another.
    fn hand_over(&mut self, who: usize) -> Result<(), String> {
        let here: Vec<usize> = self.here().into_iter().filter(|one| *one != who && self.is_in(*one)).collect();
        let Some(to) = here.get(self.draw(here.len())).copied() else { return Ok(()) };
        if !self.is_in(who) || self.phone(who).book.head_n() == 0 || self.phone(to).book.head_n() == 0 {
            return Ok(());
        }
        let file = self.phone(who).with(|book, ctx| book.export_file(ctx)).map_err(code)?;
        let took = if happens(&mut self.rng, self.kills) {
            let cut = self.rng.next_u64();
            self.kill_during(to, cut, |book, ctx| book.import_file(ctx, &file))
        } else {
            self.phone(to).with(|book, ctx| book.import_file(ctx, &file))
        };
        self.note(who, format_args!("hands a file to {to}: {took:?}"));
        self.brought |= took.as_ref().is_ok_and(|file| file.received > 0);
        match took {
            Ok(_) => self.played.files += 1,
            Err(BookError::File(samla_core::FileError::Older | samla_core::FileError::Newer)) => {}
            Err(BookError::Chain | BookError::File(_)) if self.put_back => {}
            Err(BookError::DeviceFork) if self.copied => {}
            Err(error) => return Err(format!("{to}: {}", code(error))),
        }
        Ok(())
    }

    /// The server is copied, or put back to the copy.
    fn server_is_put_back(&mut self) -> Result<(), String> {
        let knowing = self.here().into_iter().filter(|who| self.is_in(*who));
        let Some(knows) = knowing.max_by_key(|who| self.members.get(*who).map_or(0, |m| m.phone.book.head_n())) else {
            return Ok(());
        };
        let epoch = self.phone(knows).book.status().map_err(code)?.epoch;
        match self.backup.take() {
            None if !self.put_back => {
                self.story.push("the server is copied".into());
                self.backup = Some((self.server.snapshot(), epoch));
            }
            Some((copy, then)) => {
                self.story.push(format!("the server is put back by {} epochs", epoch - then));
                self.put_back = true;
                self.played.put_back += 1;
                self.network.witness.forget();
                self.server.roll_back(copy.path());
                // Over an epoch nobody may write before somebody who knows more has come by.
                if epoch != then {
                    let weather = std::mem::take(&mut self.network.weather);
                    self.round(knows)?;
                    self.network.weather = weather;
                }
            }
            None => {}
        }
        Ok(())
    }

    /// A phone is copied with its keys, as a backup of a phone brings it back.
    fn is_copied(&mut self, who: usize) -> Result<(), String> {
        let still = self.phone(who).book.status().map_err(code)?.unsent == 0;
        if self.copied || self.put_back || !still || !self.is_in(who) || self.is_organiser(who) {
            return Ok(());
        }
        self.note(who, "is copied");
        self.copied = true;
        self.promises.copied();
        let seed = self.seed << 8 | 0xc0;
        let copy = self.phone(who).copied(seed);
        let copy = self.add(copy);
        (self.member(copy).twin, self.member(who).twin) = (true, true);
        Ok(())
    }

    /// Somebody comes back by the sheet.
    fn recovers(&mut self) -> Result<(), String> {
        let Some(sheet) = self.sheet.take() else { return Ok(()) };
        let alone = self.draw(4) == 0;
        let number = self.members.len();
        self.note(number, format_args!("comes back by the sheet, alone: {alone}"));
        let seed = self.seed << 8 | number as u64;
        let phone = Phone::opened_by(scratch(), seed, |ctx, home| {
            Book::recover(ctx, home, &sheet, ORIGIN, "Founder", "New phone", alone)
        });
        let now = self.phone(0).now;
        let number = self.add(phone.map_err(code)?);
        self.phone(number).now = now;
        self.played.recovered += 1;
        Ok(())
    }

    /// A round of sync in this weather, perhaps cut short, perhaps by a kill.
    fn exchange(&mut self, who: usize) -> Result<(), String> {
        let patience = if self.draw(3) == 0 { self.draw(12) } else { 60 };
        self.note(who, format_args!("syncs, at most {patience} requests"));
        self.phone(who).book.begin_sync();
        for _ in 0..patience {
            let too_late = self.network.plant == Some(Plant::NumberedAfterSending);
            let before = too_late.then(|| self.phone(who).files());
            let request = if happens(&mut self.rng, self.kills) {
                let cut = self.rng.next_u64();
                self.note(who, "  is killed while it makes a request");
                let unheard = self.kill_during(who, cut, |book, ctx| book.next_request(ctx));
                return unheard.map(|_| ()).or_else(|error| self.told(who, error));
            } else {
                match self.phone(who).with(|book, ctx| book.next_request(ctx)) {
                    Ok(request) => request,
                    Err(error) => return self.told(who, error),
                }
            };
            let Some(request) = request else { return Ok(()) };
            let path = request.url.rsplit('/').next().unwrap_or_default().to_owned();
            let path = if path.len() > 20 { "base".to_owned() } else { path };
            self.erasing.iter_mut().filter(|erasing| erasing.who == who).for_each(|erasing| erasing.is_asked(&request));
            let carried = self.network.carry(&mut self.rng, &mut self.server, &request);
            if let Some(before) = before
                && happens(&mut self.rng, self.kills)
            {
                self.note(who, "  is killed before it keeps what it has sent");
                self.phone(who).put_back(&before);
                return Ok(());
            }
            let Some((status, body)) = carried else {
                self.note(who, format_args!("  {path}: no answer"));
                self.phone(who).book.on_offline();
                return Ok(());
            };
            self.note(who, format_args!("  {} {path}: {status}, pushed {}", request.method, pushed(&request)));
            let answer = if happens(&mut self.rng, self.kills) {
                let cut = self.rng.next_u64();
                self.note(who, "  is killed while it takes in the answer");
                let unheard = self.kill_during(who, cut, |book, ctx| book.on_response(ctx, status, &body));
                return unheard.map(|_| ()).or_else(|error| self.told(who, error));
            } else {
                self.phone(who).with(|book, ctx| book.on_response(ctx, status, &body))
            };
            if let Err(error) = answer {
                return self.told(who, error);
            }
        }
        self.phone(who).book.on_offline();
        Ok(())
    }

    /// Nothing may have come of what this phone wanted, and whoever wanted it knows.
    fn has_no_wish_left(&mut self, who: usize) {
        if self.phone(who).book.wanted().is_none() {
            let its = self.erasing.iter_mut().filter(|erasing| erasing.who == who && !erasing.done);
            its.for_each(|erasing| erasing.void = true);
        }
    }

    /// A phone is told something. Whatever has no cause in the story is a fault.
    fn told(&mut self, who: usize, error: BookError) -> Result<(), String> {
        self.note(who, format_args!("  is told {}", error.code()));
        let (copied, put_back) = (self.member(who).twin, self.put_back);
        let status = self.phone(who).book.status().map_err(code)?;
        match (&error, error.code()) {
            (_, "removed") if status.removed => {
                self.member(who).stand = Stand::Out;
                self.played.put_out += 1;
            }
            (_, "denied") => self.member(who).stand = Stand::Out,
            (_, "device_fork") if copied => self.member(who).stand = Stand::NeedsLink,
            (_, "invite_used" | "invite_mismatch" | "invite_expired") if status.joining => {
                self.member(who).stand = Stand::NeedsLink;
            }
            // Two organisers did the same, or one is none any more: the second is told so.
            (_, "not_allowed") => self.has_no_wish_left(who),
            (_, "invite_used" | "epoch_contended") => {}
            (error, _) if error.problem() == Some("roster_op") => {}
            (_, "server_answer") if put_back && status.joining => self.member(who).stand = Stand::NeedsLink,
            (_, "sheet_unknown") if put_back => self.member(who).stand = Stand::Out,
            (_, "chain_mismatch") if put_back || copied => {}
            // Whoever filled the server again had no key for the sheet; an organiser who comes by seals it anew.
            (_, "epoch_unreadable") if put_back && status.recovering => {}
            // Its twin has moved on and told another prekey; or a server from a backup has no wrap for it.
            (_, "epoch_unreadable") if put_back || copied => self.member(who).stand = Stand::NeedsLink,
            _ => return Err(format!("{who}: {}; {status:?}", code(error))),
        }
        Ok(())
    }

    /// A round in good weather. Returns how many envelopes went out and entries came in.
    fn round(&mut self, who: usize) -> Result<u64, String> {
        let (network, server, rng) = (&mut self.network, &mut self.server, &mut self.rng);
        let erasing = &mut self.erasing;
        let member = self.members.get_mut(who).expect("a phone of the field");
        let (mut out, mut story) = (0, Vec::new());
        let progress = member.phone.sync_with(|request| {
            out += pushed(request) as u64;
            out += u64::from(request.url.ends_with("/epoch") || request.url.ends_with("/restore"));
            erasing.iter_mut().filter(|erasing| erasing.who == who).for_each(|erasing| erasing.is_asked(request));
            let answer = network.carry(rng, server, request);
            let end = request.url.rsplit('/').next().unwrap_or_default();
            let end = if end.len() > 20 { "base" } else { end };
            let status = answer.as_ref().map(|answer| answer.0);
            story.push(format!("{who}:   {} {end}: {status:?}, pushed {}", request.method, pushed(request)));
            answer
        });
        self.story.extend(story);
        let said = match progress {
            Ok(progress) => out + progress.received,
            Err(error) => self.told(who, error).map(|()| 1)?,
        };
        self.note_erased(who);
        self.misses_nothing(who)?;
        Ok(said)
    }

    /// An honest epoch leaves nothing out without a reason: what a phone that had read all finds is explained, and what another
    /// does not find any more, somebody has removed. A base has what its founder knew from files as well, before the log had it.
    fn misses_nothing(&self, who: usize) -> Result<(), String> {
        // An entry that the server has lost is in no base, and which of two with one number is in it, nobody can tell.
        if self.put_back || self.copied {
            return Ok(());
        }
        let book = &self.members.get(who).expect("a phone of the field").phone.book;
        let Some(found) = book.continuity().map_err(code)? else { return Ok(()) };
        // What an epoch before was found to have is told until somebody looks, however the newest compares.
        if self.brought && (found.compared || found.unexplained > 0) {
            return Ok(());
        }
        let kept: Vec<serde_json::Value> = serde_json::from_str(&book.export_kept().map_err(code)?).expect("rows");
        let missed = kept.iter().find(|row| {
            let id = row.pointer("/fields/id").and_then(|id| id.as_str()?.parse().ok());
            !self.promises.was_removed(id.expect("a row's id"))
        });
        match missed {
            None if found.unexplained == 0 => Ok(()),
            _ => Err(format!("{who} misses a row without a reason: {found:?}, {missed:?}")),
        }
    }
}

fn code(error: BookError) -> String {
    format!("{}: {error:?}", error.code())
}

fn id_of(text: &str) -> DeviceId {
    text.parse().expect("a device's id")
}
