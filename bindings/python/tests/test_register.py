"""What the register is asked beside the way of one tap: people, the season, calls, lists, reports, privacy.

A book to practise with is enough: nothing of this waits for a server.
"""

import datetime
import io
import json
import os
import secrets
import tempfile
import unittest
import zipfile

import samla

TODAY = datetime.date.today()


def day(days):
    """So many days from today, as text."""
    return (TODAY + datetime.timedelta(days=days)).isoformat()


class Register(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        new = samla.NewBook(name="Practice", my_name="Ann", device_label="Phone")
        self.book = samla.create_book(os.path.join(folder.name, "book"), secrets.token_bytes(32), new).book

    def add(self, table, **fields):
        """Adds a row of a table by its name: ``add("contacts", given_name="Åsa")``."""
        return self.book.add(samla.parse_draft(samla.Table[table.upper()], fields))

    def contacts(self):
        return {row.given_name: row for row in self.book.list_contacts()}


class People(Register):
    def test_one_person_is_made_of_two_contacts_and_two_again(self):
        first = self.add("contacts", given_name="Åsa", phone="070-174 06 05", job="Cook")
        second = self.add("contacts", given_name="Åsa", phone="0701740605", job="Baker")
        (pair,) = self.book.duplicates()
        self.assertEqual({pair.a.id, pair.b.id}, {first, second})
        link = self.book.link_same(first, second)
        self.assertEqual([hit.id for hit in self.book.search("Åsa")], [first])
        self.assertEqual(self.book.same_person(second), sorted([first, second]))
        (decided,) = self.book.links_of(first)
        self.assertEqual((decided.id, decided.kind, decided.by, decided.holds), (link, samla.LinkKind.SAME_PERSON, "Ann", True))
        self.assertEqual(self.book.links(), [decided])
        self.assertIn(("job", "Baker"), [(other.field, other.shown) for other in self.book.contact_card(first).others])
        self.book.choose(first, "job", samla.Value.TEXT("Pastry cook"))
        self.assertEqual({row.job for row in self.book.list_contacts()}, {"Pastry cook"})
        self.assertEqual([person.job for person in self.book.persons()], ["Pastry cook"])

        self.book.undo_link(link)
        self.assertEqual(len(self.book.search("Åsa")), 2)
        self.book.link_not_same(first, second)
        self.assertEqual((self.book.duplicates(), self.book.disputed_links()), ([], []))
        self.assertEqual([one.kind for one in self.book.links()], [samla.LinkKind.NOT_THE_SAME])
        with self.assertRaises(samla.SamlaError.UnknownRow):
            self.book.link_same(first, "00" * 16)

    def test_a_colleague_who_is_no_steward_recruits(self):
        omar = self.add("contacts", given_name="Omar")
        anna = samla.ContactDraft(given_name="Anna")
        signed = self.book.sign_up(samla.SignUp(contact=anna, colleague=omar))
        (link,) = self.book.links_of(signed.contact)
        self.assertEqual((link.kind, link.a, link.b), (samla.LinkKind.RECRUITED, signed.contact, omar))
        (event,) = self.book.list_memberships()
        self.assertIsNone(event.recruiter)
        (me,) = self.book.list_people()
        self.book.recruit(signed.membership, recruiter=me.id)
        self.assertEqual(self.book.links_of(signed.contact), [])
        (event,) = self.book.list_memberships()
        self.assertEqual(event.recruiter, me.id)

    def test_many_removed_at_once_are_told(self):
        ids = [self.add("contacts", given_name=f"Nr {n}") for n in range(15)]
        self.assertEqual(self.book.mass_removals(), [])
        for contact in ids[:12]:
            self.book.remove(samla.Table.CONTACTS, contact)
        (many,) = self.book.mass_removals()
        self.assertEqual((many.name, many.removed), ("Ann", 12))


class Season(Register):
    def test_what_is_open_is_told_before_it_is_due(self):
        eva = self.add("contacts", given_name="Eva")
        later = self.add("follow_ups", what="Ring Eva", contact=eva, due=day(40))
        self.assertEqual(self.book.due(), [])
        self.assertEqual([one.follow_up.id for one in self.book.open_follow_ups()], [later])
        self.assertEqual(self.book.open_follow_ups(self.add("people", name="Bo")), [])

    def test_a_visit_repeats_is_staffed_and_changes_hands(self):
        (me,) = (person.id for person in self.book.list_people())
        bo = self.add("people", name="Bo")
        canteen = self.add("workplaces", name="Canteen")
        visit = self.add("visits", kind="table", starts_at=f"{day(7)}T11:30", workplace=canteen)
        self.add("calendar", what="holiday", on=day(14), note="Closed")
        repeated = self.book.repeat(visit, 1, day(28))
        self.assertEqual((len(repeated.made), repeated.left_over), (2, []))
        self.assertEqual(self.book.plan_series(visit).made, [])
        states = samla.SeriesDayState
        days = [(of.state, of.holiday) for of in self.book.series(repeated.made[0]).days]
        self.assertEqual(days, [(states.HOLIDAY, "Closed"), (states.MADE, None), (states.MADE, None)])

        whole = (day(0), day(28))

        def gaps():
            return [(gap.view.visit.id, gap.gap) for gap in self.book.gaps(*whole)]

        self.assertEqual(len(gaps()), 3)
        self.book.answer_shift(visit, None, samla.ShiftState.YES)
        self.assertEqual(len(gaps()), 2)
        self.book.cannot_come(visit, note="At the dentist")
        self.assertEqual(gaps()[0], (visit, samla.StaffGap.ALL_DECLINED))
        self.book.answer_shift(visit, me, samla.ShiftState.YES)
        self.book.swap_shift(visit, me, bo)
        (turn,) = self.book.shifts_of(bo, *whole)
        self.assertEqual((turn.state, turn.visit.view.workplace_name), (samla.ShiftState.ASKED, "Canteen"))
        self.assertEqual(self.book.shifts_of(me, *whole)[0].state, samla.ShiftState.NO)
        self.assertEqual(sum(len(week.visits) for week in self.book.season(*whole)), 3)
        (place,) = self.book.coverage()
        self.assertEqual((place.workplace, place.next_on, place.overdue), (canteen, day(7), True))
        self.assertEqual(self.book.hand_over(bo, me).shifts, 1)

        calendar = self.book.export_icalendar(*whole)
        self.assertEqual(calendar.count("BEGIN:VEVENT"), 3)
        self.assertEqual(self.book.export_icalendar(*whole, person=me).count("BEGIN:VEVENT"), 1)

    def test_the_employers_calendar_suggests_a_visit(self):
        canteen = self.add("workplaces", name="Canteen")
        self.add("calendar", what="induction", on=day(10), workplace=canteen)
        (suggested,) = self.book.suggested_visits(day(0), day(30))
        self.assertEqual((suggested.what, suggested.suggested_on), (samla.CalendarEvent.INDUCTION, day(10)))
        suggested.draft.starts_at = f"{day(10)}T08:00:00+01:00"
        self.book.add(samla.Draft.VISITS(suggested.draft))
        self.assertEqual(self.book.suggested_visits(day(0), day(30)), [])


class Calls(Register):
    def sign_up(self, name, on):
        campaign = self.add("campaigns", name="Free months", trial_months="3")
        contact = samla.ContactDraft(given_name=name, phone="070-174 06 05")
        return self.book.sign_up(samla.SignUp(contact=contact, campaign=campaign, on=on)).contact

    def test_a_call_is_claimed_and_logged(self):
        eva = self.sign_up("Eva", day(-80))
        (call,) = self.book.call_list(day(0), day(30))
        self.assertEqual((call.contact, call.campaign_name, call.owner_name), (eva, "Free months", None))
        self.assertEqual(self.book.trial_ends_on(eva), call.trial_ends_on)
        self.assertGreater(self.book.contact_card(eva).trial_until, call.trial_ends_on)
        call.draft.what = "Ask whether Eva stays"
        taken = self.book.claim(call.draft)
        self.assertEqual(taken.held_by, [])
        again = self.book.log_call(samla.CallLog(call=call.draft, outcome="no answer", again_on=day(2)))
        self.assertEqual((again.follow_up, again.talk, again.membership), (taken.follow_up, None, None))
        logged = self.book.log_call(samla.CallLog(call=call.draft, reached=True, decision=samla.CallDecision.STAYS))
        self.assertEqual(logged.follow_up, taken.follow_up)
        (call,) = self.book.call_list(day(0), day(30))
        self.assertEqual((call.attempts, call.owner_name, call.decision), (2, "Ann", samla.CallDecision.STAYS))
        self.assertEqual(self.book.talk_history(eva).talks, 1)
        self.assertEqual(self.book.call_clashes(day(-30)), [])
        with self.assertRaises(samla.SamlaError.InvalidField) as refused:
            self.book.log_call(samla.CallLog(call=samla.FollowUpDraft(what="Call")))
        self.assertEqual((refused.exception.field, refused.exception.reason), ("contact", "required"))

    def test_new_colleagues_are_welcomed_and_nobody_is_left_alone(self):
        eva = self.add("contacts", given_name="Eva", hired_on=day(-1))
        (place,) = self.book.new_hires(day(-30))
        self.assertEqual([(hire.contact, hire.contacted_on) for hire in place.hires], [(eva, None)])
        (welcome,) = self.book.automatic()
        self.assertEqual((welcome.reason, welcome.contact), (samla.AutomaticReason.FIRST_DAY, eva))
        welcome.draft.what = "Welcome Eva"
        self.book.claim(welcome.draft)
        self.assertEqual(self.book.automatic(), [])
        self.assertEqual([due.follow_up.what for due in self.book.due()], ["Welcome Eva"])
        self.assertEqual(self.book.not_spoken_with(), [])


class Lists(Register):
    LIST = (
        "Förnamn;Efternamn;Telefon;Arbetsplats;Personnummer;Befattning\n"
        "Åsa;Ek;0701740605;Canteen;851399-1235;Cook\n"
        "Bo;Al;0701740606;Canteen;851399-1243;\n"
        ";;;Boiler room;;\n"
    ).encode("windows-1252")

    def terms(self, list_file, source=samla.ImportSource.EMPLOYER):
        return samla.ListTerms(source=source, columns=[column.meaning for column in self.book.list_columns(list_file)])

    def test_a_list_is_looked_through_taken_in_and_taken_back(self):
        self.add("workplaces", name="Canteen")
        asa = self.add("contacts", given_name="Åsa", family_name="Ek", phone="070-174 06 05")
        before = self.book.export_csv(samla.Table.CONTACTS)
        read = samla.ListFile.read(self.LIST)
        self.assertEqual((read.form().encoding, read.form().separator), (samla.Encoding.WINDOWS1252, ";"))
        self.assertEqual((read.rows(), read.width(), read.numbers_found()), (3, 6, 2))
        columns = self.book.list_columns(read)
        self.assertEqual(columns[4].meaning, samla.Column.PERSONAL_NUMBER)
        self.assertEqual((columns[4].samples, samla.may_repeat(samla.Column.PHONE)), ([], True))

        dry = self.book.dry_run(read, self.terms(read))
        counts = dry.view()
        self.assertEqual((counts.rows, counts.new, counts.changed, counts.unsure), (3, 1, 1, 1))
        self.assertEqual([place.name for place in counts.unknown_workplaces], ["Boiler room"])
        running = self.book.start_dry_run(read, self.terms(read))
        self.assertEqual((running.progress().done, running.progress().total), (0, 3))
        self.assertEqual(running.step(self.book, 2).done, 2)
        self.assertEqual(running.finish(self.book).view(), counts)
        self.assertIsNone(running.finish(self.book), "it is finished once")
        (changed,) = dry.rows(self.book, samla.Verdict.CHANGED)
        self.assertEqual(changed.contact, asa)
        self.assertEqual([(change.field, change.new_shown) for change in changed.changes][-1], ("job", "Cook"))
        (unsure,) = dry.rows(self.book, samla.Verdict.UNSURE)
        self.assertEqual((unsure.line, unsure.reason), (4, samla.RowReason.NOBODY_NAMED))
        self.assertEqual(self.book.export_csv(samla.Table.CONTACTS), before, "a dry run writes nothing")

        run = self.book.start_import(dry, samla.ImportChoices())
        half = run.step(self.book, 1)
        self.assertEqual((half.done, half.total, half.finished), (1, 2, False))
        self.assertTrue(self.book.imports()[0].unfinished)
        resumed = self.book.resume_import(run.id())
        while not resumed.step(self.book).finished:
            pass
        self.assertEqual(resumed.progress().done, 2)
        self.assertEqual((self.contacts()["Bo"].phone, self.contacts()["Åsa"].job), ("0701740606", "Cook"))
        self.assertNotIn("851399", self.book.export_json())
        (taken,) = self.book.imports()
        self.assertEqual((taken.source, taken.rows, taken.can_undo), (samla.ImportSource.EMPLOYER, 3, True))
        self.assertEqual(self.book.dry_run(read, self.terms(read)).view().taken_in_before, taken.id)

        self.book.set(asa, samla.Draft.CONTACTS(samla.ContactDraft(job="Chef")))
        undo = self.book.undo_import(taken.id)
        while not undo.step(self.book, 1).finished:
            pass
        done = undo.progress()
        self.assertEqual((done.removed, [(left.field, left.reason) for left in done.left]), (1, [("job", samla.LeftReason.CHANGED_SINCE)]))
        self.assertEqual(list(self.contacts()), ["Åsa"])
        self.assertTrue(self.book.imports()[0].undone)

    def test_a_row_is_taken_as_somebody_says(self):
        read = samla.ListFile.read(self.LIST)
        dry = self.book.dry_run(read, self.terms(read))
        rows = [samla.RowChoice(line=2, take=samla.Take.SKIP()), samla.RowChoice(line=3, take=samla.Take.NEW())]
        run = self.book.start_import(dry, samla.ImportChoices(rows=rows, source="Payroll"))
        self.assertEqual(run.step(self.book).added, 1)
        self.assertEqual([row.source for row in self.book.list_contacts()], ["Payroll"])

    def test_a_workbook_is_read_like_any_list(self):
        def leads(name, kind, target):
            return f'<Relationships><Relationship Id="{name}" Type="x/{kind}" Target="{target}"/></Relationships>'

        def row(*cells):
            return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"

        rows = row("Name", "Phone") + row("Dan Berg", "070-174 06 08")
        parts = {
            "_rels/.rels": leads("a", "officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="People" sheetId="1" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": leads("b", "worksheet", "sheet.xml"),
            "xl/sheet.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        read = samla.ListFile.read(packed.getvalue())
        self.assertEqual(read.form(), samla.ListForm.XLSX(sheet="People"))
        run = self.book.start_import(self.book.dry_run(read, self.terms(read)), samla.ImportChoices())
        self.assertTrue(run.step(self.book).finished)
        (dan,) = self.book.list_contacts()
        self.assertEqual((dan.given_name, dan.family_name, dan.phone), ("Dan", "Berg", "070-174 06 08"))

    def test_what_is_no_list_says_why_and_where(self):
        for content, code, detail in [
            (b"", "list_empty", None),
            (b"Namn;Mobil\nAnna;1\nBo;2\nEva", "list_cut_off", "4"),
            (b"PK\x03\x04 and no more", "list_damaged_workbook", None),
        ]:
            with self.assertRaises(samla.SamlaError.Refused) as refused:
                samla.ListFile.read(content)
            self.assertEqual((refused.exception.code, refused.exception.detail), (code, detail))
            self.assertIsNotNone(samla.text("fi", f"error.{code}"))

    def test_the_lists_are_held_against_the_register(self):
        canteen = self.add("workplaces", name="Canteen")
        person = {"workplace": canteen, "family_name": "Ek"}
        asa = self.add("contacts", given_name="Åsa", phone="070-174 06 05", **person)
        dan = self.add("contacts", given_name="Dan", phone="070-174 06 09", **person)
        comparison = samla.Reconcile.begin()
        for source, text in [
            (samla.ImportSource.OFFICE, "Namn;Telefon;Arbetsplats\nÅsa Ek;0701740605;Canteen\nBo Al;0701740606;Canteen\n"),
            (samla.ImportSource.EMPLOYER, "Namn;Telefon;Arbetsplats\nÅsa Ek;0701740605;Canteen\nBo Al;0701740606;Canteen\n"),
        ]:
            read = comparison.read(text.encode())
            adding = comparison.start_add(self.book, read, self.terms(read, source))
            self.assertEqual((adding.progress().done, adding.step(self.book, 1).done), (0, 1))
            adding.finish(self.book)
            self.assertEqual((adding.progress().done, adding.progress().total), (2, 2))
        comparison.compare(self.book)
        kinds = samla.DecisionKind
        decisions = {decision.kind: decision for decision in comparison.decisions()}
        self.assertEqual(set(decisions), {kinds.NEW_MEMBER, kinds.JOINED, kinds.UNKNOWN_AT_EMPLOYER})
        self.assertEqual(decisions[kinds.JOINED].contact, asa)
        self.assertEqual(decisions[kinds.UNKNOWN_AT_EMPLOYER].contact, dan)
        with self.assertRaises(samla.SamlaError.Refused) as refused:
            self.book.sign_off(comparison)
        self.assertEqual(refused.exception.code, "list_still_open")
        for kind in (kinds.NEW_MEMBER, kinds.JOINED):
            self.book.accept(comparison, decisions[kind].id, "Ask the office")
        comparison.dismiss(decisions[kinds.UNKNOWN_AT_EMPLOYER].id)
        self.assertEqual(comparison.open(), 0)
        self.assertEqual(len(self.book.sign_off(comparison)), 2)
        self.assertEqual(self.book.contact_card(asa).status, samla.Membership.MEMBER)
        self.assertIn("Bo", self.contacts())
        self.assertTrue(all(one.signed_off for one in self.book.imports()))

    def test_a_long_list_tells_how_far_it_has_come(self):
        class Listener(samla.ListListener):
            def __init__(self):
                self.heard = []

            def on_progress(self, progress):
                self.heard.append((progress.done, progress.total))

        text = ("Namn\n" + "".join(f"Anna Ek{n}\n" for n in range(2500))).encode()
        reading, read_for, compared = Listener(), Listener(), Listener()
        self.assertEqual(samla.ListFile.read_telling(text, reading).rows(), 2500)
        comparison = samla.Reconcile.begin()
        read = comparison.read_telling(text, read_for)
        self.assertEqual((len(reading.heard), reading.heard), (2, read_for.heard))
        self.assertEqual({total for _, total in reading.heard}, {len(text)})
        comparison.add(self.book, read, self.terms(read, samla.ImportSource.OFFICE))
        comparison.compare_telling(self.book, [], compared)
        self.assertEqual(compared.heard, [(1000, 2500), (2000, 2500)])

    def test_a_list_of_ones_own_is_not_compared(self):
        comparison = samla.Reconcile.begin()
        read = comparison.read(b"Namn\nAnna Ek\n")
        with self.assertRaises(samla.SamlaError.Refused) as refused:
            comparison.add(self.book, read, self.terms(read, samla.ImportSource.OWN))
        self.assertEqual(refused.exception.code, "list_own")

    def test_overviews_tell_whom_to_talk_with_and_what_to_pack(self):
        canteen = self.add("workplaces", name="Canteen", hr_name="Kim")
        asa = self.add("contacts", given_name="Åsa", membership="leaving", workplace=canteen)
        self.assertEqual([(one.contact, one.status) for one in self.book.save_talks()], [(asa, samla.Membership.LEAVING)])
        mugs = self.add("materials", name="Mugs", unit="boxes")
        visit = self.add("visits", kind="table", starts_at="2099-03-02T11:30:00Z", workplace=canteen)
        self.add("moves", material=mugs, kind="ordered", n="3", visit=visit)
        (needs,) = self.book.visit_needs("2099-03-01", "2099-03-31")
        self.assertEqual([(item.name, item.needed, item.missing) for item in needs.items], [("Mugs", 3, 3)])
        self.assertEqual([source.on for source in self.book.list_sources()], [None] * 3)
        self.assertEqual(len(self.book.team()), 1)
        self.add("visits", kind="table", starts_at="2099-03-03T11:30:00Z", workplace=canteen, review="Too early")
        (note,) = self.book.season_notes(samla.ReportQuery(_from="2099-03-01", until="2099-03-31", today="2099-03-31"))
        self.assertEqual((note.title, note.note, note.row_table), ("Canteen", "Too early", samla.Table.VISITS))
        self.assertEqual(self.book.list_places(), [])

    def test_two_lists_of_one_employer_tell_who_came_and_went(self):
        comparison = samla.Reconcile.begin()
        earlier = comparison.read("Namn;Telefon\nÅsa Ek;0701740605\nDan Ro;0701740609\n".encode())
        later = comparison.read("Namn;Telefon\nÅsa Ek;0701740605\nBo Al;0701740606\n".encode())
        changes = self.book.list_changes(earlier, self.terms(earlier), later, self.terms(later))
        names = [[one.name for one in side] for side in (changes.came, changes.went)]
        self.assertEqual((names, changes.moved, changes.stayed), ([["Bo Al"], ["Dan Ro"]], [], 1))


class Reports(Register):
    def setUp(self):
        super().setUp()
        names = ["Åsa", "Bo", "Cilla", "Dan", "Eva", "Fia"]
        for nth, name in enumerate(names):
            contact = self.add("contacts", given_name=name)
            self.add("memberships", contact=contact, kind="left", on=day(-1), reason="Moved" if nth else "Too dear")

    def test_a_small_group_is_left_out_of_what_is_shared(self):
        query = samla.ReportQuery(_from=day(-30), until=day(0), today=day(0))
        own = self.book.report_csv(samla.Report.LEAVE_REASONS, query)
        self.assertIn("Too dear,1", own)
        query.shared = True
        table = self.book.report(samla.Report.LEAVE_REASONS, query)
        self.assertIn(samla.ReportNote.SMALL_GROUPS_LEFT_OUT, table.notes)
        self.assertEqual((table.columns[1].id, table.columns[1].kind), ("left", samla.ColumnKind.COUNT))
        self.assertTrue(all(row.cells[1].is_suppressed() for row in table.rows))
        self.assertEqual(table.totals[1], samla.Cell.COUNT(6))
        shared = self.book.report_csv(samla.Report.LEAVE_REASONS, query, language="sv-FI")
        self.assertNotIn("Too dear", shared)
        self.assertTrue(shared.startswith("\ufeff"))
        self.assertIn(";6;", shared)
        self.assertIn(samla.text("sv", "ReportNote.small_groups_left_out"), shared)

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        query = samla.ReportQuery(_from=day(0), until=day(-30), today=day(0))
        for asked in (
            lambda: self.book.report(samla.Report.VISITS, query),
            lambda: self.book.report_csv(samla.Report.VISITS, query),
            lambda: self.book.density(query),
            lambda: self.book.best_slots(query),
        ):
            with self.assertRaises(samla.SamlaError.Refused) as refused:
                asked()
            self.assertEqual(refused.exception.code, "period_reversed")

    def test_every_report_is_a_table_with_a_title(self):
        query = samla.ReportQuery(_from=day(-30), until=day(0), today=day(0))
        every = samla.reports()
        self.assertEqual(set(every), set(samla.Report))
        for report in every:
            table = self.book.report(report, query)
            self.assertEqual(table.report, report)
            self.assertTrue(all(len(row.cells) == len(table.columns) for row in table.rows), report)
            self.assertIsNotNone(samla.text("da", f"Report.{report.name.lower()}"), report)

    def test_figures_for_a_screen(self):
        query = samla.ReportQuery(_from=day(-30), until=day(0), today=day(0))
        reasons = [(of.reason, of.left) for of in self.book.leave_reasons(query)]
        self.assertEqual(reasons, [("Moved", 5), ("Too dear", 1)])
        self.assertEqual(self.book.words_for_leaving(), ["Moved", "Too dear"])
        self.assertTrue(any(of.figure == "left" and of.now == 6 for of in self.book.comparison(query)))
        months = self.book.members_over_time(query)
        self.assertEqual((months[-1].on, months[-1].active), (day(0), 0))

    def test_every_figure_is_carried(self):
        canteen = self.add("workplaces", name="Canteen", eligible="40")
        self.add("checks", workplace=canteen, item="notice_board", state="granted")
        visit = self.add("visits", kind="table", starts_at=f"{day(-2)}T11:30", workplace=canteen, state="done")
        campaign = self.add("campaigns", name="Free months", trial_months="1", prize="Mug", prize_at="1", score_months="3")
        self.add("goals", campaign=campaign, starts_on=day(-30), ends_on=day(30), target="10")
        eva = self.add("contacts", given_name="Eva", workplace=canteen, hired_on=day(-10))
        talk = {"occasion": "spontaneous", "reason_used": "Pay", "landed": "yes", "invited": "yes"}
        self.add("talks", contact=eva, at=f"{day(-9)}T12:00", **talk)
        asked = samla.SignUp(contact=samla.ContactDraft(), contact_id=eva, campaign=campaign, visit=visit, on=day(-8))
        self.book.sign_up(asked)
        self.add("memberships", contact=eva, kind="paying", on=day(-1))
        topic = self.add("topics", title="Shifts", state="won")
        self.add("raises", topic=topic, contact=eva, at=f"{day(-3)}T12:00")
        poll = self.add("polls", question="Longer breaks?", choices="Yes\nNo")
        self.add("answers", poll=poll, contact=eva, choice="Yes", at=f"{day(-3)}T12:00")
        metric = self.add("metrics", name="Members", start="0", target="100")
        self.add("readings", metric=metric, on=day(-3), value="25", source="The office")
        material = self.add("materials", name="Pens", low_at="10")
        self.add("moves", material=material, kind="received", n="5", at=f"{day(-3)}T12:00")
        self.add("follow_ups", what="Ring Eva", contact=eva, due=day(-1))

        query = samla.ReportQuery(_from=day(-30), until=day(60), today=day(0))

        def first(figures):
            return figures(query)[0]

        for group in samla.SignUpGroup:
            self.assertEqual(sum(of.signed for of in self.book.sign_ups_by(group, query)), 1, group)
        self.assertEqual(first(self.book.density).members, 1)
        self.assertEqual(first(self.book.visits_by_kind).done, 1)
        self.assertEqual(sum(week.figures.done for week in self.book.visits_by_week(query)), 1)
        self.assertEqual(first(self.book.conversion).paying, 1)
        self.assertEqual(first(self.book.reasons_used).landed, 1)
        self.assertEqual(first(self.book.call_figures).stays, 1)
        self.assertEqual((first(self.book.topics_ranked).title, first(self.book.topics_ranked).to_tell), ("Shifts", True))
        self.assertEqual([of.answers for of in self.book.poll_figures(query)], [1, 0])
        goal = first(self.book.goal_figures)
        self.assertEqual((goal.actual, goal.reached), (1, 100))
        self.assertEqual(first(self.book.metric_figures).reached, 250)
        self.assertEqual(first(self.book.metric_readings).source, "The office")
        score = first(self.book.recruiter_scores)
        self.assertEqual((score.name, score.confirmed, score.prizes[0].prize), ("Ann", 1, "Mug"))
        self.assertEqual(first(self.book.thanks_due).contact, eva)
        self.assertIsNone(score.colleague)
        self.assertEqual(first(self.book.hire_figures).caught, 1)
        self.assertEqual(sum(of.overdue for of in self.book.promise_figures(query)), 1)
        self.assertEqual(first(self.book.visibility).item, samla.CheckItem.NOTICE_BOARD)
        self.assertEqual((first(self.book.stock).left, first(self.book.stock).low), (5, True))


class Privacy(Register):
    def test_a_consent_is_taken_back(self):
        asa = self.add("contacts", given_name="Åsa", phone="070-174 06 05", email="asa@exempel.se")
        self.add("consents", contact=asa, purpose="newsletter", given_at=f"{day(-7)}T11:30")
        self.assertTrue(self.book.consents_to(asa, "Newsletter"))
        self.assertEqual((self.book.addresses_to_take("newsletter"), self.book.taken_out()), (1, []))
        self.assertEqual([of.email for of in self.book.take_addresses("newsletter")], ["asa@exempel.se"])
        (taken,) = self.book.taken_out()
        self.assertEqual(
            (taken.kind, taken.purpose, taken.n, taken.by_name), (samla.ExportKind.ADDRESSES, "newsletter", 1, "Ann")
        )
        self.assertIn("TEL:+46701740605", self.book.take_vcards("newsletter"))
        self.book.withdraw_consent(asa, "newsletter")
        (consent,) = self.book.consents(asa)
        self.assertFalse(consent.holds)
        self.assertIsNotNone(consent.withdrawn_at)
        self.assertEqual((self.book.take_addresses("newsletter"), self.book.take_vcards("newsletter")), ([], ""))
        self.assertEqual(len(self.book.taken_out()), 2)

    def test_who_others_told_of_is_told(self):
        bo = self.add("contacts", given_name="Bo", origin="colleague")
        (notice,) = self.book.notices_due()
        self.assertEqual((notice.contact, notice.got_on, notice.told_on), (bo, day(0), None))
        self.book.note_told(bo)
        self.assertEqual((self.book.notices_due(), self.book.notice(bo).told_on), ([], day(0)))

    def test_what_is_kept_is_handed_out_and_forgotten(self):
        asa = self.add("contacts", given_name="Åsa", family_name="Ek", note="<b>likes chess</b>", do_not_contact="yes")
        self.add("follow_ups", what="Ask Bo, not Åsa Ek")
        about = self.book.about(asa)
        self.assertEqual((about.name, [of.table for of in about.tables]), ("Åsa Ek", [samla.Table.CONTACTS]))
        self.assertEqual([mention.sure for mention in about.mentions], [True])
        self.assertEqual(json.loads(self.book.about_json(asa))["name"], "Åsa Ek")
        page = self.book.about_html(asa, "sv-SE")
        self.assertIn('lang="sv"', page)
        self.assertIn(samla.text("sv", "field.do_not_contact"), page)
        self.assertNotIn("<b>", page)
        self.assertEqual((self.book.kept(asa).why, self.book.expired()), (samla.ExpiredReason.REFUSED, []))
        self.assertEqual([mention.field for mention in self.book.mentions(asa)], ["what"])
        self.book.forget(asa)
        self.assertEqual(self.book.search("Ek"), [])
        self.assertNotIn("likes chess", self.book.export_json())
        with self.assertRaises(samla.SamlaError.UnknownRow):
            self.book.about_json("00" * 16)


if __name__ == "__main__":
    unittest.main()
