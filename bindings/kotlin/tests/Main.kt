import java.io.File
import java.security.SecureRandom
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import samla.*

/** Runs every test; the first failure ends the program with an error. */
fun main(arguments: Array<String>) {
    val story = Json.read(File(arguments.single()).readText()) as Map<*, *>
    test("the story: ${story["title"]}") { folder, url ->
        val phones = Story(folder, url)
        (story["steps"] as List<*>).forEachIndexed { nth, step ->
            runCatching { phones.step(step as Map<*, *>) }.getOrElse { throw AssertionError("step $nth: $step", it) }
        }
    }
    test("each error says what to do next") { folder, url ->
        val book = newBook(folder, url)
        val unconfirmed = runCatching { book.add(Draft.Contacts(ContactDraft(givenName = "Eva"))) }.exceptionOrNull()
        equal((unconfirmed as SamlaException.Refused).code, "recovery_unconfirmed")
        val nameless = runCatching { book.add(Draft.Workplaces(WorkplaceDraft(employer = "Region"))) }.exceptionOrNull()
        equal((nameless as SamlaException.InvalidField).run { field to reason }, "name" to "required")
        val noId = runCatching { book.contactCard("not an id") }.exceptionOrNull()
        equal((noId as SamlaException.InvalidField).reason, "not_an_id")
        val noRow = runCatching { book.remove(Table.CONTACTS, "00".repeat(16)) }.exceptionOrNull()
        check(noRow is SamlaException.UnknownRow)
    }
    test("values and errors have words in the reader's language") { _, _ ->
        equal(text("da-DK", "VisitKind.${VisitKind.TABLE.name.lowercase()}"), "Stand")
        equal(text("nb", "unit.week"), "uke {n}")
        equal(text("de", "error.invite_expired"), "This invitation has expired.")
        equal(text("sv", "VisitKind.picnic"), null)
    }
    test("the stream of events says how long the log is") { folder, url ->
        val book = newBook(folder, url)
        runBlocking {
            book.sync()
            equal(book.logLength().first(), book.status().headN)
        }
    }
    test("a person is erased, and the server signs for it") { folder, url ->
        val book = newBook(folder, url) { made ->
            val letters = made.sheet.text.removePrefix("samlar1")
            made.book.confirmRecovery(made.sheet.ask.map { letters[it.toInt() - 1] }.joinToString(""))
        }
        val anna = book.add(Draft.Contacts(ContactDraft(givenName = "Anna")))
        runBlocking {
            book.sync()
            book.erase(anna)
            equal(book.wanted()?.erased, 1u)
            book.sync()
        }
        equal(book.wanted(), null)
        equal(book.status().epoch, 1u)
        val founded = book.founded().single()
        equal(founded.reason to founded.gone, "erase" to 1uL)
        check(founded.receipt!!.count > 0u)
        equal(book.contactCard(anna), null)
    }
    register()
}

private fun newBook(folder: File, url: String, then: (CreatedBook) -> Unit = {}): Book {
    val key = ByteArray(32).also(SecureRandom()::nextBytes)
    val new = NewBook("Lunch", url, myName = "Ann", deviceLabel = "Phone")
    return createBook(File(folder, "book").path, key, new).also(then).book
}

private fun test(name: String, run: (File, String) -> Unit) {
    val folder = kotlin.io.path.createTempDirectory("samla").toFile()
    try {
        Server().use { run(folder, it.url) }
    } finally {
        folder.deleteRecursively()
    }
    println("ok: $name")
}
