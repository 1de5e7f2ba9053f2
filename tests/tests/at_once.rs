//! Two stewards do the same while neither has a network: plan one series, take one call, give away one turn.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test says enough")]

use samla_core::lists::{ImportChoices, List, ListTerms};
use samla_core::register::{CallDecision, Register, ReportQuery, StaffGap};
use samla_core::tables::{
    CampaignDraft, Contact, ContactDraft, Draft, FollowUp, FollowUpDraft, FollowUpKind, Import, ImportSource,
    MembershipEvent, Person, Shift, ShiftState, Table, Talk, TalkDraft, TallyKind, Value, Visit, VisitDraft, VisitKind,
    VisitState,
};
use samla_core::{CallLog, Date, Id, Role, RowId, SignUp};
use samla_tests::phone::Phone;
use samla_tests::server::Server;

/// Eva's phone and Per's, in one book.
fn two() -> (Server, [Phone; 2]) {
    let server = Server::new();
    let mut eva = Phone::founds(1, "Eva");
    eva.sync(&server).unwrap();
    let link = eva.invites(&server, Role::Steward);
    let mut per = Phone::joins(2, "Per", &link);
    per.sync(&server).unwrap();
    eva.sync(&server).unwrap();
    (server, [eva, per])
}

fn add<T>(phone: &mut Phone, draft: impl Into<Draft>) -> Id<T> {
    let draft = draft.into();
    phone.wait(1);
    phone.with(|book, ctx| book.add(ctx, &draft)).unwrap().into()
}

