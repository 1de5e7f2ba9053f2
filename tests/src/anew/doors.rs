//! Doors at the end of a field: whoever comes by one that an epoch has kept gets in and reads all, and whoever comes by one that it
//! has voided is told so.
//!
//! In a field itself somebody seldom comes by a door that is older than the epoch. What is drawn here comes from a generator of its
//! own, so that the story before is the same without it.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::BookError;
use samla_core::tables::{Row, Table};

use super::{Anew, Stand, code};
use crate::phone::Phone;
use crate::scratch;

impl Anew {
    /// In some fields an organiser opens one more door, and founds an epoch that keeps it or voids it. Then somebody comes by every
    /// door that an organiser still shows, however many epochs have begun since it was opened. What they read is compared with
    /// what the others do.
    pub(super) fn doors(&mut self) -> Result<(), String> {
        // What a server from a backup, or a phone that came in anew, knows of doors is another story.
        if self.put_back || self.copied {
            return Ok(());
        }
        let Some(organiser) = self.organisers().first().copied() else { return Ok(()) };
        let before = self.members.len();
        match ChaCha20Rng::seed_from_u64(self.seed ^ 0x0d_00_75).next_u64() % 8 {
            0 => self.epoch_keeps_a_door(organiser, false)?,
            1 => self.epoch_keeps_a_door(organiser, true)?,
            2 => self.erasure_voids_a_door(organiser)?,
            _ => {}
        }
        for host in self.organisers() {
            for link in self.links_of(host) {
                let (who, told) = self.comes_by(host, &link)?;
                if let Some(error) = told {
                    return Err(format!("{host} shows a door that is open, and {who} is told {}", code(error)));
                }
                self.played.doors += 1;
            }
        }
        if self.members.len() > before { self.quiet() } else { Ok(()) }
    }

    fn organisers(&self) -> Vec<usize> {
        self.here().into_iter().filter(|who| self.is_organiser(*who)).collect()
    }

    /// The links of the doors that this phone shows as open.
    fn links_of(&mut self, who: usize) -> Vec<String> {
        self.phone(who).book.invites().into_iter().filter_map(|invite| invite.link).collect()
    }

    /// A new key changes nothing about who may come in.
    fn epoch_keeps_a_door(&mut self, organiser: usize, confirm: bool) -> Result<(), String> {
        self.note(organiser, format_args!("opens a door before the key is renewed, to be let in: {confirm}"));
        let Some(link) = self.link(organiser, confirm)? else { return Ok(()) };
        self.phone(organiser).with(|book, ctx| book.rotate(ctx)).map_err(code)?;
        self.quiet()?;
        match self.links_of(organiser).contains(&link) {
            true => Ok(()),
            false => Err(format!("{organiser} has renewed the key, and shows its door no more")),
        }
    }

    /// After an erasure no door is open any more. Whoever comes by one has nothing, is told so, and gets another link in the end.
    fn erasure_voids_a_door(&mut self, organiser: usize) -> Result<(), String> {
        let contacts = self.phone(organiser).book.register().rows(Table::Contacts);
        let Some(contact) = contacts.first().map(Row::id) else { return Ok(()) };
        self.note(organiser, format_args!("opens a door before {contact} is erased"));
        let Some(link) = self.link(organiser, false)? else { return Ok(()) };
        self.phone(organiser).with(|book, ctx| book.erase(ctx, contact.into())).map_err(code)?;
        self.is_to_be_erased(organiser, contact);
        self.quiet()?;
        if self.links_of(organiser).contains(&link) {
            return Err(format!("{organiser} has erased somebody, and shows a door from before"));
        }
        let (who, told) = self.comes_by(organiser, &link)?;
        if !matches!(told, Some(BookError::InviteUsed)) || self.phone(who).book.head_n() > 0 {
            return Err(format!("{who} comes by a door from before an erasure and is told {told:?}"));
        }
        self.member(who).stand = Stand::NeedsLink;
        Ok(())
    }

    /// Somebody new comes by this link in good weather. Returns which phone it is, and what it is told.
    fn comes_by(&mut self, host: usize, link: &str) -> Result<(usize, Option<BookError>), String> {
        let (number, now) = (self.members.len(), self.phone(host).now);
        self.note(number, format_args!("comes by a link of {host}"));
        let phone = Phone::joins_in(scratch(), self.seed << 8 | number as u64, &format!("Steward {number}"), link);
        let who = self.add(phone.map_err(code)?);
        let member = self.members.get_mut(who).expect("a phone of the field");
        member.phone.now = now;
        Ok((who, member.phone.sync(&self.server).err()))
    }
}
