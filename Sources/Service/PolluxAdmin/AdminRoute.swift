public import NIOCore
public import PolluxJSON

/// One thing that the admin listener answers.
///
/// A route of another part of the program is a value like these; nothing else has to be known of the listener:
///
///     AdminRoute(.get, "/admin/keys/{name}") { request in .json { … } }
public struct AdminRoute: Sendable {
    public enum Method: String, Sendable { case get = "GET", post = "POST", patch = "PATCH" }

    public enum Access: Sendable {
        /// Anybody who reaches the listener: for what tells nothing.
        case open
        /// Whoever brings `admin.token`.
        case token
    }

    public typealias Handler = @Sendable (AdminRequest) async throws -> AdminAnswer

    let method: Method
    /// `{name}` stands for one part of the path.
    let path: String
    let access: Access
    /// Names of its query, each of which may stand there once; `nil`: it does not look at any.
    let query: [String]?
    let maximumBodyBytes: Int
    let handle: Handler

    /// - Parameters:
    ///   - query: another name in the query is refused with 400: a mistyped filter would tell too much.
    ///   - maximumBodyBytes: a longer body is refused with 413.
    public init(
        _ method: Method, _ path: String, access: Access = .token, query: [String]? = nil,
        maximumBodyBytes: Int = 65536, handle: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.query = query
        self.maximumBodyBytes = maximumBodyBytes
        self.handle = handle
    }

    /// What is wrong with the names of a query, where the route has one: a filter that is not known, or of which nobody
    /// knows which was meant.
    func complaint(aboutQuery names: [String]) -> String? {
        guard let query else { return nil }
        let known = query.isEmpty ? "nothing" : "some of \(query.joined(separator: ", "))"
        if let name = names.first(where: { !query.contains($0) }) {
            return "\(name.prefix(64)): is not known; expected \(known)"
        }
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted }.map { "\($0): stands twice" }
    }
}

/// One request to the admin listener, read whole.
public struct AdminRequest: Sendable {
    /// What stands in the path where the route has `{name}`, percent-decoded where it can be.
    public var parameters: [String: String]
    /// Percent-decoded.
    public var query: [String: String]
    /// The headers that routes may read: names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    /// A number of the query; `fallback` when it is not there, `nil` when it is none or out of range.
    public func number(_ name: String, fallback: Int, in range: ClosedRange<Int>) -> Int? {
        guard let text = query[name] else { return fallback }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}

/// What the admin listener answers.
public struct AdminAnswer: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Pieces that are asked for as fast as the client reads.
        case stream(any AsyncSequence<ByteBuffer, any Error> & Sendable)
    }

    public var status: Int
    public var contentType: String
    public var headers: [(name: String, value: String)] = []
    public var body: Body

    public init(status: Int = 200, contentType: String, body: Body) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    public static func json(status: Int = 200, _ bytes: [UInt8]) -> AdminAnswer {
        AdminAnswer(status: status, contentType: "application/json", body: .bytes(bytes))
    }

    /// - Parameter write: writes one JSON value.
    public static func json(status: Int = 200, _ write: (inout JSONWriter) -> Void) -> AdminAnswer {
        var writer = JSONWriter()
        write(&writer)
        return json(status: status, writer.output.array())
    }

    /// `{"error":{"message":"…"}}`
    public static func error(_ status: Int, _ message: String) -> AdminAnswer {
        json(status: status) { writer in
            writer.beginObject()
            writer.key("error")
            writer.beginObject()
            writer.key("message")
            writer.string(text: message)
            writer.endObject()
            writer.endObject()
        }
    }
}
