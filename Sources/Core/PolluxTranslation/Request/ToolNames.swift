internal import PolluxJSON

/// The names of the request's functions: which are declared, and which had to be renamed.
///
/// Gemini wants a letter or `_` first, then letters, digits and `_ . : -`, at most 128 (TOOL-002). A name
/// outside that is sent under another one and gets its own back in the answer; no two share one.
public struct ToolNames: Sendable, Equatable {
    static let maximumLength = 128

    private var names = Boxed<Names>()

    public init() {}

    public var isEmpty: Bool { names.read { $0.ends.isEmpty } ?? true }

    /// Notes a declared function; `false` when the name was there before (TOOL-013).
    mutating func declare(_ name: JSONNode, of json: borrowing JSONDocument) -> Bool {
        let text = json.text(name)
        return names.change(from: Names()) { $0.declare(text.span) }
    }

    mutating func declareCustom(_ name: String) { names.change(from: Names()) { $0.custom.append(name) } }

    public func contains(_ name: String) -> Bool { names.read { $0.contains(name.utf8Span.span) } ?? false }

    public func isCustom(_ name: String) -> Bool { names.read { $0.custom.contains(name) } ?? false }

    /// The name under which Gemini knows the function.
    mutating func sent(_ name: String) -> String {
        if Self.isAccepted(name) { return name }
        if let known = names.read({ $0.sent[name] }) ?? nil { return known }
        return names.change(from: Names()) { $0.rename(name) }
    }

    /// The client's own name for a function that Gemini called (TOOL-002, TOOL-044, TOOL-045).
    public func original(_ sent: String) -> String { names.read { $0.original(sent) } ?? sent }

    static func isAccepted(_ name: String) -> Bool {
        let name = name.utf8Span.span
        return isAccepted(name, 0..<name.count)
    }

    /// Whether the part of `bytes` is a name that Gemini takes.
    static func isAccepted(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        !range.isEmpty && isLetter(bytes[range.lowerBound]) && range.count <= maximumLength && bytes.isName(range)
    }

    fileprivate static func accepted(_ name: String) -> String {
        var bytes = name.unicodeScalars.map { scalar in
            scalar.isASCII && isNameByte(UInt8(scalar.value)) ? UInt8(scalar.value) : UInt8(ascii: "_")
        }
        if let first = bytes.first, !isLetter(first) { bytes.insert(UInt8(ascii: "_"), at: 0) }
        if bytes.isEmpty { bytes = [UInt8(ascii: "_")] }
        return String(decoding: bytes.prefix(maximumLength), as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let word = UInt64(truncatingIfNeeded: byte & 63)
        return byte < 64 ? low &>> word & 1 != 0 : byte < 128 && high &>> word & 1 != 0
    }

    /// A bit for each byte that may stand in a name, those below 64 and those from there on: `- . 0…9 :` and
    /// `A…Z _ a…z`.
    private static var low: UInt64 { 0x07FF_6000_0000_0000 }
    private static var high: UInt64 { 0x07FF_FFFE_87FF_FFFE }
}

/// Both kinds of names, and the way from one to the other.
private struct Names: Sendable, Equatable {
    /// So many declared names are looked through one by one; more are found by their text, so that no number of them
    /// takes long.
    private static let maximumScanned = 64

    /// The declared names behind each other, and where each ends.
    private var declared: [UInt8] = []
    private(set) var ends: [Int] = []
    /// The same, where there are many.
    private var many: Set<String> = []
    /// Renamed functions by both of their names.
    private(set) var sent: [String: String] = [:]
    private var originals: [String: String] = [:]
    /// The number behind the last name that was made of the same letters.
    private var counts: [String: Int] = [:]
    /// Names of `type: "custom"` tools (TOOL-007).
    var custom: [String] = []

    mutating func declare(_ name: Span<UInt8>) -> Bool {
        if contains(name) { return false }
        declared.append(copying: name)
        ends.append(declared.count)
        if ends.count == Self.maximumScanned + 1 {
            var start = 0
            for end in ends {
                many.insert(String(copying: declared.span.extracting(start..<end)))
                start = end
            }
        } else if ends.count > Self.maximumScanned {
            many.insert(String(copying: name))
        }
        return true
    }

    func contains(_ name: Span<UInt8>) -> Bool {
        if !many.isEmpty { return many.contains(String(copying: name)) }
        let names = declared.span
        var start = 0
        for end in ends {
            if end - start == name.count, names.extracting(start..<end).equals(name) { return true }
            start = end
        }
        return false
    }

    mutating func rename(_ name: String) -> String {
        let candidate = ToolNames.accepted(name)
        var unique = candidate
        var count = counts[candidate] ?? 1
        while contains(unique.utf8Span.span) || originals[unique] != nil {
            count += 1
            let suffix = "_\(count)"
            unique = String(candidate.prefix(ToolNames.maximumLength - max(4, suffix.utf8.count))) + suffix
        }
        counts[candidate] = count
        sent[name] = unique
        originals[unique] = name
        return unique
    }

    func original(_ sent: String) -> String {
        if let known = originals[sent] { return known }
        if ends.isEmpty || contains(sent.utf8Span.span) { return sent }
        for prefix in ["default_api:", "default_api."] where sent.hasPrefix(prefix) {
            let name = String(sent.dropFirst(prefix.count))
            if let known = originals[name] { return known }
            if contains(name.utf8Span.span) { return name }
        }
        return sent
    }
}
