internal import PolluxJSON

/// Writes a call's arguments as JSON text while they arrive by paths (STREAM-034, 04 § 3.1).
///
///     $.location  "Boston, MA"   {"location":"Boston, MA
///     $.unit      "celsius"      ","unit":"celsius
///     (end)                      "}
struct PartialArguments: Sendable {
    private enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    /// An open object or array, and how many members it has.
    private struct Container: Sendable {
        var isArray: Bool
        var count = 0
        /// The step below it that is open.
        var step: Step?
    }

    /// The call's place in the choice.
    let index: Int
    private var open: [Container] = []
    /// The path of the string that is being written.
    private var openString: [Step]?
    private var isClosed = false
    /// Every member that was begun: what is not open any more cannot be written again.
    private var begun: Set<[Step]> = []

    init(index: Int) { self.index = index }

    /// Writes the fragments of one event.
    mutating func write(_ fragments: JSONNode, of json: borrowing JSONDocument, into text: inout [UInt8]) {
        var elements = json.elements(fragments)
        while let fragment = elements.next(in: json) {
            guard let node = json.value("jsonPath", of: fragment), let path = Self.steps(json.string(node)),
                !path.isEmpty
            else { continue }
            write(fragment, at: path, of: json, into: &text)
        }
    }

    /// Closes everything; `{}` when nothing was ever written.
    mutating func end(into text: inout [UInt8]) {
        if isClosed { return }
        isClosed = true
        closeString(into: &text)
        if open.isEmpty { return text += Array("{}".utf8) }
        while let container = open.popLast() { text.append(UInt8(ascii: container.isArray ? "]" : "}")) }
    }

    private mutating func write(
        _ fragment: JSONNode, at path: [Step], of json: borrowing JSONDocument, into text: inout [UInt8]
    ) {
        let willContinue = json.value("willContinue", of: fragment).flatMap { json.boolean($0) } ?? false
        if let string = json.value("stringValue", of: fragment), json.isString(string) {
            if openString != path {
                guard begin(path, into: &text) else { return }
                text.append(UInt8(ascii: "\""))
                openString = path
            }
            var piece = JSONWriter(minimumCapacity: 64)
            piece.fragment(copying: string, of: json)
            text += piece.output.array()
            if !willContinue { closeString(into: &text) }
            return
        }
        if openString == path {
            if !willContinue { closeString(into: &text) }
            return
        }
        let value =
            json.value("numberValue", of: fragment) ?? json.value("boolValue", of: fragment)
            ?? json.member("nullValue", of: fragment)
        guard let value, begin(path, into: &text) else { return }
        text +=
            json.isNumber(value) || json.boolean(value) != nil ? Array(copying: json.raw(value)) : Array("null".utf8)
    }

    private mutating func closeString(into text: inout [UInt8]) {
        guard openString != nil else { return }
        openString = nil
        text.append(UInt8(ascii: "\""))
    }

    /// Closes what is not shared with `path`, opens what is missing, and writes the last key.
    ///
    /// - Returns: `false` when the path leads into a container that was closed already, or is of another kind.
    private mutating func begin(_ path: [Step], into text: inout [UInt8]) -> Bool {
        var shared = 0
        while shared < open.count - 1, shared < path.count - 1, open[shared].step == path[shared] { shared += 1 }
        guard !begun.contains(Array(path[...shared])), shared >= open.count || fits(path[shared], open[shared]) else {
            return false
        }
        for depth in shared..<path.count { begun.insert(Array(path[...depth])) }
        closeString(into: &text)
        if open.count > shared + 1 {
            for _ in shared + 1..<open.count {
                if let container = open.popLast() { text.append(UInt8(ascii: container.isArray ? "]" : "}")) }
            }
        }
        for depth in shared..<path.count {
            if depth >= open.count {
                let isArray = if case .index = path[depth] { true } else { false }
                open.append(Container(isArray: isArray))
                text.append(UInt8(ascii: isArray ? "[" : "{"))
            }
            if open[depth].count > 0 { text.append(UInt8(ascii: ",")) }
            open[depth].count += 1
            open[depth].step = path[depth]
            if case .key(let key) = path[depth] {
                var name = JSONWriter(minimumCapacity: 64)
                name.string(text: key)
                text += name.output.array()
                text.append(UInt8(ascii: ":"))
            }
        }
        return true
    }

    /// Whether a step leads into this kind of container.
    private func fits(_ step: Step, _ container: Container) -> Bool {
        switch step {
        case .key: !container.isArray
        case .index: container.isArray
        }
    }

    /// The steps of `$.a['b']["c"][0]` (RFC 9535).
    ///
    /// - Returns: `nil` for anything else.
    private static func steps(_ path: String) -> [Step]? {
        var rest = Substring.UnicodeScalarView(path.unicodeScalars)
        guard rest.popFirst() == "$" else { return nil }
        var steps: [Step] = []
        while let first = rest.popFirst() {
            switch first {
            case ".":
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(.key(String(name)))
                rest = rest.dropFirst(name.count)
            case "[":
                if let quote = rest.first, quote == "'" || quote == "\"" {
                    rest = rest.dropFirst()
                    guard let name = quotedName(&rest, until: quote) else { return nil }
                    steps.append(.key(name))
                } else {
                    let digits = rest.prefix { ("0"..."9").contains($0) }
                    guard let index = Int(String(digits)) else { return nil }
                    steps.append(.index(index))
                    rest = rest.dropFirst(digits.count)
                }
                guard rest.popFirst() == "]" else { return nil }
            default: return nil
            }
        }
        return steps
    }

    /// Reads to the closing quote; the escapes are those of a JSON string, and the quote's own.
    private static func quotedName(_ rest: inout Substring.UnicodeScalarView, until quote: Unicode.Scalar) -> String? {
        var json = "\""
        while let scalar = rest.popFirst() {
            switch scalar {
            case quote:
                let bytes = Array((json + "\"").utf8)
                var tape = JSONTape()
                guard (try? tape.parse(bytes.span)) != nil else { return nil }  // No such escape.
                return tape.document(of: bytes.span).string(.root)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                if escaped != "'" { json.unicodeScalars.append(scalar) }
                json.unicodeScalars.append(escaped)
            case "\"": json += "\\\""
            default: json.unicodeScalars.append(scalar)
            }
        }
        return nil
    }
}
