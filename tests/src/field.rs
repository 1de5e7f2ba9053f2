//! A season in a few milliseconds: several phones with clocks of their own, a network that loses and doubles, kills in
//! the middle of anything. All of it follows from one number, so that what fails once fails again.
//!
//! When all is quiet, every phone shows the same, a second round sends nothing, and the [ledger](crate::ledger) of what
//! was promised is kept to the letter.

use automerge::transaction::Transactable;
use automerge::{ActorId, ROOT, ReadDoc};
use chrono::TimeDelta;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::document::{actor_of, base};
use samla_core::tables::{Draft, Patch, Row, Table, Talk, Tally, TallyKind, Value};
use samla_core::{Book, BookError, Context, Role, RowId, SignUp};

use crate::insider::Insider;
use crate::ledger::{Ledger, shown};
use crate::network::{Network, Weather, happens, pushed};
use crate::phone::{Files, Phone};
use crate::planted::Plant;
use crate::scratch;
use crate::server::{START, Server};

/// Kills, one in so many calls.
const KILLS: Option<u64> = Some(18);
/// One in so many fields has a member who turns against the others.
const HOSTILE: u64 = 5;
/// What it writes in another's name.
const FORGED: &str = "forged";

/// Several phones, a server and what lies between.
#[derive(Debug)]
pub struct Field {
    rng: ChaCha20Rng,
    server: Server,
    network: Network,
    phones: Vec<Phone>,
    ledger: Ledger,
    kills: Option<u64>,
    count: u64,
    elapsed: u64,
    before_last_tap: Option<(usize, Files)>,
    /// A member who turns against the others, until it has done so.
    hostile: Option<Phone>,
    hostile_has_written: bool,
    story: Vec<String>,
}

/// What happened in a field that went well.
#[derive(Debug, Clone, Copy, Default)]
pub struct Played {
    /// Things that were promised.
    pub promises: usize,
    /// Clashes that stand at the end.
    pub clashes: usize,
    /// Entries of the log.
    pub entries: u64,
    /// Kills.
    pub kills: u64,
}

