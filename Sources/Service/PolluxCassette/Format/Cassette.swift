public import PolluxJSON

/// One recorded exchange: what the client asked and read, and every call that was made for it upstream.
///
/// A cassette is one file of indented JSON, so that people can read it and compare two of them line by line.
///
///     {
///       "cassette": 1,                     the format
///       "time": "2026-11-29T19:36:00Z",    when the request had come whole
///       "request_id": "…",
///       "contents": "keep",                what became of contents: keep, hash or remove
///       "client": {
///         "request":  {"method", "path", "headers", "body": [piece, …]},
///         "response": {"status", "headers", "body": [piece, …]}
///       },
///       "calls": [
///         {"sent_ms", "request": {"method", "url", …}, "response": {"status", …, "body"}, "ending": "complete"}
///       ]
///     }
///
/// Bodies are lists of pieces, in their order and with the time at which they came; see ``Piece``.
public struct Cassette: Sendable, Equatable {
    public static let format = 1

    /// Of the first byte after the request was complete, in UTC: `2026-11-29T19:36:00.123Z`.
    public var time: String
    public var requestID: String
    public var contents: ContentPolicy
    public var client: Exchange
    public var calls: [Call]
    /// Bytes that were not recorded, because one exchange may have so many only.
    public var droppedBytes = 0

    /// One request and its answer.
    public struct Exchange: Sendable, Equatable {
        public var request: Request
        public var response: Response?
    }

    public struct Request: Sendable, Equatable {
        public var method: String
        /// The client's: path and query. Upstream: the whole address. Keys in it are left out.
        public var url: String
        public var headers: [Header]
        public var body: [Piece]
    }

    public struct Response: Sendable, Equatable {
        public var status: Int
        public var headers: [Header]
        public var body: [Piece]
    }

    public struct Header: Sendable, Equatable {
        /// In lower case.
        public var name: String
        public var value: String
    }

    /// One upstream call.
    public struct Call: Sendable, Equatable {
        /// When it was sent, in milliseconds since the client's request was complete.
        public var sentMilliseconds: Double
        public var request: Request
        public var response: Response?
        public var ending: Ending
    }

    public enum Ending: String, Sendable {
        case complete
        /// The connection broke, or could not be made.
        case broken
        /// The gateway gave it up: the client had left, another call was faster, or time was over.
        case cancelled
    }

    /// A part of a body.
    ///
    ///     {"ms": 341.2, "json": {…}}                     a whole body that is JSON
    ///     {"ms": 341.2, "data": {…}, "line_end": "crlf"} one server-sent event with JSON in it
    ///     {"ms": 341.2, "text": "…"}                     bytes that are UTF-8, as they came
    ///     {"ms": 341.2, "base64": "…"}                   bytes that are none
    public struct Piece: Sendable, Equatable {
        public var milliseconds: Double?
        public var content: Content

        public enum Content: Sendable, Equatable {
            case json(JSONValue)
            case event(JSONValue, lineEnd: LineEnd)
            case text(String)
            case bytes([UInt8])
        }

        public enum LineEnd: String, Sendable {
            case lf
            case crlf

            var text: String { self == .lf ? "\n" : "\r\n" }
        }

        /// The piece as it travels. JSON is compact, whatever white space it had.
        public var wire: [UInt8] {
            switch content {
            case .json(let value): value.bytes
            case .event(let value, let lineEnd):
                Array("data: ".utf8) + value.bytes + Array((lineEnd.text + lineEnd.text).utf8)
            case .text(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            }
        }
    }
}
