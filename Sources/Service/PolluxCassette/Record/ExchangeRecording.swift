public import PolluxSecret

/// What is seen of one exchange while it runs, on its event loop. Bytes are kept as they come; the cassette is made of
/// them later, by the ``Recorder``'s own thread.
public final class ExchangeRecording {
    /// Bytes of all bodies of one exchange; what comes beyond is counted only.
    public static let maximumBytes = 64 * 1024 * 1024

    struct Body: Sendable {
        var arrivals: [Pieces.Arrival] = []
    }

    struct Response: Sendable {
        var status: Int
        var headers: [Cassette.Header]
        var body = Body()
    }

    struct Call: Sendable {
        var sent: Double
        var method: String
        var url: String
        var headers: [Cassette.Header]
        var body: Body
        var response: Response?
        var ending: Cassette.Ending?
    }

    /// Everything, as it goes to the other thread.
    struct Contents: Sendable {
        var time: Double
        var requestID: String
        var method: String
        var url: String
        var headers: [Cassette.Header]
        var body: Body
        var response: Response?
        var calls: [Call] = []
        var bytes = 0
        var droppedBytes = 0
        var secrets: [Secret] = []
    }

    private let recorder: Recorder
    private let began = ContinuousClock.now
    private var contents: Contents
    /// The newest attempt of each of the exchange's calls.
    private var places: [Int: Int] = [:]

    init(_ recorder: Recorder, _ contents: Contents) {
        self.recorder = recorder
        self.contents = contents
        self.contents.bytes = contents.body.arrivals.reduce(0) { $0 + $1.bytes.count }
    }

    private var milliseconds: Double {
        let parts = (ContinuousClock.now - began).components
        return Double(parts.seconds) * 1000 + Double(parts.attoseconds) / 1e15
    }

    // MARK: Upstream

    /// A call goes upstream; again, when it is tried again.
    public func sent(_ call: Int, method: String, url: String, headers: [(name: String, value: String)], body: [UInt8])
    {
        var kept = Body()
        keep(body, at: nil, in: &kept)
        if let place = places[call], contents.calls[place].ending == nil { contents.calls[place].ending = .broken }
        places[call] = contents.calls.count
        contents.calls.append(
            Call(
                sent: milliseconds, method: method, url: RecordedHeaders.withoutKeys(url),
                headers: RecordedHeaders.kept(headers), body: kept
            )
        )
    }

    public func received(_ call: Int, status: Int, headers: [(name: String, value: String)]) {
        guard let place = places[call] else { return }
        contents.calls[place].response = Response(status: status, headers: RecordedHeaders.kept(headers))
    }

    public func received(_ call: Int, _ bytes: [UInt8]) {
        guard let place = places[call], contents.calls[place].response != nil else { return }
        let time = milliseconds
        var body = Body()
        swap(&body, &contents.calls[place].response!.body)  // There is one, by the guard.
        keep(bytes, at: time, in: &body)
        swap(&body, &contents.calls[place].response!.body)
    }

    public func ended(_ call: Int, _ ending: Cassette.Ending) {
        guard let place = places[call] else { return }
        contents.calls[place].ending = ending
    }

    // MARK: Client

    public func answered(status: Int, headers: [(String, String)]) {
        let kept = headers.map { (name: $0.0.lowercased(), value: $0.1) }
        contents.response = Response(status: status, headers: RecordedHeaders.kept(kept))
    }

    public func answered(_ bytes: [UInt8]) {
        guard var response = contents.response else { return }
        contents.response = nil  // Given up while it grows, so that it is not copied.
        keep(bytes, at: milliseconds, in: &response.body)
        contents.response = response
    }

    /// Texts that must not stand in the cassette, wherever they came from.
    public func hide(_ secrets: [Secret]) {
        contents.secrets += secrets.filter { !contents.secrets.contains($0) }
    }

    /// The exchange is over: the cassette is written.
    public func finish() { recorder.write(contents) }

    private func keep(_ bytes: [UInt8], at time: Double?, in body: inout Body) {
        guard !bytes.isEmpty else { return }
        guard contents.bytes + bytes.count <= Self.maximumBytes else {
            contents.droppedBytes += bytes.count
            return
        }
        contents.bytes += bytes.count
        body.arrivals.append(Pieces.Arrival(milliseconds: time, bytes: bytes))
    }
}
