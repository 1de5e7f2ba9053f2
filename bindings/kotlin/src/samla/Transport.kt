package samla

import java.io.IOException
import java.net.HttpURLConnection
import java.net.URI
import kotlin.concurrent.thread
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.withContext

/** The server was not reached. What was written is safe and goes out with the next round. */
class Offline(cause: Throwable? = null) : IOException("the server was not reached", cause)

/** What the server answered to one request. */
class Answer(val status: Int, val body: ByteArray)

/** Makes one request; throws [Offline] where it cannot be made. */
fun interface Transport {
    fun send(request: Request): Answer
}

/** The platform's own HTTP, and nothing more. */
object HttpTransport : Transport {
    /** Milliseconds that a server may be silent. */
    const val PATIENCE = 60_000

    override fun send(request: Request): Answer {
        try {
            val connection = open(request)
            val status = connection.responseCode
            val stream = if (status < 400) connection.inputStream else connection.errorStream
            return Answer(status, stream?.use { it.readBytes() } ?: ByteArray(0))
        } catch (error: IOException) {
            throw Offline(error)
        }
    }

    internal fun open(request: Request): HttpURLConnection {
        val connection = URI(request.url).toURL().openConnection() as HttpURLConnection
        connection.requestMethod = request.method
        connection.connectTimeout = PATIENCE
        connection.readTimeout = PATIENCE
        // A server has one address; another one would be signed in to under a false name.
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        request.headers.forEach { connection.setRequestProperty(it.name, it.value) }
        if (request.method != "GET") {
            connection.doOutput = true
            connection.setFixedLengthStreamingMode(request.body.size)
            connection.outputStream.use { it.write(request.body) }
        }
        return connection
    }
}

/** What a round of sync brought: entries of others, own envelopes, and entries that stay out by a rule. */
data class Synced(val received: ULong = 0u, val sent: ULong = 0u, val rejected: ULong = 0u)

/**
 * One round: sends what is only here and fetches what is new. Throws [Offline] without a network.
 *
 * It may be cancelled between two requests; the next round goes on where this one ended.
 */
suspend fun Book.sync(transport: Transport = HttpTransport): Synced = withContext(Dispatchers.IO) {
    var synced = Synced()
    beginSync()
    while (true) {
        ensureActive()
        val request = nextRequest() ?: break
        val answer = try {
            transport.send(request)
        } catch (offline: Offline) {
            onOffline()
            throw offline
        }
        val progress = onResponse(answer.status.toUShort(), answer.body)
        synced = Synced(
            synced.received + progress.received,
            synced.sent + progress.sent,
            synced.rejected + progress.rejected,
        )
    }
    synced
}

/**
 * How many entries the server's log has, whenever that changes: sync when it is more than the status's `headN`. Ends when
 * the stream ends; nothing comes before the first round of sync.
 */
@OptIn(DelicateCoroutinesApi::class)
fun Book.logLength(): Flow<ULong> = callbackFlow {
    val request = eventsRequest()
    if (request == null) {
        close()
    } else {
        // A read cannot be interrupted: a cancelled reader ends with the next line, at the latest the server's heartbeat.
        thread(isDaemon = true) {
            try {
                val lines = HttpTransport.open(request).inputStream.bufferedReader().lineSequence()
                for (line in lines.takeWhile { !isClosedForSend }) {
                    Regex("""^data:.*"n":(\d+)""").find(line)?.let { trySend(it.groupValues[1].toULong()) }
                }
            } catch (ended: IOException) {
                // The next round finds out what is new.
            } finally {
                close()
            }
        }
    }
    awaitClose()
}.conflate()
