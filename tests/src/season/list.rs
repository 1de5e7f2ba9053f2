//! A list that the employer sends: Windows-1252 with semicolons, names and numbers in any form, and a column of personal
//! numbers that a spreadsheet has spoilt.

use anyhow::{Context, Result, ensure};
use samla_core::lists::{ImportChoices, List, ListTerms, RowChoice, Take};
use samla_core::tables::{Contact, ImportSource};

use super::crew::Crew;
use super::dice::Dice;
use super::people::People;
use super::preparation::Scene;

const HEADER: &str = "Personnr;Namn;Mobil;E-post;Arbetsplats;Avdelning;Befattning;Anställningsdatum";
const SPOILT: &str = "1,98E+11";

/// The list of these people, and the line of each. `place` names the workplaces by their places in the list of all.
pub(super) fn text(
    people: &People,
    who: impl Iterator<Item = usize>,
    place: &dyn Fn(usize) -> String,
    dice: &mut Dice,
) -> (String, Vec<(usize, u32)>) {
    let (mut text, mut lines) = (HEADER.to_owned(), Vec::new());
    // The header is line 1.
    for (n, line) in who.zip(2..) {
        let human = people.get(n);
        let [name, phone, email, department, job] = human.listed(dice);
        let place = place(human.workplace);
        let hired = dice.one(&["2018-08-22", "22.08.2018", "22/8 2018"]);
        text.push_str(&format!("\r\n{SPOILT};{name};{phone};{email};{place};{department};{job};{hired}"));
        lines.push((n, line));
    }
    (text, lines)
}

/// A text in Windows-1252.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect()
}

/// The office takes it in: those who are new are added, and of the others what is missing is filled. Two of the new are
/// told at once what is kept about them.
pub(super) fn take_in(crew: &mut Crew, people: &mut People, scene: &Scene, dice: &mut Dice) -> Result<()> {
    crew.syncs(0)?;
    let is_here = |n: &usize| people.get(*n).rows.iter().any(|id| crew.register().contact((*id).into()).is_some());
    let known = people.known().into_iter().filter(|n| people.get(*n).can_be_listed());
    let known: Vec<usize> = known.filter(is_here).collect();
    let known = known.into_iter().take(people.listed().len() * 2);
    let who = known.chain(people.listed());
    let place = |n: usize| {
        let place = scene.workplaces.get(n).and_then(|place| crew.register().workplace_name(*place));
        place.unwrap_or_default()
    };
    let (text, lines) = text(people, who, &place, dice);
    let new_lines = lines.into_iter().filter(|(n, _)| people.listed().contains(n));
    let rows = new_lines.map(|(_, line)| RowChoice { line, take: Take::New, fields: None }).collect();
    let list = List::read(&bytes(&text))?;
    let choices = ImportChoices { rows, ..ImportChoices::default() };
    let new = people.listed().len();
    let added = crew.does(0, |phone| {
        phone.with(|book, ctx| -> Result<usize> {
            let columns = book.list_columns(&list)?.into_iter().map(|view| view.meaning).collect();
            let terms = ListTerms { source: ImportSource::Employer, columns, workplace: None, places: Vec::new() };
            let dry = book.dry_run(&list, &terms, ctx.now.date_naive())?;
            let mut run = book.start_import(ctx, &dry, &choices)?;
            while !run.step(book, ctx, 100)?.finished {}
            Ok(run.progress().added)
        })
    })?;
    ensure!(added == new, "{added} people of the list were taken for new, and {new} are");
    for n in people.listed() {
        let email = people.get(n).email.clone();
        let found = crew.register().all::<Contact>().find(|contact| contact.email == email).map(|contact| contact.id);
        let id = found.context("somebody new on the list is in the register")?;
        people.written_down(n, id.into());
    }
    for n in people.listed().take(2) {
        let contact = people.contact(n);
        crew.does(0, |phone| phone.with(|book, ctx| book.note_told(ctx, contact, None)))?;
    }
    Ok(())
}
