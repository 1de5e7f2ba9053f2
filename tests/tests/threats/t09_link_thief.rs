//! T9: a thief has the link too. However the two requests mix, exactly one of them is in, and everybody sees it.

use samla_core::{BookError, Role};
use samla_tests::insider::stolen;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;

use crate::club::{Club, device_of, names_of, wraps_on};

/// Every way to mix two sequences of `steps`.
fn mixes(steps: u32) -> impl Iterator<Item = Vec<bool>> {
    (0..1u32 << (2 * steps))
        .filter(move |bits| bits.count_ones() == steps)
        .map(move |bits| (0..2 * steps).map(|at| bits >> at & 1 == 1).collect())
}

fn one_request(phone: &mut Phone, server: &Server) -> Result<(), BookError> {
    if let Some(request) = phone.with(|book, ctx| book.next_request(ctx))? {
        let (status, body) = server.answer(&request);
        phone.with(|book, ctx| book.on_response(ctx, status, &body))?;
    }
    Ok(())
}

#[test]
fn one_link_lets_in_exactly_one_whatever_the_order() {
    let mut club = Club::new(90);
    let mut members = 2;
    // Challenge, session, bootstrap, join: beyond these one of the two is in.
    for (number, mix) in mixes(4).enumerate() {
        let link = club.eva.invites(&club.server, Role::Steward);
        let seed = 9_000 + 2 * number as u64;
        let mut guests = [0, 1].map(|which| Phone::joins_in(scratch(), seed + which, "Guest", &link).expect("a link"));
        let mut refused = [None, None];
        let mut turn = |guests: &mut [Phone; 2], who: usize| {
            let result = one_request(&mut guests[who], &club.server);
            if let (Err(error), None) = (result, &refused[who]) {
                refused[who] = Some(error.code().to_owned());
            }
        };
        for second in mix {
            turn(&mut guests, usize::from(second));
        }
        for who in [0, 1] {
            for _ in 0..12 {
                turn(&mut guests, who);
            }
        }
        let inside: Vec<bool> = guests.iter().map(|guest| !guest.book.status().unwrap().joining).collect();
        assert_eq!(inside.iter().filter(|inside| **inside).count(), 1, "mix {number}: {inside:?} {refused:?}");
        let outside = usize::from(inside[0]);
        assert_eq!(refused[outside].as_deref(), Some("invite_used"), "mix {number}");
        assert_eq!(refused[1 - outside], None, "mix {number}");
        members += 1;
        club.eva.sync(&club.server).unwrap();
        assert_eq!(club.eva.book.status().unwrap().members, members, "mix {number}: and everybody sees it");
    }
}

/// With an invitation that an organiser confirms, the link gives nobody the key: it is sealed to a device when that device is
/// let in, and to nobody else.
#[test]
fn a_link_to_be_confirmed_opens_nothing_by_itself() {
    let mut club = Club::new(91);
    let invite = club.eva.with(|book, ctx| book.invite_to_confirm(ctx, Role::Steward, 7)).unwrap();
    club.eva.sync(&club.server).unwrap();
    let link = club.eva.book.invites().into_iter().find(|open| open.id == invite.id).unwrap().link.unwrap();
    let wrapped = |club: &Club| -> Vec<_> {
        wraps_on(club.server.snapshot().path()).into_iter().map(|wrap| wrap.recipient).collect()
    };
    let before = wrapped(&club);
    let mut guests = [0, 1].map(|which| Phone::joins_in(scratch(), 9_100 + which, "Guest", &link).expect("a link"));
    let results = guests.each_mut().map(|guest| guest.sync(&club.server).map_err(|error| error.code().to_owned()));
    assert!(results[0].is_ok(), "{results:?}");
    assert_eq!(results[1].as_ref().unwrap_err(), "invite_used");
    for guest in &guests {
        assert!(names_of(guest).is_empty());
        assert!(stolen(guest).epoch_key.is_none(), "no key before it is let in");
    }
    assert_eq!(wrapped(&club), before, "the key was sealed to nobody");
    club.eva.sync(&club.server).unwrap();
    assert_eq!(club.eva.book.pending().len(), 1);
    assert_eq!(club.eva.book.status().unwrap().members, 2);
    let device = device_of(&guests[0]);
    club.eva.with(|book, ctx| book.admit(ctx, device, Role::Reader)).unwrap();
    club.eva.sync(&club.server).unwrap();
    let [first, _] = &mut guests;
    first.sync(&club.server).unwrap();
    first.sync(&club.server).unwrap();
    assert_eq!(names_of(first), names_of(&club.eva));
}
