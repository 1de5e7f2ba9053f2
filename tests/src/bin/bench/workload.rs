//! Workload D: ten devices record 200 new contacts each, offline, and then sync until all hold everything.

use std::sync::Barrier;
use std::time::Instant;

use anyhow::{Result, ensure};
use samla_core::Place;
use samla_core::tables::Contact;

use crate::device::{Device, file, now};
use crate::measure::{Share, Times, megabytes, seconds};
use crate::process::{Server, own_cpu};
use crate::season;

const CONTACTS: usize = 5_000;
const DEVICES: usize = 10;
const NEW: usize = 200;
/// Threads that the devices share: more would only measure how they wait for a core.
const THREADS: usize = 2;

/// Runs it and prints its table.
pub(crate) fn run() -> Result<()> {
    println!(
        "\nWorkload D: a register of {CONTACTS} contacts; {DEVICES} devices record {NEW} new ones each, then all sync"
    );
    let folder = tempfile::tempdir()?;
    let server = Server::start(&folder.path().join("server"))?;

    let told = season::tell(CONTACTS, 2, DEVICES * NEW, now())?;
    let began = Instant::now();
    let mut office = Device::founds(Place::Memory, &server.url)?;
    office.sync()?;
    let there = office.records_register(&told)?;
    office.sync()?;
    let links = office.invites(DEVICES)?;
    let recorded = began.elapsed().as_secs_f64();
    let known = office.book.register().all::<Contact>().count();
    let new = season::moved((0..DEVICES * NEW).map(|n| told.stranger(n)), &there);
    drop(office);

    let began = Instant::now();
    let mut first = Vec::new();
    for (seed, link) in (1..).zip(&links) {
        let mut device = Device::joins(seed, file(folder.path().join(format!("{seed}.db"))), link)?;
        device.sync()?;
        device.with(|book, ctx| book.tidy(ctx))?;
        first.push(device);
    }
    let mut devices = first;
    // The later ones wrote their names into the register after the earlier ones had read it.
    devices.iter_mut().try_for_each(|device| device.sync().map(drop))?;
    println!(
        "  before: {} to record it, {} for a device to join, fetch and keep it; the server holds {}",
        seconds(recorded),
        seconds(began.elapsed().as_secs_f64() / DEVICES as f64),
        megabytes(server.memory()?),
    );

    let mut taps = Times::default();
    for (device, new) in devices.iter_mut().zip(new.chunks(NEW)) {
        for contact in new {
            taps.take(|| device.add(contact))?;
        }
        (device.wire.up, device.wire.down) = (0, 0);
    }

    let (cpu, devices_cpu) = (server.cpu()?, own_cpu());
    let began = Instant::now();
    sync_all(&mut devices)?;
    let wall = began.elapsed().as_secs_f64();
    let (cpu, devices_cpu) = (server.cpu()? - cpu, own_cpu() - devices_cpu);

    let heads = devices.first_mut().map(|device| device.book.heads()).transpose()?;
    for device in &mut devices {
        let there = device.book.register().all::<Contact>().count();
        ensure!(there == known + DEVICES * NEW, "a device has {there} contacts");
        ensure!(Some(device.book.heads()?) == heads, "two devices differ");
        ensure!(device.book.status()?.unsent == 0, "a device has something unsent");
    }
    let up: usize = devices.iter().map(|device| device.wire.up).sum();
    let down: usize = devices.iter().map(|device| device.wire.down).sum();
    println!(
        "  recording one of the {} contacts: {} median, {} at the 99th percentile",
        DEVICES * NEW,
        seconds(taps.wall(Share::Median)),
        seconds(taps.wall(Share::P99)),
    );
    println!("\n  {:44} {:>10}   {:>10}", "", "target", "measured");
    let line = |what: &str, target: &str, measured: String| println!("  {what:44} {target:>10}   {measured:>10}");
    line("everything on every device", "< 3 s", seconds(wall));
    line("CPU of all devices", "", seconds(devices_cpu));
    line("CPU of the server", "< 0.1 s", seconds(cpu));
    line("memory of the server, most since it started", "< 30 MB", megabytes(server.peak_memory()?));
    line("sent by all devices, headers included", "< 0.5 MB", megabytes(up as f64));
    line("received by all devices, headers included", "< 3.5 MB", megabytes(down as f64));
    Ok(())
}

/// Each device sends what it has; when all have, each fetches what came after.
fn sync_all(devices: &mut [Device]) -> Result<()> {
    let share = devices.len().div_ceil(THREADS);
    let all_sent = Barrier::new(devices.chunks(share).count());
    std::thread::scope(|scope| {
        let threads: Vec<_> = devices
            .chunks_mut(share)
            .map(|devices| {
                let all_sent = &all_sent;
                scope.spawn(move || {
                    let sent = devices.iter_mut().try_for_each(|device| device.sync().map(drop));
                    all_sent.wait();
                    sent?;
                    devices.iter_mut().try_for_each(|device| device.sync().map(drop))
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread that does not panic"))
    })
}
