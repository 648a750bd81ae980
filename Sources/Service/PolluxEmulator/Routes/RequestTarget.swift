/// Path and query of a request line.
struct RequestTarget: Sendable {
    /// The path's segments, with percent escapes resolved.
    var segments: [String]
    private var query: [(name: String, value: String)]

    /// - Parameter isForm: in a form's body, a plus sign is a space.
    init(_ uri: String, isForm: Bool = false) {
        let halves = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = (halves.first ?? "").split(separator: "/").map { Self.decoded($0) }
        query = []
        guard halves.count == 2 else { return }
        for pair in halves[1].split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count == 2 ? sides[1] : ""
            query.append((Self.decoded(sides[0]), Self.decoded(isForm ? value.spaced : value)))
        }
    }

    /// The value of the first query parameter with this name, with or without Google's leading `$`.
    func parameter(_ name: String) -> String? {
        query.first { $0.name == name || $0.name == "$" + name }?.value
    }

    private static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var at = 0
        while at < source.count {
            if source[at] == UInt8(ascii: "%"), at + 2 < source.count, let high = digit(source[at + 1]),
                let low = digit(source[at + 2])
            {
                bytes.append(high << 4 | low)
                at += 3
            } else {
                bytes.append(source[at])
                at += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Path and query without credentials, as the request log shows them.
    var shown: String {
        let path = "/" + segments.joined(separator: "/")
        let shown = query.filter { !["key", "access_token"].contains($0.name) }
        guard !shown.isEmpty else { return path }
        return path + "?" + shown.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Substring {
    fileprivate var spaced: Substring {
        utf8.contains(UInt8(ascii: "+")) ? Substring(map { $0 == "+" ? " " : $0 }) : self
    }
}
