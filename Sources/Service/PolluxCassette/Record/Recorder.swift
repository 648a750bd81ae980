import Dispatch
import FoundationEssentials
import Synchronization

/// Writes one cassette file for each exchange into a folder, from a queue of its own.
///
/// - Limit: ``maximumPending`` bytes wait to be written; exchanges beyond that are not recorded, which is counted and told.
public final class Recorder: Sendable {
    public static let maximumPending = 256 * 1024 * 1024

    private struct State {
        var pending = 0
        var dropped = 0
        /// Of files that were to have the same name.
        var names: [String: Int] = [:]
    }

    private let folder: URL
    private let contents: ContentPolicy
    private let warn: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "pollux.cassettes")

    /// - Parameters:
    ///   - folder: is made when it is not there. Only the user who runs the program may read what is put in it.
    ///   - warn: tells the operator that something was not recorded.
    /// - Throws: what the system says when the folder cannot be made.
    public init(folder: String, contents: ContentPolicy, warn: @escaping @Sendable (String) -> Void) throws {
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
        self.contents = contents
        self.warn = warn
        try FileManager.default.createDirectory(
            at: self.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
        )
    }

    /// Begins to record an exchange whose request is complete.
    public func begin(
        requestID: String, method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]
    ) -> ExchangeRecording {
        ExchangeRecording(
            self,
            ExchangeRecording.Contents(
                time: Date().timeIntervalSince1970, requestID: requestID, method: method,
                url: RecordedHeaders.withoutKeys(target), headers: RecordedHeaders.kept(headers),
                body: ExchangeRecording.Body(
                    arrivals: body.isEmpty ? [] : [Pieces.Arrival(milliseconds: nil, bytes: body)]
                )
            )
        )
    }

    /// Waits until everything is written.
    public func close() { queue.sync {} }

    func write(_ exchange: ExchangeRecording.Contents) {
        let isTaken = state.withLock { state in
            guard state.pending + exchange.bytes <= Self.maximumPending else {
                state.dropped += 1
                return false
            }
            state.pending += exchange.bytes
            return true
        }
        guard isTaken else { return }
        queue.async {
            self.store(Cassette(exchange, contents: self.contents))
            let dropped = self.state.withLock { state in
                state.pending -= exchange.bytes
                defer { state.dropped = 0 }
                return state.dropped
            }
            if dropped > 0 { self.warn("\(dropped) exchanges were not recorded: too many wait to be written") }
        }
    }

    private func store(_ cassette: Cassette) {
        let name = cassette.time.filter { $0 != "-" && $0 != ":" } + "-" + cassette.requestID.prefix(40)
        let count = state.withLock { state in
            if state.names.count > 10_000 { state.names.removeAll() }  // Names of long ago do not come again.
            state.names[name, default: 0] += 1
            return state.names[name, default: 1]
        }
        let url = folder.appending(path: count == 1 ? "\(name).json" : "\(name)-\(count).json")
        let isWritten = FileManager.default.createFile(
            atPath: url.path, contents: Data(cassette.fileText), attributes: [.posixPermissions: 0o600]
        )
        if !isWritten { warn("The recording \(url.lastPathComponent) could not be written") }
    }
}

extension Cassette {
    init(_ exchange: ExchangeRecording.Contents, contents: ContentPolicy) {
        time = Date(timeIntervalSince1970: exchange.time).formatted(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        )
        requestID = exchange.requestID
        self.contents = contents
        droppedBytes = exchange.droppedBytes
        let cleaner = BodyCleaner(contents: contents, secrets: exchange.secrets)
        client = Exchange(
            request: Request(
                method: exchange.method, url: cleaner.text(exchange.url), headers: cleaner.headers(exchange.headers),
                body: cleaner.pieces(exchange.body)
            ),
            response: exchange.response.map { Response($0, cleaner) }
        )
        calls = exchange.calls.map { call in
            Call(
                sentMilliseconds: call.sent,
                request: Request(
                    method: call.method, url: cleaner.text(call.url), headers: cleaner.headers(call.headers),
                    body: cleaner.pieces(call.body)
                ),
                response: call.response.map { Response($0, cleaner) }, ending: call.ending ?? .cancelled
            )
        }
    }
}

extension Cassette.Response {
    fileprivate init(_ response: ExchangeRecording.Response, _ cleaner: BodyCleaner) {
        self.init(
            status: response.status, headers: cleaner.headers(response.headers), body: cleaner.pieces(response.body)
        )
    }
}
