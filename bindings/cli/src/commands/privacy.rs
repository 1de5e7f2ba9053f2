//! What was promised to the people in the register: what they agreed to, that they are told, and that they are not kept
//! longer than need be.

use std::collections::BTreeSet;

use samla_core::register::{
    AboutRow, AboutView, AddressView, ConsentView, ExpiredView, MentionView, NoticeView, TakenOutView,
};
use samla_core::tables::{Contact, Draft, Table};
use samla_core::texts::is_mark;
use samla_core::{BookError, Id};
use serde_json::json;

use super::rows::{draft, must_be_there, shown, tell_id};
use crate::args::{About, Addresses, Assignment, Told};
use crate::desk::{Desk, now, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// What a person agreed to.
pub(super) fn consents(desk: &Desk, contact: Id<Contact>, say: &mut Say) -> Result<(), Failure> {
    must_be_there(desk, Table::Contacts, contact)?;
    let consents = desk.register().consents(contact);
    say.tell(&consents, |consents, words| consents.iter().map(|consent| consent_line(consent, words)).collect())
}

fn consent_line(consent: &ConsentView, words: &Words) -> String {
    let purpose = match (consent.purpose.as_str(), consent.withdrawn_at) {
        ("", Some(_)) => words.say("consent.every_purpose", &[]),
        ("", None) => words.say("consent.no_purpose", &[]),
        (purpose, _) => plain(purpose),
    };
    let at = |key: &str, at: Option<samla_core::Moment>| at.map(|at| words.say(key, &[("when", &words.when(&at))]));
    let parts = [
        Some(words.say(if consent.holds { "consent.holds" } else { "consent.does_not_hold" }, &[])),
        at("consent.given", consent.given_at),
        at("consent.withdrawn", consent.withdrawn_at),
        consent.text_version.as_deref().map(plain),
        consent.language.as_deref().map(plain),
        consent.how.as_deref().map(plain),
    ];
    format!("{purpose}: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Writes down that a person agreed.
pub(super) fn give(desk: &mut Desk, contact: Id<Contact>, fields: &[Assignment], say: &mut Say) -> Result<(), Failure> {
    must_be_there(desk, Table::Contacts, contact)?;
    let Draft::Consents(mut consent) = draft(Table::Consents, fields)? else {
        return Err(BookError::Bug("consent").into());
    };
    consent.contact = Some(contact);
    consent.given_at.get_or_insert_with(now);
    let id = desk.act(|book, ctx| book.add(ctx, &consent.into()))?;
    tell_id(id, say)
}

/// A person takes a consent back, or all.
pub(super) fn withdraw(
    desk: &mut Desk,
    contact: Id<Contact>,
    purpose: Option<&str>,
    say: &mut Say,
) -> Result<(), Failure> {
    desk.act(|book, ctx| book.withdraw_consent(ctx, contact, purpose))?;
    consents(desk, contact, say)
}

/// The addresses of those who agreed to be written to; with `--count`, how many there are.
pub(super) fn addresses(desk: &mut Desk, asked: &Addresses, say: &mut Say) -> Result<(), Failure> {
    if asked.count {
        let people = desk.register().addresses_to_take(&asked.purpose, asked.workplace);
        tell_of_purpose(desk, &asked.purpose, people, say)?;
        let n = i64::try_from(people).unwrap_or(i64::MAX);
        return say.tell(&json!({ "people": people }), |_, words| vec![words.language().count("people", n)]);
    }
    let addresses = desk.act(|book, ctx| book.take_addresses(ctx, &asked.purpose, asked.workplace))?;
    tell_of_purpose(desk, &asked.purpose, addresses.len(), say)?;
    say.tell(&addresses, |addresses, _| addresses.iter().map(address_line).collect())
}

/// Says which purposes there are, where nobody was found for one that no consent has.
pub(super) fn tell_of_purpose(desk: &Desk, purpose: &str, found: usize, say: &mut Say) -> Result<(), Failure> {
    let rows = desk.register().rows(Table::Consents);
    let purposes =
        rows.iter().filter_map(|row| row.get("purpose")).map(|purpose| purpose.to_string().trim().to_owned());
    let purposes: BTreeSet<String> = purposes.filter(|purpose| !purpose.is_empty()).collect();
    let is_meant = |known: &String| known.to_lowercase() == purpose.trim().to_lowercase();
    if found > 0 || purposes.is_empty() || purposes.iter().any(is_meant) {
        return Ok(());
    }
    let known = purposes.iter().map(|purpose| plain(purpose)).collect::<Vec<_>>().join(", ");
    let told = say.words().say("consent.unknown_purpose", &[("purpose", &plain(purpose)), ("known", &known)]);
    say.aside(&[told])
}

fn address_line(address: &AddressView) -> String {
    format!("{} {} · {}", address.contact, plain(&address.name), plain(&address.email))
}

/// Who took addresses or cards out.
pub(super) fn taken_out(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    let taken = desk.register().taken_out();
    say.tell(&taken, |taken, words| taken.iter().map(|one| taken_line(one, words)).collect())
}

fn taken_line(taken: &TakenOutView, words: &Words) -> String {
    let language = words.language();
    let parts = [
        taken.at.map(|at| words.when(&at)),
        taken.by_name.as_deref().map(plain),
        taken.kind.map(|kind| language.word(kind).to_owned()),
        taken.purpose.as_deref().map(plain),
        taken.workplace_name.as_deref().map(plain),
        taken.n.map(|n| language.count("people", n)),
    ];
    format!("{} {}", taken.id, parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Who is still to be told what is kept about them.
pub(super) fn notices(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    let notices = desk.register().notices_due(today());
    say.tell(&notices, |notices, words| notices.iter().map(|notice| notice_line(notice, words)).collect())
}

fn notice_line(notice: &NoticeView, words: &Words) -> String {
    let language = words.language();
    let late = (notice.overdue_days > 0)
        .then(|| words.say("notice.late", &[("days", &language.count("days", notice.overdue_days))]));
    let parts = [
        Some(format!("{} {}", notice.contact, plain(&notice.name))),
        Some(words.say("notice.by", &[("day", &language.date(notice.due))])),
        late,
        Some(language.word(notice.origin).to_owned()),
        notice.phone.as_deref().map(plain),
        notice.email.as_deref().map(plain),
        notice.workplace_name.as_deref().map(plain),
        notice.owner_name.as_deref().map(plain),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A person was told.
pub(super) fn told(desk: &mut Desk, told: &Told, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.note_told(ctx, told.contact, told.on))?;
    tell_id(told.contact, say)
}

/// Who has been kept long enough; with `--forget`, they are forgotten.
pub(super) fn expired(desk: &mut Desk, forget: bool, say: &mut Say) -> Result<(), Failure> {
    let expired = desk.register().expired(today());
    if forget {
        for one in &expired {
            desk.act(|book, ctx| book.forget(ctx, one.contact))?;
        }
    }
    say.tell(&expired, |expired, words| {
        let lines = expired.iter().map(|one| expired_line(one, words));
        let done = forget.then(|| words.say("expired.forgotten", &[("n", &expired.len().to_string())]));
        lines.chain(done).collect()
    })
}

fn expired_line(one: &ExpiredView, words: &Words) -> String {
    let language = words.language();
    let (since, until) = (language.date(one.kept.since), language.date(one.kept.until));
    let parts = [
        Some(format!("{} {}", one.contact, plain(&one.name))),
        Some(words.called(one.kept.why).to_owned()),
        Some(words.say("expired.days", &[("since", &since), ("until", &until)])),
        Some(language.word(one.status).to_owned()),
        one.workplace_name.as_deref().map(plain),
        one.owner_name.as_deref().map(plain),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Shows where others name a person; with `--yes`, forgets the person.
pub(super) fn forget(desk: &mut Desk, contact: Id<Contact>, yes: bool, say: &mut Say) -> Result<(), Failure> {
    must_be_there(desk, Table::Contacts, contact)?;
    let register = desk.register();
    let (name, mentions) = (register.contact_name(contact), register.mentions(contact));
    if yes {
        desk.act(|book, ctx| book.forget(ctx, contact))?;
    }
    let view = json!({ "contact": contact, "forgotten": yes, "mentions": mentions });
    say.tell(&view, |_, words| {
        let key = if yes { "forget.done" } else { "forget.what" };
        let mut lines = vec![words.say(key, &[("name", &plain(&name))])];
        if !mentions.is_empty() {
            lines.push(words.say("forget.mentions", &[]));
            lines.extend(mentions.iter().map(|mention| mention_line(mention, words)));
        }
        if !yes {
            lines.push(words.say("forget.ask", &[]));
        }
        lines
    })
}

/// A text in another row that names a person.
pub(super) fn mention_line(mention: &MentionView, words: &Words) -> String {
    let (title, excerpt) = (plain(&mention.title), plain(&mention.excerpt));
    let beside = if mention.beside { format!(" ({})", words.say("mention.beside", &[])) } else { String::new() };
    format!("    {} {} {}{beside}: {title}: “{excerpt}”", mention.table, mention.id, mention.field)
}

/// Everything that is kept about a person.
pub(super) fn about(desk: &Desk, asked: &About, say: &mut Say) -> Result<(), Failure> {
    if let Some(file) = &asked.html {
        let language = say.words().language();
        let page = desk.book().about_html(asked.contact, today(), language.tag(), &|of| language.label(of))?;
        return say.write_to(file, page.as_bytes());
    }
    if let Some(file) = &asked.json_file {
        let json = desk.book().about_json(asked.contact, today())?;
        return say.write_to(file, json.as_bytes());
    }
    let about = desk.register().about(asked.contact, today()).ok_or(BookError::UnknownRow)?;
    say.tell(&about, about_lines)
}

fn about_lines(about: &AboutView, words: &Words) -> Vec<String> {
    let language = words.language();
    let field = |name| language.field(Table::Contacts, name);
    let mut lines = vec![format!("{} · {}", plain(&about.name), language.date(about.on))];
    lines.push(format!("{}: {}", field("membership"), language.word(about.status)));
    lines.extend(about.consents.iter().map(|consent| consent_line(consent, words)));
    lines.extend(about.notice.iter().map(|notice| match notice.told_on {
        Some(day) => format!("{}: {}", field("told_on"), language.date(day)),
        None => notice_line(notice, words),
    }));
    lines.extend(about.kept.map(|kept| words.say("about.kept", &[("day", &language.date(kept.until))])));
    for of in &about.tables {
        lines.push(language.table(of.table).to_owned());
        lines.extend(of.rows.iter().flat_map(|row| about_row(of.table, row, words)));
    }
    lines.extend(about.conflicts.iter().flat_map(|conflict| super::looks::conflict_lines(conflict, words)));
    lines.extend(about.mentions.iter().map(|mention| mention_line(mention, words)));
    lines
}

fn about_row(table: Table, row: &AboutRow, words: &Words) -> Vec<String> {
    let language = words.language();
    let removed = row.removed.then(|| words.say("about.removed", &[]));
    let written = row.written_on.map(|day| language.date(day));
    let head = [Some(row.id.to_string()), written, row.by.as_deref().map(plain), removed];
    let head = format!("    {}", head.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    let read = row.fields.iter().filter(|field| !is_mark(table, &field.field, &field.shown));
    let fields = read.map(|field| {
        let said = shown(table, &field.field, Some(&field.value), &field.shown, words);
        format!("        {}: {said}", language.field(table, &field.field))
    });
    std::iter::once(head).chain(fields).collect()
}

#[cfg(test)]
mod tests {
    use samla_core::register::{ExpiredReason, KeptView};
    use samla_core::tables::Membership;
    use samla_core::texts::Language;
    use samla_core::{Date, RowId};

    use super::*;

    #[test]
    fn who_was_kept_long_enough_stands_with_the_reason_and_the_days() {
        let day = |year| Date::from_ymd_opt(year, 5, 31).unwrap();
        let one = ExpiredView {
            contact: RowId::from_bytes([1; 16]).into(),
            name: "Bo\u{1b}".to_owned(),
            workplace_name: None,
            owner_name: Some("Ann".to_owned()),
            status: Membership::Former,
            kept: KeptView { why: ExpiredReason::Left, since: day(2022), until: day(2024) },
        };
        let line = expired_line(&one, &Words::new(Some(Language::En)));
        let expected = "Bo\\u{1b} · was a member and left · last heard of 31 May 2022, need not be kept from 31 May 2024 · \
                        Former member · Ann";
        assert_eq!(line, format!("{} {expected}", "01".repeat(16)));
    }
}
