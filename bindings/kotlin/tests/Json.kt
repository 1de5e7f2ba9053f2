/** Reads JSON into maps, lists, strings, longs, booleans and null: as much as a story needs. */
class Json(private val text: String) {
    private var at = 0

    companion object {
        fun read(text: String): Any? = Json(text).run { value().also { space(); check(at == text.length) } }
    }

    private fun space() {
        while (at < text.length && text[at].isWhitespace()) at++
    }

    private fun take(expected: Char) {
        space()
        check(text[at] == expected) { "expected $expected at $at" }
        at++
    }

    private fun value(): Any? {
        space()
        return when (text[at]) {
            '{' -> items('{', '}') { string().also { take(':') } to value() }.toMap()
            '[' -> items('[', ']') { value() }
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> text.drop(at).takeWhile { it.isDigit() || it == '-' }.also { at += it.length }.toLong()
        }
    }

    private fun word(word: String, value: Any?): Any? {
        check(text.startsWith(word, at))
        at += word.length
        return value
    }

    private fun <T> items(open: Char, close: Char, item: () -> T): List<T> {
        take(open)
        val items = mutableListOf<T>()
        space()
        while (text[at] != close) {
            items += item()
            space()
            if (text[at] == ',') take(',')
            space()
        }
        take(close)
        return items
    }

    private fun string(): String {
        take('"')
        val read = StringBuilder()
        while (text[at] != '"') {
            val letter = text[at++]
            if (letter != '\\') {
                read.append(letter)
                continue
            }
            when (val escaped = text[at++]) {
                'n' -> read.append('\n')
                't' -> read.append('\t')
                'r' -> read.append('\r')
                'b' -> read.append('\b')
                'f' -> read.append('\u000c')
                'u' -> read.append(text.substring(at, at + 4).toInt(16).toChar()).also { at += 4 }
                else -> read.append(escaped)
            }
        }
        take('"')
        return read.toString()
    }
}
