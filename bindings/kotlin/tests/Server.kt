import java.io.File

/** A real server process on a free port. */
class Server : AutoCloseable {
    private val folder = kotlin.io.path.createTempDirectory("samla").toFile()
    private val log = File(folder, "log")
    private val process: Process
    val url: String

    init {
        val program = System.getenv("SAMLA_SERVER")
        process = ProcessBuilder(program, "--listen", "127.0.0.1:0", "--data", File(folder, "data").path)
            .redirectError(log).start()
        val address = generateSequence { Thread.sleep(50) }.take(200)
            .firstNotNullOfOrNull { Regex("""address=(\S+)""").find(log.readText()) }
        url = "http://${checkNotNull(address) { "the server did not start" }.groupValues[1]}"
    }

    override fun close() {
        process.destroy()
        process.waitFor()
        folder.deleteRecursively()
    }
}