/// What a finger does.
#[derive(Debug, Clone)]
enum Tap {
    Add(Table, Draft),
    SignUp(SignUp),
    Set { table: Table, id: RowId, field: &'static str, value: String },
    Clear { table: Table, id: RowId, field: &'static str },
    Remove(Table, RowId),
    Restore(Table, RowId),
    Count(RowId, i64),
    Settle { table: Table, id: RowId, field: String, value: Option<Value> },
}

/// What a tap made.
#[derive(Debug, Clone, Copy)]
enum Made {
    Row(RowId),
    SignedUp(RowId, RowId),
    Nothing,
}

impl Tap {
    fn on(&self, book: &mut Book, ctx: &mut Context<'_>) -> Result<Made, BookError> {
        match self {
            Self::Add(_, draft) => book.add(ctx, draft).map(Made::Row),
            Self::SignUp(sign_up) => {
                book.sign_up(ctx, sign_up).map(|made| Made::SignedUp(made.contact.into(), made.membership.into()))
            }
            Self::Set { table, id, field, value } => {
                let set =
                    Draft::parse(*table, [(*field, value.as_str())], *ctx.now.offset()).expect("a field of the table");
                book.set(ctx, &Patch { id: *id, set, clear: Vec::new() }).map(|()| Made::Nothing)
            }
            Self::Clear { table, id, field } => {
                let patch = Patch { id: *id, set: Draft::new(*table), clear: vec![(*field).to_owned()] };
                book.set(ctx, &patch).map(|()| Made::Nothing)
            }
            Self::Remove(table, id) => book.remove(ctx, *table, *id).map(|()| Made::Nothing),
            Self::Restore(table, id) => match book.restore(ctx, *table, *id) {
                Ok(()) => Ok(Made::Row(*id)),
                // The phone has not heard of it at all.
                Err(BookError::UnknownRow) => Ok(Made::Nothing),
                Err(error) => Err(error),
            },
            Self::Count(visit, delta) => {
                book.tally(ctx, (*visit).into(), TallyKind::Talked, None, *delta).map(|_| Made::Nothing)
            }
            Self::Settle { table, id, field, value } => {
                book.resolve(ctx, *table, *id, field, value.clone()).map(|()| Made::Nothing)
            }
        }
    }
}

impl Field {
    /// A founder and so many others, who have not all arrived yet.
    pub fn new(seed: u64, plant: Option<Plant>) -> Result<Self, String> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
        let mut founder = Phone::founds_in(scratch(), seed << 8, "Founder");
        let others = 1 + rng.next_u64() % 3;
        let mut phones = Vec::new();
        for number in 1..=others {
            let link = founder.invites(&server, Role::Steward);
            let mut phone =
                Phone::joins_in(scratch(), seed << 8 | number, &format!("Steward {number}"), &link).map_err(code)?;
            if rng.next_u64().is_multiple_of(4) {
                let year = TimeDelta::days(365);
                phone.now += if rng.next_u64().is_multiple_of(2) { year } else { -year };
            }
            phones.push(phone);
        }
        let hostile = match seed % HOSTILE {
            0 => {
                let link = founder.invites(&server, Role::Steward);
                let mut phone = Phone::joins_in(scratch(), seed << 8 | 0xbad, "Mallory", &link).map_err(code)?;
                phone.sync(&server).map_err(code)?;
                Some(phone)
            }
            _ => None,
        };
        phones.insert(0, founder);
        let weather = [Weather::BAD, Weather::CHANGING, Weather::FAIR][(seed % 3) as usize];
        Ok(Self {
            rng,
            server,
            network: Network::new(weather, plant),
            phones,
            ledger: Ledger::default(),
            kills: KILLS,
            count: 0,
            elapsed: 0,
            before_last_tap: None,
            hostile,
            hostile_has_written: false,
            story: Vec::new(),
        })
    }

    /// Plays the field of this number to its end and compares. An error tells what does not hold, and the story so far.
    pub fn play(seed: u64, plant: Option<Plant>) -> Result<Played, String> {
        let mut field = Self::new(seed, plant)?;
        let played = field.play_on();
        played.map_err(|why| format!("{why}\nwhat happened:\n  {}", field.story.join("\n  ")))
    }

    fn play_on(&mut self) -> Result<Played, String> {
        let steps = 40 + self.draw(50);
        for _ in 0..steps {
            self.step()?;
        }
        self.quiet()?;
        self.compare()?;
        let kills = self.story.iter().filter(|line| line.contains("killed")).count() as u64;
        let founder = self.phone(0);
        let clashes = founder.book.register().conflicts().len();
        let entries = founder.book.head_n();
        Ok(Played { promises: self.ledger.len(), clashes, entries, kills })
    }

    fn draw(&mut self, below: usize) -> usize {
        (self.rng.next_u64() % below.max(1) as u64) as usize
    }

    fn phone(&mut self, who: usize) -> &mut Phone {
        self.phones.get_mut(who).expect("a phone of the field")
    }

    fn note(&mut self, who: usize, what: impl std::fmt::Display) {
        self.story.push(format!("{who}: {what}"));
    }

    fn step(&mut self) -> Result<(), String> {
        let who = self.draw(self.phones.len());
        let passes = 1 + self.draw(900) as u64;
        self.elapsed += passes;
        self.server.set_time(START + self.elapsed);
        for phone in &mut self.phones {
            phone.wait(passes.cast_signed());
        }
        if self.hostile.is_some() && self.draw(8) == 0 {
            self.forges(who);
        }
        match self.draw(10) {
            0..6 => self.tap(who),
            6..9 if self.draw(9) == 0 => self.administer(who),
            6..9 => self.exchange(who),
            _ => {
                self.note(who, "tidies up");
                let phone = self.phone(who);
                phone.with(|book, ctx| book.tidy(ctx)).map_err(code)
            }
        }
    }

    /// The hostile member writes in this one's name, with its own keys and place in the log, into the first contact that
    /// both know. Nobody may take it.
    fn forges(&mut self, who: usize) {
        let Some(phone) = self.hostile.take() else { return };
        let victim = self.phone(who).book.status().map(|status| bytes_of(&status.device_id));
        let mut insider = Insider::of(&phone, &self.server);
        let change = victim.ok().and_then(|victim| {
            (0..base::SHARDS).find_map(|shard| {
                let doc = insider.doc(shard).clone();
                let (_, contacts) = doc.get(ROOT, "contacts").ok()??;
                let key = doc.keys(&contacts).next()?;
                let (_, row) = doc.get(&contacts, key).ok()??;
                let doc = doc.with_actor(ActorId::from(actor_of(&victim, 1).as_slice()));
                Some((shard, insider.change_on(doc, |tx| tx.put(&row, "note", FORGED).expect("a row"))))
            })
        });
        let Some((shard, change)) = change else {
            self.hostile = Some(phone);
            return;
        };
        self.note(who, "is written for by a hostile member");
        let envelope = insider.seal_changes(&[(shard, change.raw_bytes().to_vec())]);
        insider.push(&self.server, &envelope);
        self.hostile_has_written = true;
    }

    fn tap(&mut self, who: usize) -> Result<(), String> {
        let status = self.phone(who).book.status().map_err(code)?;
        if status.joining {
            return self.exchange(who);
        }
        let Some(tap) = self.choose(who) else { return Ok(()) };
        let phone = self.phone(who);
        let seen = match &tap {
            Tap::Set { table, id, field, .. } | Tap::Clear { table, id, field } => {
                shown(&phone.book, *table, *id, field)
            }
            Tap::Settle { table, id, field, .. } => shown(&phone.book, *table, *id, field),
            _ => Vec::new(),
        };
        let (counted, before) = (own_count(&phone.book, &tap), phone.files());
        if happens(&mut self.rng, self.kills) {
            let cut = self.rng.next_u64();
            self.note(who, format_args!("is killed during {tap:?}"));
            let made = self.kill_during(who, cut, |book, ctx| tap.on(book, ctx))?.map_err(code)?;
            if is_there(&self.phone(who).book, &tap, made, counted) {
                self.note(who, "  and it was saved");
                self.promise(who, &tap, made, &seen);
            }
            return Ok(());
        }
        self.note(who, format_args!("{tap:?}"));
        let made = self.phone(who).with(|book, ctx| tap.on(book, ctx)).map_err(code)?;
        self.promise(who, &tap, made, &seen);
        self.before_last_tap = Some((who, before));
        Ok(())
    }

    /// An organiser opens or closes a door, or makes another an organiser, so that roster ops meet.
    fn administer(&mut self, who: usize) -> Result<(), String> {
        let book = &self.phone(who).book;
        let role = book.status().map_err(code)?.role;
        if role.as_deref() != Some("organiser") {
            return self.exchange(who);
        }
        let (open, members) = (book.invites(), book.members());
        let steward =
            members.iter().find(|member| !member.mine && member.role == "steward").map(|member| &member.device_id);
        let (cut, kill) = (self.rng.next_u64(), happens(&mut self.rng, self.kills));
        // Nobody's door is closed while they are on their way in.
        let all_in = self.phones.iter().all(|phone| phone.book.status().is_ok_and(|status| !status.joining));
        let choice = if all_in { self.draw(3) } else { 1 + self.draw(2) };
        let act = |book: &mut Book, ctx: &mut Context<'_>| match (choice, open.first(), steward) {
            (0, Some(invite), _) => book.uninvite(ctx, samla_core::InviteId(bytes_of(&invite.id))),
            (1, _, Some(device)) => book.raise(ctx, samla_core::DeviceId(bytes_of(device)), Role::Organiser),
            _ if open.len() < 3 => book.invite(ctx, Role::Steward, 7).map(|_| ()),
            _ => Ok(()),
        };
        if kill {
            self.note(who, "is killed while it administers");
            return self.kill_during(who, cut, act)?.map_err(code);
        }
        self.note(who, format_args!("administers: {choice}"));
        self.phone(who).with(act).map_err(code)
    }

