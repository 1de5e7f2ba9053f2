import Foundation

/// The server was not reached. What was written is safe and goes out with the next round.
public struct Offline: Error {
    public init() {}
}

/// Makes one request and answers its status and body; throws ``Offline`` where it cannot be made.
public protocol Transport: Sendable {
    func send(_ request: Request) async throws -> (status: UInt16, body: Data)
}

/// The platform's own HTTP, and nothing more.
public final class HTTPTransport: NSObject, Transport, URLSessionTaskDelegate {
    private let session: URLSession

    override public init() {
        let settings = URLSessionConfiguration.ephemeral
        settings.timeoutIntervalForRequest = 60
        settings.httpShouldSetCookies = false
        settings.urlCache = nil
        session = URLSession(configuration: settings)
    }

    public func send(_ request: Request) async throws -> (status: UInt16, body: Data) {
        do {
            let (body, answer) = try await session.data(for: prepared(request), delegate: self)
            guard let http = answer as? HTTPURLResponse else { throw Offline() }
            return (UInt16(clamping: http.statusCode), body)
        } catch is URLError {
            throw Offline()
        }
    }

    fileprivate func lines(_ request: Request) async throws -> AsyncLineSequence<URLSession.AsyncBytes> {
        try await session.bytes(for: prepared(request), delegate: self).0.lines
    }

    private func prepared(_ request: Request) throws -> URLRequest {
        guard let url = URL(string: request.url) else { throw Offline() }
        var prepared = URLRequest(url: url)
        prepared.httpMethod = request.method
        for header in request.headers {
            prepared.setValue(header.value, forHTTPHeaderField: header.name)
        }
        if request.method != "GET" {
            prepared.httpBody = request.body
        }
        return prepared
    }

    /// A server has one address; another one would be signed in to under a false name.
    public func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest
    ) async -> URLRequest? {
        nil
    }
}

/// What a round of sync brought.
public struct Synced: Equatable, Sendable {
    /// Entries of others that are in the register now.
    public var received: UInt64 = 0
    /// Own envelopes that the server has now.
    public var sent: UInt64 = 0
    /// Entries that stay out of the register, by a rule.
    public var rejected: UInt64 = 0
}

extension Book {
    /// One round: sends what is only here and fetches what is new. Throws ``Offline`` without a network.
    ///
    /// It may be cancelled between two requests; the next round goes on where this one ended.
    public func sync(by transport: some Transport = HTTPTransport()) async throws -> Synced {
        var synced = Synced()
        beginSync()
        while let request = try nextRequest() {
            try Task.checkCancellation()
            let answer: (status: UInt16, body: Data)
            do {
                answer = try await transport.send(request)
            } catch {
                onOffline()
                throw error
            }
            let progress = try onResponse(status: answer.status, body: answer.body)
            synced.received += progress.received
            synced.sent += progress.sent
            synced.rejected += progress.rejected
        }
        return synced
    }

    /// How many entries the server's log has, whenever that changes: sync when it is more than the status's `headN`. Ends
    /// when the stream ends; nothing comes before the first round of sync.
    public func logLength() -> AsyncStream<UInt64> {
        AsyncStream { stream in
            guard let request = eventsRequest() else { return stream.finish() }
            let reader = Task {
                struct Event: Decodable { let n: UInt64 }
                let lines = try await HTTPTransport().lines(request)
                for try await line in lines where line.hasPrefix("data:") {
                    if let event = try? JSONDecoder().decode(Event.self, from: Data(line.dropFirst(5).utf8)) {
                        stream.yield(event.n)
                    }
                }
                stream.finish()
            }
            stream.onTermination = { _ in reader.cancel() }
        }
    }
}
