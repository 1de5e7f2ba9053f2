import java.io.File
import java.security.SecureRandom
import kotlinx.coroutines.runBlocking
import samla.*

/** Replays a story against a real server. What each step means stands in the story's `format`. */
class Story(private val folder: File, private val url: String) {
    private var network = true
    private val phones = mutableMapOf<String, Book>()
    private val names = mutableMapOf<String, String>()

    /** The step with the ids in place of their names. */
    private fun named(told: Any?): Any? = when (told) {
        is String -> if (told.startsWith("$")) names.getValue(told.drop(1)) else told
        is List<*> -> told.map(::named)
        is Map<*, *> -> told.entries.associate { named(it.key) to named(it.value) }
        else -> told
    }

    fun step(told: Map<*, *>) {
        val step = Step(told.entries.associate { it.key as String to if (it.key == "as") it.value else named(it.value) })
        val answer = when (step.text("do")) {
            "create" -> create(step)
            "join" -> {
                val (link, name, label) = listOf("link", "name", "label").map(step::text)
                phones[step.text("on")] = Book.join(file(step), key(), link, name, label)
            }
            "offline" -> network = false
            "online" -> network = true
            "sync" -> sync(book(step))
            "invite" -> invite(step)
            "add" -> book(step).add(draft(step))
            "set" -> book(step).set(step.text("row"), draft(step), step.texts("clear"))
            "sign_up" -> {
                val contact = (draft("contacts", step.fields()) as Draft.Contacts).v1
                book(step).signUp(SignUp(contact = contact, visit = step.text("visit"))).contact
            }
            "tally" -> {
                val kind = TallyKind.valueOf(step.text("kind").uppercase())
                book(step).tally(step.text("visit"), kind, step.map["delta"] as Long)
            }
            "resolve" -> book(step).resolve(table(step), step.text("row"), step.text("field"), Value.Text(step.text("value")))
            "same" -> same(step)
            "check" -> check(step)
            else -> error("no such step: $step")
        }
        step.map["as"]?.let { names[it as String] = answer as String }
    }

    private fun book(step: Step) = phones.getValue(step.text("on"))

    private fun file(step: Step) = File(folder, step.text("on")).path

    private fun create(step: Step) {
        val new = NewBook(step.text("book"), url, myName = step.text("name"), deviceLabel = step.text("label"))
        val made = createBook(file(step), key(), new)
        val letters = made.sheet.text.removePrefix("samlar1")
        made.book.confirmRecovery(made.sheet.ask.map { letters[it.toInt() - 1] }.joinToString(""))
        phones[step.text("on")] = made.book
    }

    private fun sync(book: Book) = runBlocking {
        if (network) {
            book.sync()
        } else {
            check(runCatching { book.sync { throw Offline() } }.exceptionOrNull() is Offline)
        }
    }

    private fun invite(step: Step): String {
        val made = book(step).invite(Role.valueOf(step.text("role").uppercase()))
        sync(book(step))
        return checkNotNull(book(step).invites().single { it.id == made.id }.link)
    }

    private fun same(step: Step) {
        val seen = step.texts("on").map(phones::getValue).map { it.heads().map(ByteArray::toList) to it.exportJson() }
        check(seen.distinct().size == 1) { "the phones differ" }
    }

    private fun check(step: Step) {
        val book = book(step)
        val register = (Json.read(book.exportJson()) as Map<*, *>)["tables"] as Map<*, *>
        for ((name, rows) in step.mapping("rows")) {
            val found = (register[name] as List<*>).map { it as Map<*, *> }.associateBy { it["id"] }
            for ((key, expected) in rows as Map<*, *>) {
                if (key == "count") equal(found.size.toLong(), expected)
                else (expected as Map<*, *>).forEach { (field, value) -> equal(found.getValue(key)[field], value) }
            }
        }
        step.mapping("summary").takeIf { it.isNotEmpty() }?.let {
            val summary = book.tableSummary(it["visit"] as String)
            equal(listOf(summary.talked, summary.signed), listOf(it["talked"], it["signed"]))
        }
        (step.map["conflicts"] as List<*>?)?.let { expected ->
            val found = book.conflicts().map { conflict ->
                val answers = conflict.answers.map { it.shown }.sorted()
                val table = conflict.table.name.lowercase()
                mapOf("table" to table, "row" to conflict.id, "field" to conflict.field, "answers" to answers)
            }
            equal(found, expected)
        }
        step.mapping("search").forEach { (typed, expected) -> equal(book.search(typed as String).map { it.id }, expected) }
        (step.map["offers"] as List<*>?)?.forEach { told ->
            val offer = told as Map<*, *>
            val on = offer["on"] as String
            val campaign = book.offer(offer["visit"] as String?, on)
            equal(campaign to campaign?.let { book.freeUntil(it, on) }, offer["campaign"] to offer["until"])
        }
        step.map["unsent"]?.let { equal(book.status().unsent.toLong(), it) }
    }
}

/** One step, its names already ids. */
class Step(val map: Map<String, Any?>) {
    fun text(key: String) = map.getValue(key) as String
    fun texts(key: String) = (map.getValue(key) as List<*>).map { it as String }
    fun mapping(key: String) = map[key] as Map<*, *>? ?: emptyMap<Any?, Any?>()
    fun fields() = mapping("fields").entries.associate { it.key as String to it.value as String }
    override fun toString() = map.toString()
}

private fun table(step: Step) = Table.valueOf(step.text("table").uppercase())

private fun draft(step: Step) = draft(step.text("table"), step.fields())

private fun draft(table: String, fields: Map<String, String>) = parseDraft(Table.valueOf(table.uppercase()), fields)

private fun key() = ByteArray(32).also(SecureRandom()::nextBytes)

fun equal(found: Any?, expected: Any?) = check(found == expected) { "found $found, expected $expected" }
