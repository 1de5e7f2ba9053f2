//! What is looked into before the work begins: with whom to talk, what to pack, who does what, and how fresh the lists are.

use samla_core::register::{
    AllotmentView, BestSlotView, ChannelFigures, InboundFigures, InboundView, ListSourceView, NewHire, NewHiresView,
    NewMemberView, NotSpokenWithView, ReportQuery, SaveTalkView, SeasonNote, TalkHistory, TeamUnit, ThanksView,
    VisitNeeds, WorkplaceCard,
};
use samla_core::tables::{Guide, Reason, Table};
use samla_core::{BookError, Date, RowId};

use super::calls::months_before;
use super::rows::must_be_there;
use super::season::ahead;
use super::tasks::{Handled, handled};
use crate::args::{Days, OverviewCommand};
use crate::desk::{Desk, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// One overview.
pub(super) fn overview(desk: &Desk, command: OverviewCommand, say: &mut Say) -> Result<(), Failure> {
    let register = desk.register();
    match command {
        OverviewCommand::Leaving => {
            let open = |view: &SaveTalkView| view.follow_up.is_none();
            let talks = handled(register.save_talks(today()), |view| open(view).then_some(&view.draft));
            say.tell(&talks, lines(leaving))
        }
        OverviewCommand::NewMembers(days) => {
            let open = |view: &NewMemberView| view.steps.is_empty();
            let members = handled(register.new_members(&back(days)?), |view| open(view).then_some(&view.draft));
            say.tell(&members, lines(new_member))
        }
        OverviewCommand::Inbound(days) => say.tell(&register.inbound(&back(days)?), lines(inbound)),
        OverviewCommand::InboundFigures(days) => {
            say.tell(&register.inbound_figures(&back(days)?), lines(inbound_figures))
        }
        OverviewCommand::NewHires { since } => {
            let since = since.unwrap_or_else(|| months_before(today(), 3));
            say.tell(&register.new_hires(since, today()), lines(new_hires))
        }
        OverviewCommand::NotSpokenWith { months } => {
            say.tell(&register.not_spoken_with(today(), months), lines(not_spoken_with))
        }
        OverviewCommand::Thanks(days) => {
            let thanks_due = handled(register.thanks_due(&back(days)?), |view| Some(&view.draft));
            say.tell(&thanks_due, lines(thanks))
        }
        OverviewCommand::Talks { contact } => {
            must_be_there(desk, Table::Contacts, contact)?;
            say.tell(&register.talk_history(contact), talks)
        }
        OverviewCommand::Channels(days) => say.tell(&register.talks_by_channel(&back(days)?), lines(channel)),
        OverviewCommand::Slots(days) => say.tell(&register.best_slots(&back(days)?), lines(slots)),
        OverviewCommand::Needs(days) => {
            let (from, until) = ahead(days);
            say.tell(&register.visit_needs(from, until, today()), lines(needs))
        }
        OverviewCommand::Notes(days) => say.tell(&register.season_notes(&back(days)?), lines(season_note)),
        OverviewCommand::Allotments => say.tell(&register.allotments(), lines(allotment)),
        OverviewCommand::Directory => say.tell(&register.team(today()), lines(unit)),
        OverviewCommand::Sources => say.tell(&register.list_sources(today()), lines(source)),
        OverviewCommand::Guides { in_language } => say.tell(
            &register.guides(in_language.as_deref()),
            lines(|guide: &Guide, _| titled(&guide.title, &guide.body)),
        ),
        OverviewCommand::Reasons { person } => {
            let reason = |reason: &Reason, _: &Words| Vec::from_iter(reason.text.as_deref().map(plain));
            say.tell(&register.reasons_for(person), lines(reason))
        }
        OverviewCommand::Workplace { workplace, days } => {
            let card = register.workplace_card(workplace, &back(days)?).ok_or(BookError::UnknownRow)?;
            say.tell(&card, workplace_lines)
        }
    }
}

/// The lines of all items, one after another.
fn lines<T>(of: impl Fn(&T, &Words) -> Vec<String>) -> impl Fn(&Vec<T>, &Words) -> Vec<String> {
    move |all, words| all.iter().flat_map(|one| of(one, words)).collect()
}

/// The days named; otherwise the year up to today.
fn back(days: Days) -> Result<ReportQuery, BookError> {
    let until = days.until.unwrap_or_else(today);
    let query = ReportQuery::of(days.from.unwrap_or(until - chrono::Days::new(365)), until, today());
    query.check()?;
    Ok(query)
}

fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn text(text: &Option<String>) -> Option<String> {
    text.as_deref().map(plain)
}

fn day(day: Option<Date>, words: &Words) -> Option<String> {
    day.map(|day| words.language().date(day))
}

/// A number under the name that a report's column has for it.
fn counted(column: &str, n: i64, words: &Words) -> Option<String> {
    Some(format!("{} {}", words.or_itself("column", column), words.language().number(n)))
}

fn titled(title: &Option<String>, body: &Option<String>) -> Vec<String> {
    let body = body.as_deref().unwrap_or_default().lines().map(|line| format!("    {}", plain(line)));
    text(title).into_iter().chain(body).collect()
}

fn leaving(Handled { handle, view }: &Handled<SaveTalkView>, words: &Words) -> Vec<String> {
    let taken = view.follow_up.as_ref().and_then(|taken| taken.due.map(|due| words.language().date(due)));
    vec![joined([
        Some(format!("{} {}", view.contact, plain(&view.name))),
        Some(words.language().word(view.status).to_owned()),
        text(&view.phone),
        text(&view.workplace_name),
        text(&view.owner_name),
        day(view.last_on, words),
        taken,
        text(handle),
    ])]
}

fn new_member(Handled { handle, view }: &Handled<NewMemberView>, words: &Words) -> Vec<String> {
    let head = joined([
        Some(format!("{} {}", view.contact, plain(&view.name))),
        day(Some(view.signed_on), words),
        text(&view.workplace_name),
        text(&view.recruiter_name),
        text(handle),
    ]);
    let step = |step: &samla_core::register::WelcomeStep| {
        let done =
            step.done_on.map_or_else(|| words.or_itself("column", "open").to_owned(), |on| words.language().date(on));
        let what = words.language().written(Table::FollowUps, "what", &step.what).unwrap_or(&step.what);
        let what = format!("{} {}", step.follow_up, plain(what));
        format!("    {}", joined([Some(what), text(&step.owner_name), Some(done)]))
    };
    std::iter::once(head).chain(view.steps.iter().map(step)).collect()
}

fn inbound(view: &InboundView, words: &Words) -> Vec<String> {
    let answered =
        view.answered_on.map_or_else(|| words.or_itself("column", "open").to_owned(), |on| words.language().date(on));
    vec![joined([
        Some(format!("{} {}", view.contact, plain(&view.name))),
        day(Some(view.on), words),
        text(&view.source),
        text(&view.phone),
        text(&view.owner_name),
        Some(answered),
    ])]
}

fn inbound_figures(view: &InboundFigures, words: &Words) -> Vec<String> {
    let answered = words.say("overview.answered", &[("n", &words.language().number(view.answered))]);
    vec![joined([
        text(&view.source).or_else(|| Some(words.or_itself("cell", "not_said").to_owned())),
        counted("persons", view.contacts, words),
        Some(answered),
        counted("members", view.members, words),
    ])]
}

fn new_hires(view: &NewHiresView, words: &Words) -> Vec<String> {
    let hire = |hire: &NewHire| {
        let met = hire.contacted_on.map(|on| words.say("overview.met", &[("day", &words.language().date(on))]));
        let by = hire.contacted_by.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
        let parts = [
            Some(format!("{} {}", hire.contact, plain(&hire.name))),
            day(Some(hire.hired_on), words),
            text(&hire.phone),
            text(&hire.owner_name),
            met.or_else(|| Some(words.say("overview.not_met", &[]))),
            (!by.is_empty()).then_some(by),
            Some(words.language().word(hire.status).to_owned()),
        ];
        format!("    {}", joined(parts))
    };
    let head = text(&view.workplace_name).unwrap_or_else(|| words.or_itself("cell", "not_said").to_owned());
    std::iter::once(head).chain(view.hires.iter().map(hire)).collect()
}

fn not_spoken_with(view: &NotSpokenWithView, words: &Words) -> Vec<String> {
    let last = view.last_on.map(|on| words.say("coverage.last", &[("day", &words.language().date(on))]));
    vec![joined([
        Some(format!("{} {}", view.contact, plain(&view.name))),
        last.or_else(|| Some(words.say("status.never", &[]))),
        Some(words.language().word(view.status).to_owned()),
        text(&view.phone),
        text(&view.workplace_name),
        text(&view.owner_name),
    ])]
}

fn thanks(Handled { handle, view }: &Handled<ThanksView>, words: &Words) -> Vec<String> {
    let recruiter = view.recruiter.map(RowId::from).or(view.colleague.map(RowId::from));
    vec![joined([
        recruiter.map(|id| format!("{id} {}", plain(&view.name))),
        Some(format!("{} {}", view.contact, plain(&view.contact_name))),
        Some(words.say("overview.pays", &[("day", &words.language().date(view.confirmed_on))])),
        text(handle),
    ])]
}

fn talks(history: &TalkHistory, words: &Words) -> Vec<String> {
    let language = words.language();
    let invited = format!("{}: {}", language.field(Table::Talks, "invited"), language.number(history.invitations));
    vec![joined([
        Some(language.count("talks", history.talks)),
        Some(invited),
        history.last_answer.map(|answer| language.word(answer).to_owned()),
        history.last_on.map(|on| words.say("coverage.last", &[("day", &language.date(on))])),
    ])]
}

fn channel(view: &ChannelFigures, words: &Words) -> Vec<String> {
    let channel = view.channel.map(|channel| words.language().word(channel).to_owned());
    vec![joined([
        channel.or_else(|| Some(words.or_itself("cell", "not_said").to_owned())),
        counted("talks", view.talks, words),
        counted("persons", view.persons, words),
        counted("signed", view.signed, words),
        counted("paying", view.paying, words),
    ])]
}

fn slots(view: &BestSlotView, words: &Words) -> Vec<String> {
    let head = joined([Some(plain(&view.workplace_name)), text(&view.noted)]);
    let slot = |slot: &samla_core::register::SlotFigures| {
        let counts = [("visits", slot.visits), ("talks", slot.talks), ("signed", slot.signed)];
        let counts = counts.map(|(column, n)| counted(column, n, words));
        format!("    {}", joined(std::iter::once(Some(plain(&slot.slot))).chain(counts)))
    };
    std::iter::once(head).chain(view.slots.iter().map(slot)).collect()
}

fn needs(view: &VisitNeeds, words: &Words) -> Vec<String> {
    let head = joined([Some(format!("{} {}", view.visit, words.language().date(view.on))), Some(plain(&view.place))]);
    let item = |item: &samla_core::register::NeededItem| {
        let much = amount(item.needed, &item.unit, words);
        let missing =
            (item.missing > 0).then(|| words.say("overview.missing", &[("n", &words.language().number(item.missing))]));
        format!("    {}", joined([Some(format!("{} {much}", plain(&item.name))), missing]))
    };
    std::iter::once(head).chain(view.items.iter().map(item)).collect()
}

fn season_note(view: &SeasonNote, words: &Words) -> Vec<String> {
    let title = Some(plain(&view.title)).filter(|title| !title.is_empty());
    let head = joined([Some(view.row_id.to_string()), day(view.on, words), title]);
    std::iter::once(head).chain(view.note.lines().map(|line| format!("    {}", plain(line)))).collect()
}

fn amount(n: i64, unit: &Option<String>, words: &Words) -> String {
    let number = words.language().number(n);
    unit.as_deref().map_or_else(|| number.clone(), |unit| format!("{number} {}", plain(unit)))
}

fn allotment(view: &AllotmentView, words: &Words) -> Vec<String> {
    vec![joined([Some(plain(&view.person_name)), Some(plain(&view.name)), Some(amount(view.n, &view.unit, words))])]
}

fn unit(view: &TeamUnit, words: &Words) -> Vec<String> {
    let member = |member: &samla_core::register::TeamMember| {
        let counts = [("open", member.open), ("overdue", member.overdue)];
        let counts = counts.into_iter().filter(|(_, n)| *n > 0).map(|(column, n)| counted(column, n, words));
        let about = [text(&member.title), text(&member.phone), text(&member.workplaces_note)];
        let parts = std::iter::once(Some(plain(&member.name))).chain(about).chain(counts);
        format!("    {}", joined(parts))
    };
    let head = text(&view.unit).unwrap_or_else(|| words.or_itself("cell", "not_said").to_owned());
    std::iter::once(head).chain(view.members.iter().map(member)).collect()
}

fn source(view: &ListSourceView, words: &Words) -> Vec<String> {
    let language = words.language();
    let never = || Some(words.say("status.never", &[]));
    vec![joined([
        Some(language.word(view.source).to_owned()),
        day(view.on, words).or_else(never),
        text(&view.by_name),
        view.rows.map(|rows| format!("{} {}", language.field(Table::Imports, "rows"), language.number(rows))),
    ])]
}

fn workplace_lines(card: &WorkplaceCard, words: &Words) -> Vec<String> {
    let of = |field: &str, value: Option<String>| {
        value.map(|value| format!("    {}: {value}", words.language().field(Table::Workplaces, field)))
    };
    let head = joined([card.workplace.name.as_deref().map(plain), text(&card.part_of)]);
    let about = [
        of("hr_name", text(&card.hr_name)),
        of("hr_phone", text(&card.hr_phone)),
        of("next_induction", day(card.next_induction, words)),
        of("group_link", text(&card.group_link)),
    ];
    let part = |part: &samla_core::register::PartView| {
        format!("    {}", joined([Some(plain(&part.name)), text(&part.group_link)]))
    };
    let best = card.best_slots.iter().flat_map(|best| slots(best, words)).map(|line| format!("    {line}"));
    let lines = std::iter::once(head).chain(about.into_iter().flatten());
    lines.chain(card.parts.iter().map(part)).chain(best).collect()
}
