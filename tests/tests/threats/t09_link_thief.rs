//! T9: a thief has the link too. However the two requests mix, exactly one of them is in, and everybody sees it.

use samla_core::{BookError, Role};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;

use crate::club::Club;

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