fn meet(server: &Server, phones: &mut [Phone; 2]) {
    for nth in [0, 1, 0] {
        phones[nth].sync(server).unwrap();
    }
    let heads = phones.each_mut().map(|phone| phone.book.heads().unwrap());
    assert_eq!(heads[0], heads[1]);
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn person(register: &Register, name: &str) -> Id<Person> {
    register.all::<Person>().find(|person| person.name.as_deref() == Some(name)).unwrap().id
}

#[test]
fn a_series_planned_twice_is_one_series() {
    let (server, mut phones) = two();
    let starts_at = "2026-09-07T11:30:00+02:00".parse().ok();
    let table = VisitDraft { kind: Some(VisitKind::Table), starts_at, ..VisitDraft::default() };
    let first: Id<Visit> = add(&mut phones[0], table);
    meet(&server, &mut phones);

    let made = phones.each_mut().map(|phone| {
        phone.wait(1);
        phone.with(|book, ctx| book.repeat(ctx, first, 1, day("2026-10-05"))).unwrap().made
    });
    assert_eq!(made.each_ref().map(Vec::len), [4, 4]);
    // Each counts and comes at what its own phone shows, and one of them calls a day off.
    for (phone, made) in phones.iter_mut().zip(&made) {
        phone.with(|book, ctx| book.tally(ctx, made[0], TallyKind::Talked, None, 5)).unwrap();
        phone.with(|book, ctx| book.answer_shift(ctx, made[0], None, ShiftState::Yes, None)).unwrap();
    }
    let set = VisitDraft { state: Some(VisitState::Cancelled), ..VisitDraft::default() }.into();
    let patch = samla_core::tables::Patch { id: made[1][1].into(), set, clear: Vec::new() };
    phones[1].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    meet(&server, &mut phones);

    let seasons = phones
        .each_ref()
        .map(|phone| phone.book.register().season(day("2026-09-07"), day("2026-10-05"), day("2026-09-07")));
    assert_eq!(seasons[0], seasons[1]);
    let visits: Vec<_> = seasons[0].iter().flat_map(|week| &week.visits).collect();
    assert_eq!(visits.len(), 5);
    assert_eq!((visits[1].view.talked, visits[1].view.staff.len(), visits[1].gap), (10, 2, None));
    assert_eq!(visits[2].view.visit.state, Some(VisitState::Cancelled));

    // Whoever plans it again makes nothing, and what is changed now holds for both rows.
    for phone in &mut phones {
        assert!(phone.with(|book, ctx| book.plan_series(ctx, first)).unwrap().made.is_empty());
    }
    let back = VisitDraft { state: Some(VisitState::Planned), ..VisitDraft::default() }.into();
    let patch = samla_core::tables::Patch { id: visits[2].view.visit.id.into(), set: back, clear: Vec::new() };
    phones[0].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    let gone = visits[3].view.visit.id;
    phones[0].with(|book, ctx| book.remove(ctx, Table::Visits, gone.into())).unwrap();
    meet(&server, &mut phones);
    let season = phones[1].book.register().season(day("2026-09-07"), day("2026-10-05"), day("2026-09-07"));
    let visits: Vec<_> = season.iter().flat_map(|week| &week.visits).collect();
    assert_eq!((visits.len(), visits[2].view.visit.state), (4, Some(VisitState::Planned)));
    assert!(phones[1].book.register().conflicts().is_empty());
}

#[test]
fn two_who_called_offline_both_keep_their_call_and_hear_of_each_other() {
    let (server, mut phones) = two();
    let offer = CampaignDraft { name: Some("Summer".into()), trial_months: Some(3), ..CampaignDraft::default() };
    let campaign = Some(add(&mut phones[0], offer));
    let contact = ContactDraft { given_name: Some("Anna".into()), ..ContactDraft::default() };
    let sign_up = SignUp { contact, campaign, on: "2026-08-22".parse().ok(), ..SignUp::default() };
    let anna: Id<Contact> = phones[0].with(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap().contact;
    meet(&server, &mut phones);

    let list = |phone: &Phone| {
        phone.book.register().call_list(day("2026-11-01"), day("2026-11-30"), day("2026-11-10")).remove(0)
    };
    for (phone, outcome) in phones.iter_mut().zip(["will think", "stays"]) {
        let call = FollowUpDraft { what: Some("call".into()), ..list(phone).draft };
        phone.wait(60);
        let claimed = phone.with(|book, ctx| book.claim(ctx, &call, false)).unwrap();
        assert!(claimed.held_by.is_empty());
        let decision = (outcome == "stays").then_some(CallDecision::Stays);
        let log = CallLog { call, reached: true, outcome: Some(outcome.into()), decision, ..CallLog::default() };
        let logged = phone.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
        assert_eq!(Some(logged.follow_up), claimed.follow_up);
    }
    meet(&server, &mut phones);
    let calls = phones.each_ref().map(list);
    assert_eq!(calls[0], calls[1]);
    assert_eq!((calls[0].attempts, calls[0].decision, calls[0].also.len()), (2, Some(CallDecision::Stays), 1));
    let register = phones[0].book.register();
    assert_eq!(register.call_clashes(day("2020-01-01"))[0].callers.len(), 2);
    assert_eq!(register.talk_history(anna).talks, 2);
    assert!(register.conflicts().is_empty() && register.due(day("2026-11-30")).is_empty());
}

/// One hears that the person stays and one that they leave: what was written last holds for everybody, and both are told.
#[test]
fn of_two_who_heard_otherwise_offline_the_later_holds() {
    use CallDecision::{Leaves, Stays};
    for decisions in [[Stays, Leaves], [Leaves, Stays]] {
        let (server, mut phones) = two();
        let offer = CampaignDraft { name: Some("Summer".into()), trial_months: Some(3), ..CampaignDraft::default() };
        let campaign = Some(add(&mut phones[0], offer));
        let contact = ContactDraft { given_name: Some("Anna".into()), ..ContactDraft::default() };
        let sign_up = SignUp { contact, campaign, on: "2026-08-22".parse().ok(), ..SignUp::default() };
        phones[0].with(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
        meet(&server, &mut phones);
        let list = |phone: &Phone| {
            phone.book.register().call_list(day("2026-11-01"), day("2026-11-30"), day("2026-11-10")).remove(0)
        };
        for ((phone, decision), seconds) in phones.iter_mut().zip(decisions).zip([60, 120]) {
            let call = FollowUpDraft { what: Some("call".into()), ..list(phone).draft };
            phone.wait(seconds);
            let log = CallLog { call, reached: true, decision: Some(decision), ..CallLog::default() };
            phone.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
        }
        meet(&server, &mut phones);
        let leaves = i64::from(decisions[1] == Leaves);
        let query = ReportQuery::of(day("2026-08-01"), day("2026-12-31"), day("2026-12-31"));
        for phone in &phones {
            let register = phone.book.register();
            assert_eq!(list(phone).decision, Some(decisions[1]));
            let clash = register.call_clashes(day("2020-01-01")).remove(0);
            let noted: Vec<_> = clash.callers.iter().filter_map(|caller| caller.decision).collect();
            assert_eq!((noted, clash.decision), (decisions.to_vec(), Some(decisions[1])));
            let calls = register.call_figures(&query).remove(0);
            let left: i64 = register.leave_reasons(&query).iter().map(|figures| figures.left).sum();
            let score = register.recruiter_scores(&query).remove(0);
            assert_eq!((calls.leaves, left, score.expired), (leaves, leaves, leaves));
            assert_eq!((calls.stays, score.confirmed), (1 - leaves, 1 - leaves));
        }
    }
}

/// Two help a colleague with the same call: each try counts, and what is left to choose is whose the colleague's row is.
#[test]
fn two_who_take_over_a_call_offline_both_count_what_they_tried() {
    let (server, mut phones) = two();
    let link = phones[0].invites(&server, Role::Steward);
    let mut ida = Phone::joins(3, "Ida", &link);
    let offer = CampaignDraft { name: Some("Summer".into()), trial_months: Some(3), ..CampaignDraft::default() };
    let campaign = Some(add(&mut phones[0], offer));
    let contact = ContactDraft { given_name: Some("Anna".into()), ..ContactDraft::default() };
    let sign_up = SignUp { contact, campaign, on: "2026-08-22".parse().ok(), ..SignUp::default() };
    phones[0].with(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
    phones[0].sync(&server).unwrap();
    ida.sync(&server).unwrap();

    let list = |phone: &Phone| {
        phone.book.register().call_list(day("2026-11-01"), day("2026-11-30"), day("2026-11-10")).remove(0)
    };
    let draft = |phone: &Phone| FollowUpDraft { what: Some("call".into()), ..list(phone).draft };
    let tries = |phone: &mut Phone, outcome: &str| {
        let (call, again_on) = (draft(phone), "2026-11-15".parse().ok());
        let log = CallLog { call, outcome: Some(outcome.into()), again_on, ..CallLog::default() };
        phone.wait(60);
        phone.with(|book, ctx| book.log_call(ctx, &log)).unwrap()
    };
    let idas = tries(&mut ida, "no answer").follow_up;
    ida.sync(&server).unwrap();
    meet(&server, &mut phones);

    for (phone, outcome) in phones.iter_mut().zip(["busy", "rang for long"]) {
        let call = draft(phone);
        let claimed = phone.with(|book, ctx| book.claim(ctx, &call, true)).unwrap();
        assert_eq!((claimed.follow_up, claimed.held_by), (Some(idas), vec!["Ida".to_owned()]));
        assert_ne!(tries(phone, outcome).follow_up, idas);
        assert_eq!((list(phone).attempts, list(phone).also_names), (2, vec![]));
    }
    meet(&server, &mut phones);
    assert_eq!(list(&phones[0]), list(&phones[1]));
    assert_eq!((list(&phones[0]).attempts, list(&phones[0]).also_names.len()), (3, 1));
    let register = phones[0].book.register();
    let clashes = register.call_clashes(day("2020-01-01"));
    let callers: Vec<_> = clashes[0].callers.iter().map(|caller| (&*caller.name, caller.outcome.as_deref())).collect();
    assert!(callers.len() == 2 && callers.contains(&("Eva", Some("busy"))), "{callers:?}");
    assert!(callers.contains(&("Per", Some("rang for long"))), "{callers:?}");
    let conflicts: Vec<_> = register.conflicts().into_iter().map(|one| (one.id, one.field)).collect();
    assert_eq!(conflicts, [(idas.row(), "owner".to_owned())]);

    // Whoever goes on counts where they began.
    for phone in &mut phones {
        tries(phone, "no answer");
    }
    meet(&server, &mut phones);
    assert_eq!((list(&phones[0]).attempts, phones[0].book.register().all::<FollowUp>().count()), (5, 3));
}

/// Staff, counters and attendance are rows: nothing that two write at once overwrites.
#[test]
fn two_who_take_a_turn_both_come() {
    let (server, mut phones) = two();
    let starts_at = "2026-09-07T11:30:00+02:00".parse().ok();
    let visit = add(&mut phones[0], VisitDraft { kind: Some(VisitKind::Table), starts_at, ..VisitDraft::default() });
    meet(&server, &mut phones);
    for phone in &mut phones {
        phone.with(|book, ctx| book.answer_shift(ctx, visit, None, ShiftState::Yes, None)).unwrap();
    }
    meet(&server, &mut phones);
    assert_eq!(phones[0].book.register().all::<Shift>().count(), 2);
    let register = phones[0].book.register();
    let (eva, per) = (person(register, "Eva"), person(register, "Per"));
    // Eva cannot come; Per, who has not heard of it, gives his turn to her: nobody comes, and everybody sees it.
    phones[0].with(|book, ctx| book.cannot_come(ctx, visit, Some("ill"))).unwrap();
    phones[1].with(|book, ctx| book.swap_shift(ctx, visit, per, eva)).unwrap();
    meet(&server, &mut phones);
    for phone in &phones {
        let gaps = phone.book.register().gaps(day("2026-09-07"), day("2026-09-07"), day("2026-09-01"));
        assert_eq!(gaps.iter().map(|gap| gap.gap).collect::<Vec<_>>(), [Some(StaffGap::AllDeclined)]);
        assert!(phone.book.register().conflicts().is_empty());
    }
}

/// One hands everything over while the one who leaves still writes: what was done stays done, and what is new shows again.
#[test]
fn what_is_promised_during_a_hand_over_is_not_lost() {
    let (server, mut phones) = two();
    let register = phones[0].book.register();
    let (eva, per) = (person(register, "Eva"), person(register, "Per"));
    let promise = |what: &str| FollowUpDraft {
        what: Some(what.into()),
        kind: Some(FollowUpKind::Promise),
        owner: Some(per),
        ..FollowUpDraft::default()
    };
    let kept: Id<FollowUp> = add(&mut phones[1], promise("parking"));
    meet(&server, &mut phones);
    assert_eq!(phones[0].with(|book, ctx| book.hand_over(ctx, per, eva)).unwrap().follow_ups, 1);
    let done_at = Some(phones[1].now);
    let set = FollowUpDraft { done_at, kept: Some(true), ..FollowUpDraft::default() }.into();
    phones[1]
        .with(|book, ctx| book.set(ctx, &samla_core::tables::Patch { id: kept.into(), set, clear: vec![] }))
        .unwrap();
    add::<FollowUp>(&mut phones[1], promise("lights"));
    meet(&server, &mut phones);
    let open = phones[0].book.register().open(None, day("2026-09-07"));
    assert_eq!(open.iter().map(|view| view.owner_name.as_deref()).collect::<Vec<_>>(), [Some("Per")]);
    assert_eq!(phones[0].with(|book, ctx| book.hand_over(ctx, per, eva)).unwrap().follow_ups, 1);
}

/// Practice 89: one does what was promised while the other gives it a new day. Done is done, and the new day can be read.
#[test]
fn what_is_done_stays_done_beside_a_new_day() {
    let (server, mut phones) = two();
    let anna: Id<Contact> =
        add(&mut phones[0], ContactDraft { given_name: Some("Anna".into()), ..ContactDraft::default() });
    let due = Some(day("2026-09-10"));
    let what = Some("find out about parking".into());
    let promise: Id<FollowUp> =
        add(&mut phones[0], FollowUpDraft { what, due, contact: Some(anna), ..FollowUpDraft::default() });
    meet(&server, &mut phones);
    let done_at = Some(phones[0].now);
    let done = FollowUpDraft { done_at, kept: Some(true), ..FollowUpDraft::default() };
    let later = FollowUpDraft { due: Some(day("2026-09-20")), ..FollowUpDraft::default() };
    for (phone, set) in phones.iter_mut().zip([done, later]) {
        let patch = samla_core::tables::Patch { id: promise.into(), set: set.into(), clear: Vec::new() };
        phone.with(|book, ctx| book.set(ctx, &patch)).unwrap();
    }
    meet(&server, &mut phones);
    for phone in &phones {
        let register = phone.book.register();
        assert!(register.due(day("2026-12-31")).is_empty() && register.conflicts().is_empty());
        let row = register.get(promise).unwrap();
        assert_eq!((row.done_at, row.due), (done_at, Some(day("2026-09-20"))));
        assert_eq!(register.contact_card(anna, Date::MAX).unwrap().timeline[0].row_id, promise.row());
    }
}

fn named(phone: &mut Phone, name: &str) -> Id<Contact> {
    add(phone, ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() })
}

fn table(phone: &mut Phone) -> Id<Visit> {
    let starts_at = "2026-09-07T11:30:00+02:00".parse().ok();
    add(phone, VisitDraft { kind: Some(VisitKind::Table), starts_at, ..VisitDraft::default() })
}

fn signs_up(phone: &mut Phone, contact: Id<Contact>, visit: Option<Id<Visit>>) {
    let sign_up = SignUp { contact_id: Some(contact), visit, ..SignUp::default() };
    phone.with(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
}

fn removes(phone: &mut Phone, table: Table, id: impl Into<RowId>) {
    let id = id.into();
    phone.with(|book, ctx| book.remove(ctx, table, id)).unwrap();
}

/// What both phones list as removed by one and changed by another.
fn kept(phones: &[Phone; 2]) -> Vec<(Table, RowId)> {
    let [eva, per] = phones.each_ref().map(|phone| phone.book.register().conflicts());
    assert_eq!(eva, per);
    assert!(eva.iter().all(|one| one.kept_edit && one.answers.len() == 2), "{eva:?}");
    eva.into_iter().map(|one| (one.table, one.id)).collect()
}

/// Somebody chooses that the row goes after all, having seen what was written about it.
fn goes(phone: &mut Phone, table: Table, id: RowId) {
    phone.with(|book, ctx| book.resolve(ctx, table, id, "live", Some(Value::Bool(false)))).unwrap();
}

#[test]
fn a_sign_up_keeps_whom_a_colleague_removes_without_knowing_of_it() {
    let (server, mut phones) = two();
    let dagny = named(&mut phones[0], "Dagny");
    meet(&server, &mut phones);
    signs_up(&mut phones[1], dagny, None);
    removes(&mut phones[0], Table::Contacts, dagny);
    meet(&server, &mut phones);
    assert_eq!(kept(&phones), [(Table::Contacts, dagny.row())]);
    for phone in &phones {
        let register = phone.book.register();
        assert_eq!((register.search("dagny", 2, Date::MAX).len(), register.all::<MembershipEvent>().count()), (1, 1));
    }

    goes(&mut phones[0], Table::Contacts, dagny.row());
    meet(&server, &mut phones);
    assert!(kept(&phones).is_empty() && phones[1].book.register().contact(dagny).is_none());
}

/// A talk, a promise, and a change of either.
#[test]
fn whatever_is_written_about_somebody_keeps_them() {
    let (server, mut phones) = two();
    let people = ["Anna", "Bo", "Cilla"].map(|name| named(&mut phones[0], name));
    let [anna, bo, cilla] = people;
    let talk = |contact, phone: &Phone| TalkDraft { contact, at: Some(phone.now), ..TalkDraft::default() };
    let of_cilla = talk(Some(cilla), &phones[0]);
    let of_cilla: Id<Talk> = add(&mut phones[0], of_cilla);
    meet(&server, &mut phones);

    let of_anna = talk(Some(anna), &phones[1]);
    add::<Talk>(&mut phones[1], of_anna);
    let promise = FollowUpDraft { what: Some("parking".into()), contact: Some(bo), ..FollowUpDraft::default() };
    add::<FollowUp>(&mut phones[1], promise);
    let set = TalkDraft { note: Some("has a sister".into()), ..TalkDraft::default() }.into();
    let patch = samla_core::tables::Patch { id: of_cilla.into(), set, clear: Vec::new() };
    phones[1].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    people.iter().for_each(|id| removes(&mut phones[0], Table::Contacts, *id));
    meet(&server, &mut phones);
    assert_eq!(kept(&phones).len(), 3);
    assert_eq!(phones[0].book.register().all::<Contact>().count(), 3);

    // Whoever removes knowing of it removes; and a change that changes nothing is none.
    phones[1].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    people.iter().for_each(|id| removes(&mut phones[0], Table::Contacts, *id));
    meet(&server, &mut phones);
    assert!(kept(&phones).is_empty());
    assert_eq!(phones[1].book.register().all::<Contact>().count(), 0);
}

#[test]
fn what_was_counted_and_who_signed_up_keep_a_visit() {
    let (server, mut phones) = two();
    let (counted, signed_at) = (table(&mut phones[0]), table(&mut phones[0]));
    let dagny = named(&mut phones[0], "Dagny");
    meet(&server, &mut phones);
    let counts = |phone: &mut Phone, n| phone.with(|book, ctx| book.tally(ctx, counted, TallyKind::Talked, None, n));
    counts(&mut phones[1], 3).unwrap();
    meet(&server, &mut phones);

    // Into the row that it has already.
    let unsent = phones[1].book.status().unwrap().unsent;
    counts(&mut phones[1], 12).unwrap();
    let contact = ContactDraft { given_name: Some("Elsa".into()), ..ContactDraft::default() };
    let new = SignUp { contact, visit: Some(signed_at), ..SignUp::default() };
    phones[1].with(|book, ctx| book.sign_up(ctx, &new)).unwrap();
    assert_eq!(phones[1].book.status().unwrap().unsent, unsent + 2, "one change each");
    signs_up(&mut phones[1], dagny, Some(signed_at));
    for visit in [counted, signed_at] {
        removes(&mut phones[0], Table::Visits, visit);
    }
    meet(&server, &mut phones);
    assert_eq!(kept(&phones), [(Table::Visits, counted.row()), (Table::Visits, signed_at.row())]);
    for phone in &phones {
        let register = phone.book.register();
        let figures = [counted, signed_at].map(|visit| register.table_summary(visit));
        assert_eq!((figures[0].talked, figures[1].signed), (15, 2));
    }

    goes(&mut phones[0], Table::Visits, counted.row());
    removes(&mut phones[1], Table::Visits, signed_at);
    meet(&server, &mut phones);
    assert!(kept(&phones).is_empty());
    assert_eq!(phones[0].book.register().all::<Visit>().count(), 0);
}

/// To bring back what was removed about somebody is to write about them.
#[test]
fn a_sign_up_that_is_restored_keeps_its_person_and_its_visit() {
    let (server, mut phones) = two();
    let (kalle, visit) = (named(&mut phones[0], "Kalle"), table(&mut phones[0]));
    signs_up(&mut phones[0], kalle, Some(visit));
    let sign_up = phones[0].book.register().all::<MembershipEvent>().next().unwrap().id;
    removes(&mut phones[0], Table::Memberships, sign_up);
    meet(&server, &mut phones);
    phones[0].with(|book, ctx| book.restore(ctx, Table::Memberships, sign_up.into())).unwrap();
    removes(&mut phones[1], Table::Contacts, kalle);
    removes(&mut phones[1], Table::Visits, visit);
    meet(&server, &mut phones);
    let mut both = kept(&phones);
    both.sort_unstable();
    let mut expected = [(Table::Contacts, kalle.row()), (Table::Visits, visit.row())];
    expected.sort_unstable();
    assert_eq!(both, expected);
}

#[test]
fn a_sign_up_keeps_whom_a_list_brought_that_is_taken_back() {
    let (server, mut phones) = two();
    let list = List::read("Namn;Mobil\nAnna Svensson;0701740605\nBo Ek;0701740606\n".as_bytes()).unwrap();
    let import: Id<Import> = phones[0].with(|book, ctx| {
        let columns = book.list_columns(&list).unwrap().into_iter().map(|view| view.meaning).collect();
        let terms = ListTerms { source: ImportSource::Own, columns, workplace: None, places: Vec::new() };
        let dry = book.dry_run(&list, &terms, ctx.now.date_naive()).unwrap();
        let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
        assert!(run.step(book, ctx, 10).unwrap().finished);
        run.import()
    });
    meet(&server, &mut phones);
    let anna = phones[1].book.register().search("anna", 1, Date::MAX).remove(0).id;
    signs_up(&mut phones[1], anna, None);
    let mut undo = phones[0].book.undo_import(import).unwrap();
    assert!(phones[0].with(|book, ctx| undo.step(book, ctx, 10).map(|undo| undo.finished)).unwrap());
    meet(&server, &mut phones);
    assert_eq!(kept(&phones), [(Table::Contacts, anna.row())]);
    assert_eq!(phones[0].book.register().all::<Contact>().map(|contact| contact.id).collect::<Vec<_>>(), [anna]);
}

/// Who is forgotten stays so: the sign-up counts, and whoever wrote it down is told that it is nobody's by name any more.
#[test]
fn a_sign_up_of_somebody_who_was_forgotten_meanwhile_is_told_to_its_writer() {
    for order in [[0, 1, 0], [1, 0, 1]] {
        let (server, mut phones) = two();
        let people = ["Freja", "Gro"].map(|name| named(&mut phones[0], name));
        meet(&server, &mut phones);
        // Of this one Eva has heard.
        signs_up(&mut phones[1], people[1], None);
        meet(&server, &mut phones);
        signs_up(&mut phones[1], people[0], None);
        for id in people {
            phones[0].with(|book, ctx| book.forget(ctx, id)).unwrap();
        }
        for nth in order {
            phones[nth].sync(&server).unwrap();
        }
        for phone in &phones {
            let register = phone.book.register();
            assert!(register.search("freja", 1, Date::MAX).is_empty() && register.conflicts().is_empty());
            assert_eq!(register.all::<MembershipEvent>().count(), 2);
        }
        let told = |phone: &Phone| phone.book.lost_edits().unwrap();
        assert_eq!((told(&phones[0]).count, told(&phones[1]).count), (0, 1));
        phones[1].restart();
        assert_eq!((told(&phones[1]).count, told(&phones[1]).edits), (1, vec![]));
        phones[1].book.forget_lost_edits().unwrap();
        phones[1].sync(&server).unwrap();
        assert_eq!(told(&phones[1]).count, 0);
    }
}

/// To empty a field leaves nothing that could clash with what another fills in.
#[test]
fn emptying_a_field_gives_way_to_a_change_of_it() {
    let (server, mut phones) = two();
    let job = |job: &str| ContactDraft { job: Some(job.into()), ..ContactDraft::default() };
    let anna: Id<Contact> = add(&mut phones[0], ContactDraft { given_name: Some("Anna".into()), ..job("cook") });
    meet(&server, &mut phones);
    let patches = [(ContactDraft::default(), vec!["job".to_owned()]), (job("baker"), Vec::new())];
    for (phone, (set, clear)) in phones.iter_mut().zip(patches) {
        let patch = samla_core::tables::Patch { id: anna.into(), set: set.into(), clear };
        phone.with(|book, ctx| book.set(ctx, &patch)).unwrap();
    }
    meet(&server, &mut phones);
    for phone in &phones {
        let register = phone.book.register();
        assert_eq!(register.contact(anna).unwrap().job.as_deref(), Some("baker"));
        assert!(register.conflicts().is_empty());
    }
}
