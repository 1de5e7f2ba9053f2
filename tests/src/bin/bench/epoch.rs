//! A book is founded anew: what it costs who founds it, the server, and everybody else.
//!
//! A season of 2,000 contacts, with three talks for each, is shared by 30 devices. One rotates the key. What is asked:
//! under a second each to build it, to hand it over, and to move to it.

use std::time::Instant;

use anyhow::{Result, ensure};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::seal::{EpochKey, PrekeySecret, wrap_key};
use samla_core::{Request, Role};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::season::write_down;
use samla_tests::server::Server;
use samla_wire::{BookId, DeviceId};

use crate::bare;
use crate::measure::{Share, Times, seconds};
use crate::process::own_cpu;
use crate::season;

const CONTACTS: usize = 2_000;
const TALKS_EACH: usize = 3;
const DEVICES: usize = 30;
const WRAPS: usize = 300;
const RUNS: usize = 5;

/// Runs it and prints its table.
pub(crate) fn run() -> Result<()> {
    println!(
        "\nA new epoch: {CONTACTS} contacts, {} talks, {DEVICES} devices; median of {RUNS}",
        TALKS_EACH * CONTACTS
    );
    let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let mut founder = Phone::founds_in(scratch(), 1, "Founder");
    founder.sync(&server)?;
    let told = season::tell(CONTACTS, TALKS_EACH, 0, founder.now)?;
    founder.with(|book, ctx| write_down(&told.register, |draft| Ok(book.add(ctx, draft)?)))?;
    founder.sync(&server)?;
    let mut others = Vec::new();
    for number in 2..=DEVICES as u64 {
        let link = founder.invites(&server, Role::Steward);
        let mut phone = Phone::joins_in(scratch(), number, &format!("Steward {number}"), &link)?;
        phone.sync(&server)?;
        // Only some measure how they move; the others are members all the same.
        if others.len() < RUNS {
            others.push(phone);
        }
    }
    let (mut built, mut posted, mut founded, mut moved) = Default::default();
    for _ in 0..RUNS {
        for phone in others.iter_mut().chain([&mut founder]) {
            phone.sync(&server)?;
        }
        found_anew(&mut founder, &server, &mut built, &mut posted, &mut founded)?;
        for phone in &mut others {
            moves(phone, &server, &mut moved)?;
        }
        let heads = founder.book.heads()?;
        ensure!(
            others.iter_mut().all(|phone| phone.book.heads().is_ok_and(|other| other == heads)),
            "two devices differ"
        );
    }
    let (wraps, bare) = (wraps(), bare::founding(&told)?);
    println!("\n  {:52} {:>8} {:>10} {:>10} {:>10}", "", "target", "wall", "CPU", "bare");
    let line = |what: &str, target: &str, times: &Times, bare: Option<&Times>| {
        let bare = bare.map_or_else(String::new, |bare| seconds(bare.wall(Share::Median)));
        let (wall, cpu) = (seconds(times.wall(Share::Median)), seconds(times.cpu(Share::Median)));
        println!("  {what:52} {target:>8} {wall:>10} {cpu:>10} {bare:>10}");
    };
    line("built: base, seals and wraps, durable", "< 1 s", &built, Some(&bare.saved));
    line("posted: its parts and the op, until the server has it", "< 1 s", &posted, None);
    line("moved to, on the device that founded it", "< 1 s", &founded, Some(&bare.loaded));
    line("installed on another device, all requests", "< 1 s", &moved, Some(&bare.loaded));
    line(&format!("{WRAPS} wraps"), "< 50 ms", &wraps, None);
    println!("  bare: automerge alone writes the same rows as one change and saves it, or loads that and reads it");
    Ok(())
}

/// A round in which the epoch is founded. A request's time on the server counts as posting, what the phone does before the
/// first as building, and what it does with the last answer as moving.
fn found_anew(
    phone: &mut Phone,
    server: &Server,
    built: &mut Times,
    posted: &mut Times,
    moved: &mut Times,
) -> Result<()> {
    phone.with(|book, ctx| book.rotate(ctx))?;
    phone.book.begin_sync();
    let (mut build, mut post) = (Spent::default(), Spent::default());
    loop {
        let mut made = Spent::default();
        let request = made.on(|| phone.with(|book, ctx| book.next_request(ctx)))?;
        let Some(request) = request else { break };
        let founds = request.method == "PUT" || request.url.ends_with("/epoch");
        if founds {
            build.add(made);
        }
        let mut asked = Spent::default();
        let (status, body) = asked.on(|| server.answer(&request));
        if founds {
            post.add(asked);
        }
        let mut took = Spent::default();
        took.on(|| phone.with(|book, ctx| book.on_response(ctx, status, &body)))?;
        if is_op(&request) {
            moved.note(took.wall, took.cpu);
        }
    }
    built.note(build.wall, build.cpu);
    posted.note(post.wall, post.cpu);
    ensure!(phone.book.wanted().is_none(), "the epoch was not founded");
    Ok(())
}

fn is_op(request: &Request) -> bool {
    request.url.ends_with("/epoch")
}

/// A round in which another device meets the epoch.
fn moves(phone: &mut Phone, server: &Server, moved: &mut Times) -> Result<()> {
    let before = phone.book.status()?.epoch;
    moved.take(|| phone.sync(server))?;
    ensure!(phone.book.status()?.epoch == before + 1, "a device did not move");
    Ok(())
}

fn wraps() -> Times {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (key, book) = (EpochKey::make(&mut rng), BookId([1; 32]));
    let prekeys: Vec<_> = (0..WRAPS).map(|_| PrekeySecret::make(&mut rng).public()).collect();
    let mut times = Times::default();
    for _ in 0..RUNS {
        times.take(|| {
            for prekey in &prekeys {
                std::hint::black_box(wrap_key(&key, &book, 1, DeviceId::ZERO, prekey, &mut rng).ok());
            }
        });
    }
    times
}

/// Time that adds up.
#[derive(Default, Clone, Copy)]
struct Spent {
    wall: f64,
    cpu: f64,
}

impl Spent {
    fn on<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Instant::now(), own_cpu());
        let done = work();
        self.wall += wall.elapsed().as_secs_f64();
        self.cpu += own_cpu() - cpu;
        done
    }

    fn add(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}