    fn kill_during<T>(
        &mut self,
        who: usize,
        cut: u64,
        act: impl FnOnce(&mut Book, &mut Context<'_>) -> T,
    ) -> Result<T, String> {
        let plant = self.network.plant;
        let before = self.before_last_tap.take();
        let phone = self.phone(who);
        let unheard = phone.killed_while(cut, act);
        match (plant, before) {
            (Some(Plant::OutboxForgotten), _) => {
                let forgotten = without_outbox(&phone.files());
                phone.put_back(&forgotten);
            }
            (Some(Plant::SavedTooLate), Some((last, files))) if last == who => phone.put_back(&files),
            _ => {}
        }
        Ok(unheard)
    }

    /// Something that a steward might do now.
    fn choose(&mut self, who: usize) -> Option<Tap> {
        self.count += 1;
        let unique = format!("v{}", self.count);
        let now = self.phone(who).now;
        let draft = |table, fields: &[(&str, &str)]| {
            Draft::parse(table, fields.iter().copied(), *now.offset()).expect("fields of the table")
        };
        match self.draw(24) {
            0 | 1 => Some(Tap::Add(Table::Contacts, draft(Table::Contacts, &[("phone", &unique), ("note", &unique)]))),
            3 => Some(Tap::Add(Table::Workplaces, draft(Table::Workplaces, &[("name", &unique)]))),
            4 => {
                let at = now.to_rfc3339();
                let fields = [("kind", "table"), ("starts_at", &at), ("note", unique.as_str())];
                Some(Tap::Add(Table::Visits, draft(Table::Visits, &fields)))
            }
            6 => {
                let contact = draft(Table::Contacts, &[("note", &unique), ("given_name", "Anna")]);
                let Draft::Contacts(contact) = contact else { return None };
                let visit = self.any_row(who, Table::Visits).map(Into::into);
                Some(Tap::SignUp(SignUp { contact, visit, ..SignUp::default() }))
            }
            8 => {
                let contact = self.any_row(who, Table::Contacts)?.to_string();
                let at = now.to_rfc3339();
                let fields = [("contact", contact.as_str()), ("at", &at), ("note", &unique)];
                Some(Tap::Add(Table::Talks, draft(Table::Talks, &fields)))
            }
            0..15 => {
                let (table, field) = self.any_field();
                Some(Tap::Set { table, id: self.any_row(who, table)?, field, value: unique })
            }
            15 => {
                let (table, field) = self.any_field();
                let id = self.any_row(who, table)?;
                (field != "name").then_some(Tap::Clear { table, id, field })
            }
            16 | 17 => {
                let (table, _) = self.any_field();
                Some(Tap::Remove(table, self.any_row(who, table)?))
            }
            18 => {
                let phone = self.phones.get(who)?;
                let hidden = self.ledger.hidden(&phone.book);
                let (table, id) = *hidden.get(self.draw(hidden.len()))?;
                Some(Tap::Restore(table, id))
            }
            19..23 => Some(Tap::Count(self.any_row(who, Table::Visits)?, 1 + self.draw(3) as i64)),
            _ => {
                let clashes = self.phone(who).book.register().conflicts();
                let clash = clashes.get(self.draw(clashes.len()))?;
                let answer = clash.answers.get(self.draw(clash.answers.len()))?;
                let (field, value) = (clash.field.clone(), answer.value.clone());
                Some(Tap::Settle { table: clash.table, id: clash.id, field, value })
            }
        }
    }

    fn any_field(&mut self) -> (Table, &'static str) {
        let fields = [
            (Table::Contacts, "phone"),
            (Table::Contacts, "note"),
            (Table::Talks, "note"),
            (Table::Visits, "note"),
            (Table::Workplaces, "name"),
        ];
        *fields.get(self.draw(fields.len())).expect("one of them")
    }

    /// A row that this phone shows; often the first, so that phones meet.
    fn any_row(&mut self, who: usize, table: Table) -> Option<RowId> {
        let rows = self.phone(who).book.register().rows(table);
        let index = if self.draw(2) == 0 { 0 } else { self.draw(rows.len()) };
        rows.get(index).map(Row::id)
    }

    /// The contact or visit that a tap writes something about.
    fn about(&self, who: usize, tap: &Tap) -> Option<(Table, RowId)> {
        match tap {
            Tap::Add(_, Draft::Talks(talk)) => talk.contact.map(|contact| (Table::Contacts, contact.into())),
            Tap::SignUp(sign_up) => sign_up.visit.map(|visit| (Table::Visits, visit.into())),
            Tap::Count(visit, _) => Some((Table::Visits, *visit)),
            Tap::Set { table: Table::Talks, id, .. } | Tap::Clear { table: Table::Talks, id, .. } => {
                let talk = self.phones.get(who)?.book.register().get::<Talk>((*id).into())?;
                talk.contact.map(|contact| (Table::Contacts, contact.into()))
            }
            _ => None,
        }
    }

    fn promise(&mut self, who: usize, tap: &Tap, made: Made, seen: &[String]) {
        let about = self.about(who, tap);
        let ledger = &mut self.ledger;
        if let Some((table, id)) = about {
            ledger.wrote_about(who, table, id);
        }
        let fields = |ledger: &mut Ledger, table: Table, id: RowId, draft: &Draft| {
            for (field, value) in draft.writes() {
                if let (Value::Text(text), true) = (value, ["note", "phone", "name"].contains(&field)) {
                    ledger.wrote(who, (table, id, field.to_owned()), &[], Some(text));
                }
            }
        };
        match (tap, made) {
            (Tap::Add(table, draft), Made::Row(id)) => {
                ledger.made(who, *table, id);
                fields(ledger, *table, id, draft);
            }
            (Tap::SignUp(sign_up), Made::SignedUp(contact, membership)) => {
                ledger.made(who, Table::Contacts, contact);
                ledger.made(who, Table::Memberships, membership);
                fields(ledger, Table::Contacts, contact, &Draft::Contacts(sign_up.contact.clone()));
            }
            (Tap::Set { table, id, field, value }, _) => {
                ledger.wrote(who, (*table, *id, (*field).to_owned()), seen, Some(value.clone()));
            }
            (Tap::Clear { table, id, field }, _) => ledger.wrote(who, (*table, *id, (*field).to_owned()), seen, None),
            (Tap::Remove(table, id), _) => ledger.removed(who, *table, *id, true),
            (Tap::Restore(table, _), Made::Row(id)) => ledger.removed(who, *table, id, false),
            (Tap::Count(visit, taps), _) => ledger.counted(*visit, *taps),
            (Tap::Settle { table, id, field, value }, _) if field == "live" => {
                ledger.removed(who, *table, *id, *value == Some(Value::Bool(false)));
            }
            (Tap::Settle { table, id, field, value: Some(Value::Text(text)) }, _) => {
                ledger.wrote(who, (*table, *id, field.clone()), seen, Some(text.clone()));
            }
            _ => {}
        }
    }

    /// A round of sync in this weather, perhaps cut short, perhaps by a kill.
    fn exchange(&mut self, who: usize) -> Result<(), String> {
        let patience = if self.draw(3) == 0 { self.draw(5) } else { 40 };
        self.note(who, format_args!("syncs, at most {patience} requests"));
        self.phone(who).book.begin_sync();
        for _ in 0..patience {
            let request = if happens(&mut self.rng, self.kills) {
                let cut = self.rng.next_u64();
                self.note(who, "  is killed while it makes a request");
                // What it made was never sent: a request goes out only after all that it says is on disk.
                self.kill_during(who, cut, |book, ctx| book.next_request(ctx))?.map_err(code)?;
                return Ok(());
            } else {
                self.phone(who).with(|book, ctx| book.next_request(ctx)).map_err(code)?
            };
            let Some(request) = request else { return Ok(()) };
            let path = request.url.rsplit('/').next().unwrap_or_default().to_owned();
            let Some((status, body)) = self.network.carry(&mut self.rng, &mut self.server, &request) else {
                self.note(who, format_args!("  {path}: no answer"));
                self.phone(who).book.on_offline();
                return Ok(());
            };
            self.note(who, format_args!("  {path}: {status}, pushed {}", pushed(&request)));
            if happens(&mut self.rng, self.kills) {
                let cut = self.rng.next_u64();
                if cut.is_multiple_of(3) {
                    self.note(who, "  is killed before it takes in the answer");
                    return self.kill_during(who, 0, |_, _| ());
                }
                self.note(who, "  is killed while it takes in the answer");
                return match self.kill_during(who, cut, |book, ctx| book.on_response(ctx, status, &body))? {
                    Err(error) if is_outdated_op(&error) => Ok(()),
                    answer => answer.map(|_| ()).map_err(code),
                };
            }
            match self.phone(who).with(|book, ctx| book.on_response(ctx, status, &body)) {
                Err(error) if is_outdated_op(&error) => return Ok(()),
                answer => answer.map_err(code)?,
            };
        }
        self.phone(who).book.on_offline();
        Ok(())
    }

    /// The weather clears; everybody syncs until nobody has anything to say.
    fn quiet(&mut self) -> Result<(), String> {
        self.story.push("quiet".to_owned());
        self.network.weather = Weather::default();
        self.network.clear(&self.server);
        for _ in 0..8 {
            let mut said = 0;
            for who in 0..self.phones.len() {
                let (sent, received) = self.round(who)?;
                said += sent as u64 + received;
            }
            if said == 0 {
                return Ok(());
            }
        }
        Err("after eight rounds somebody still has something to say".into())
    }

    /// A round in good weather. Returns how many envelopes went out and entries came in.
    fn round(&mut self, who: usize) -> Result<(usize, u64), String> {
        let (network, server, rng) = (&mut self.network, &mut self.server, &mut self.rng);
        let phone = self.phones.get_mut(who).expect("a phone of the field");
        let mut out = 0;
        let progress = phone.sync_with(|request| {
            out += pushed(request);
            network.carry(rng, server, request)
        });
        match progress {
            Err(error) if is_outdated_op(&error) => Ok((1, 0)),
            Err(error) => Err(format!("{who}: {}", code(error))),
            Ok(progress) => Ok((out, progress.received)),
        }
    }

    fn compare(&mut self) -> Result<(), String> {
        for who in 0..self.phones.len() {
            let said = self.round(who)?;
            if said != (0, 0) {
                return Err(format!("{who}: a second round sent or brought something: {said:?}"));
            }
            let status = self.phone(who).book.status().map_err(code)?;
            if self.phone(who).book.invites().iter().any(|invite| invite.link.is_none()) {
                return Err(format!("{who}: an invitation never reached the log"));
            }
            let well = !status.joining
                && status.alarm.is_none()
                && (status.unsent, status.held, status.quarantined) == (0, 0, 0)
                && status.rejected <= u64::from(self.hostile_has_written);
            if !well {
                return Err(format!("{who}: {status:?}"));
            }
        }
        self.all_alike("at the end")?;
        let founder = self.phones.first().expect("a founder");
        self.ledger.check_rows(&founder.book)?;
        // What was removed was not lost: bring it back, and it is all there.
        for (table, id) in self.ledger.hidden(&founder.book) {
            let restored = self.phone(0).with(|book, ctx| book.restore(ctx, table, id));
            restored.map_err(|error| format!("{table} {id} cannot be restored: {}", code(error)))?;
        }
        for who in 0..self.phones.len() {
            self.round(who)?;
        }
        self.all_alike("with everything restored")?;
        let founder = self.phones.first().expect("a founder");
        self.ledger.check_values(&founder.book)?;
        let who = self.draw(self.phones.len());
        self.phone(who).restart();
        self.all_alike("after a start")
    }

    fn all_alike(&mut self, when: &str) -> Result<(), String> {
        let mut first = None;
        for (who, phone) in self.phones.iter_mut().enumerate() {
            let heads = phone.book.heads().map_err(code)?;
            let export = phone.book.export_json().map_err(code)?;
            let clashes = phone.book.register().conflicts();
            let duplicates = format!("{:?}", phone.book.register().duplicates(samla_core::Date::MAX));
            let (n, seen) = (phone.book.head_n(), (heads, export, clashes, duplicates));
            match &first {
                None => first = Some((n, seen)),
                Some((first_n, _)) if *first_n != n => {
                    return Err(format!("{who} has {n} entries {when}, not {first_n}"));
                }
                Some((_, other)) if other.0 != seen.0 => return Err(format!("{who} has other heads {when}")),
                Some((_, other)) if *other != seen => return Err(format!("{who} shows another register {when}")),
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn code(error: BookError) -> String {
    format!("{}: {error:?}", error.code())
}

/// What this phone has counted at the visit of a tap.
fn own_count(book: &Book, tap: &Tap) -> i64 {
    let Tap::Count(visit, _) = tap else { return 0 };
    let me = book.status().expect("a status").device_id;
    let own = |tally: &&Tally| {
        tally.visit.map(RowId::from) == Some(*visit) && tally.device.is_some_and(|id| RowId::from(id).to_string() == me)
    };
    book.register().all::<Tally>().filter(own).filter_map(|tally| tally.n).sum()
}

/// Did a tap outlive a kill?
fn is_there(book: &Book, tap: &Tap, made: Made, counted: i64) -> bool {
    let register = book.register();
    match (tap, made) {
        (Tap::Add(table, _), Made::Row(id)) => register.row(*table, id).is_some(),
        (Tap::SignUp(_), Made::SignedUp(contact, _)) => register.row(Table::Contacts, contact).is_some(),
        (Tap::Set { table, id, field, value }, _) => shown(book, *table, *id, field) == [value.clone()],
        (Tap::Clear { table, id, field }, _) => shown(book, *table, *id, field).is_empty(),
        (Tap::Remove(table, id), _) => register.row(*table, *id).is_none(),
        (Tap::Restore(table, _), Made::Row(id)) => register.row(*table, id).is_some(),
        (Tap::Count(..), _) => own_count(book, tap) != counted,
        (Tap::Settle { table, id, field, value }, _) if field == "live" && *value == Some(Value::Bool(false)) => {
            register.row(*table, *id).is_none()
        }
        (Tap::Settle { table, id, field, .. }, _) => {
            let clashes = register.conflicts();
            !clashes.iter().any(|clash| (clash.table, clash.id, &clash.field) == (*table, *id, field))
        }
        _ => false,
    }
}

fn bytes_of(hexadecimal: &str) -> [u8; 16] {
    let digits = hexadecimal.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    let bytes: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).expect("digits")).collect();
    bytes.try_into().expect("sixteen bytes")
}

/// Two organisers did the same, or one had closed the door that the other meant: the second is told so. Nothing is lost.
fn is_outdated_op(error: &BookError) -> bool {
    error.problem() == Some("roster_op") || matches!(error, BookError::InviteUsed)
}

fn without_outbox(files: &Files) -> Files {
    let folder = scratch();
    let path = folder.path().join("book.db");
    std::fs::write(&path, &files.database).expect("a file");
    std::fs::write(path.with_extension("db-wal"), &files.log).expect("a file");
    let connection = rusqlite::Connection::open(&path).expect("a database");
    connection.execute("DELETE FROM outbox", []).expect("an outbox");
    drop(connection);
    Files { database: std::fs::read(&path).expect("the database"), log: Vec::new() }
}
