import java.io.File
import java.security.SecureRandom
import java.time.LocalDate
import samla.*

/** What the register is asked beside the way of one tap, in a book to practise with. */
fun register() {
    practice("a list is looked through, taken in step by step, and taken back") { book ->
        val asa = book.add(Draft.Contacts(ContactDraft(givenName = "Åsa", familyName = "Ek", phone = "070-174 06 05")))
        val list = ListFile.read("Namn;Telefon;Befattning\nÅsa Ek;0701740605;Kock\nBo Al;0701740606;\n".toByteArray())
        val columns = book.listColumns(list).map { it.meaning }
        equal(columns, listOf(Column.NAME, Column.PHONE, Column.JOB))
        val dry = book.dryRun(list, ListTerms(ImportSource.EMPLOYER, columns))
        equal(dry.view().run { new to changed }, 1uL to 1uL)
        equal(dry.rows(book, Verdict.CHANGED).single().contact, asa)
        val run = book.startImport(dry, ImportChoices())
        equal(run.step(book, 1u).finished, false)
        equal(run.step(book).run { Triple(done, total, finished) }, Triple(2uL, 2uL, true))
        equal(book.contactCard(asa)?.contact?.job, "Kock")
        val undo = book.undoImport(book.imports().single().id)
        while (!undo.step(book, 1u).finished) continue
        equal(undo.progress().run { removed to restored }, 1uL to 1uL)
        equal(book.listContacts().map { it.id }, listOf(asa))
        val cutOff = runCatching { ListFile.read("Namn;Mobil\nAnna;1\nBo".toByteArray()) }.exceptionOrNull()
        equal((cutOff as SamlaException.Refused).run { code to detail }, "list_cut_off" to "3")
    }
    practice("a comparison is decided and signed off") { book ->
        val comparison = Reconcile.begin()
        val office = comparison.read("Namn;Telefon\nÅsa Ek;0701740605\n".toByteArray())
        comparison.add(book, office, ListTerms(ImportSource.OFFICE, book.listColumns(office).map { it.meaning }))
        comparison.startAdd(book, office, ListTerms(ImportSource.OFFICE, book.listColumns(office).map { it.meaning })).use {
            equal(it.step(book, 1u).run { done to total }, 1uL to 1uL)
            it.finish(book)
        }
        comparison.compare(book)
        val decision = comparison.decisions().single()
        equal(decision.kind to comparison.open(), DecisionKind.NEW_MEMBER to 1uL)
        book.accept(comparison, decision.id, "Ask the office")
        equal(comparison.decisions().single().state, DecisionState.ACCEPTED)
        equal(book.signOff(comparison), book.imports().map { it.id })
        equal(book.search("Ek").single().membership, Membership.MEMBER)
    }
    practice("a long list tells how far it has come") { book ->
        val heard = mutableListOf<ULong>()
        val listener = object : ListListener {
            override fun onProgress(progress: ListProgress) {
                heard.add(progress.done)
            }
        }
        val text = "Namn\n" + List(2500) { "Anna Ek$it\n" }.joinToString("")
        val comparison = Reconcile.begin()
        val list = comparison.readTelling(text.toByteArray(), listener)
        equal(list.rows() to heard.size, 2500uL to 2)
        comparison.add(book, list, ListTerms(ImportSource.OFFICE, book.listColumns(list).map { it.meaning }))
        heard.clear()
        comparison.compareTelling(book, emptyList(), listener)
        equal(heard.toList(), listOf(1000uL, 2000uL))
    }
    practice("what is open is told before it is due") { book ->
        val later = book.add(Draft.FollowUps(FollowUpDraft(what = "Call", due = day(40))))
        equal(book.due() to book.openFollowUps().map { it.followUp.id }, emptyList<DueView>() to listOf(later))
    }
    practice("a visit repeats, and who cannot come leaves a gap") { book ->
        val first = parseDraft(Table.VISITS, mapOf("kind" to "table", "starts_at" to "${day(7)}T11:30"))
        val visit = book.add(first)
        equal(book.repeat(visit, 1, day(21)).made.size, 2)
        equal(book.gaps(day(0), day(21)).size, 3)
        book.answerShift(visit, null, ShiftState.YES)
        equal(book.gaps(day(0), day(21)).size, 2)
        book.cannotCome(visit)
        equal(book.gaps(day(0), day(21)).first().gap, StaffGap.ALL_DECLINED)
        check("DTSTART" in book.exportIcalendar(day(0), day(21)))
    }
    practice("two contacts are one person, and two again") { book ->
        val (a, b) = List(2) { book.add(Draft.Contacts(ContactDraft(givenName = "Åsa", phone = "070-174 06 05"))) }
        val link = book.linkSame(a, b)
        equal(book.linksOf(b).map { it.id }, listOf(link))
        equal(book.links().map { it.id }, listOf(link))
        // Two of one millisecond have no order but that of their ids.
        equal(book.persons().map { it.id }, listOf(minOf(a, b)))
        book.undoLink(link)
        equal(book.persons().size, 2)
    }
    practice("what is shared gives no small group away") { book ->
        val contact = book.add(Draft.Contacts(ContactDraft(givenName = "Åsa")))
        val left = MembershipEventDraft(contact, MembershipKind.LEFT, on = day(-1), reason = "Too dear")
        book.add(Draft.Memberships(left))
        val query = ReportQuery(from = day(-30), until = day(0), today = day(0))
        equal(book.leaveReasons(query).single().left, 1L)
        val cells = book.report(Report.LEAVE_REASONS, query.copy(shared = true)).rows.flatMap { it.cells }
        check(cells.none { it is Cell.Count })
        check("Too dear,1" in book.reportCsv(Report.LEAVE_REASONS, query))
        val reversed = runCatching { book.report(Report.VISITS, query.copy(until = day(-60))) }.exceptionOrNull()
        equal((reversed as SamlaException.Refused).code, "period_reversed")
        equal(reports().toSet(), Report.entries.toSet())
    }
    practice("a consent is taken back, and what is kept is handed out") { book ->
        val asa = book.add(Draft.Contacts(ContactDraft(givenName = "Åsa", phone = "070-174 06 05")))
        val given = mapOf("contact" to asa, "purpose" to "newsletter", "given_at" to "${day(-7)}T11:30")
        book.add(parseDraft(Table.CONSENTS, given))
        equal(book.vcardsToTake("newsletter") to book.takenOut(), 1uL to emptyList<TakenOutView>())
        check("TEL:+46701740605" in book.takeVcards("newsletter"))
        equal(book.takenOut().single().let { it.kind to it.n }, ExportKind.VCARDS to 1L)
        book.withdrawConsent(asa)
        equal(book.consents(asa).any { it.holds } to book.takeVcards("newsletter"), false to "")
        check("lang=\"fi\"" in book.aboutHtml(asa, "fi"))
    }
}

/** So many days from today, as text. */
private fun day(days: Long) = LocalDate.now().plusDays(days).toString()

private fun practice(name: String, run: (Book) -> Unit) {
    val folder = kotlin.io.path.createTempDirectory("samla").toFile()
    try {
        val key = ByteArray(32).also(SecureRandom()::nextBytes)
        val new = NewBook("Practice", myName = "Ann", deviceLabel = "Phone")
        createBook(File(folder, "book").path, key, new).book.use(run)
    } finally {
        folder.deleteRecursively()
    }
    println("ok: $name")
}
