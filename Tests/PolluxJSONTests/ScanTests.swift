import PolluxJSON
import Testing

/// Long texts are passed over in wide steps: what is found must not depend on where a step ends.
@Suite("JSON: long texts")
struct ScanTests {
    private static let pieces: [String] = [
        "a", "plain text and more of it ", "é", "日本語", "🌍", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}",
        "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "\\n", "\\\"", "\\u00e9", "\\/",
    ]

    /// Numbers as good as random, the same in each run.
    private struct Numbers {
        var state: UInt64 = 1

        mutating func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    @Test("What is UTF-8 is read, what is not is refused at its place (GEN-001)")
    func damagedText() throws {
        var numbers = Numbers()
        let damage: [UInt8] = [
            0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC3, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<4000 {
            var text = ""
            for _ in 0..<numbers.next(below: 60) { text += Self.pieces[numbers.next(below: 12)] }
            var bytes = Array("\"\(text)\"".utf8)
            if bytes.count > 2, numbers.next(below: 2) == 0 {
                bytes[1 + numbers.next(below: bytes.count - 2)] = damage[numbers.next(below: damage.count)]
            }
            let fault = Self.firstFault(bytes)
            do {
                let found = try reading(bytes) { $0.string(.root) }
                #expect(fault == nil)
                #expect(Array(found.utf8) == Array(bytes[1..<bytes.count - 1]))
            } catch let error as JSONError {
                #expect(error == JSONError(.invalidUTF8, at: fault ?? -1))
            }
        }
    }

    /// Where the first character stands that Swift's own decoder refuses.
    private static func firstFault(_ bytes: [UInt8]) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var at = 0
        while at < bytes.count {
            let length = (1...4).first { length in
                at + length <= bytes.count && String(validating: bytes[at..<at + length], as: UTF8.self) != nil
            }
            guard let length else { return at }
            at += length
        }
        return nil
    }

    @Test("Quotes, escapes and control characters are found at every place of a long text")
    func specialBytes() throws {
        for filling in ["x", "é", "語"] {
            for length in stride(from: 0, through: 300, by: 7) {
                let front = String(repeating: filling, count: length)
                for (special, meaning) in [("\\n", "\n"), ("\\u0041", "A"), ("\\\"", "\"")] {
                    let text = "[\"\(front)\(special)\(front)\",\"\(front)\"]"
                    let expected = [front + meaning + front, front]
                    let found = try reading(text) { json in
                        var elements = json.elements(.root)
                        var strings: [String] = []
                        while let element = elements.next(in: json) { strings.append(json.string(element)) }
                        return strings
                    }
                    #expect(found == expected)
                }
                let offset = 1 + front.utf8.count
                #expect(throws: JSONError(.controlCharacter, at: offset)) {
                    try reading("\"\(front)\u{1F}\(front)\"") { _ in }
                }
                #expect(throws: JSONError(.unexpectedEnd, at: offset)) { try reading("\"\(front)") { _ in } }
            }
        }
    }

    @Test("An escape is read the same wherever a step ends, and a wrong one refused at its place")
    func escapes() throws {
        let others: [(text: String, meaning: String)] = [
            ("\\u00e9", "é"), ("\\uD83C\\uDF0D", "🌍"), ("\\/", "/"), ("é", "é"), ("🌍", "🌍"), ("", ""),
        ]
        let behind = String(repeating: "y", count: 70)
        for length in 0...210 {
            let front = String(repeating: "x", count: length)
            for pairs in 0...4 {
                let row = String(repeating: "\\\\", count: pairs)  // Each means one backslash.
                for other in others {
                    let text = "[\"\(front)\(row)\\\"\(other.text)\(row)\(behind)\",\"\(row)\\n\"]"
                    let meaning = String(repeating: "\\", count: pairs)
                    let found = try reading(text) { json in
                        var elements = json.elements(.root)
                        var strings: [String] = []
                        while let element = elements.next(in: json) { strings.append(json.string(element)) }
                        return strings
                    }
                    #expect(found == [front + meaning + "\"" + other.meaning + meaning + behind, meaning + "\n"])
                }
                for wrong in ["\\x", "\\\u{1F}", "\\é", "\\0"] {
                    #expect(throws: JSONError(.invalidEscape, at: 1 + length + 2 * pairs)) {
                        try reading("\"\(front)\(row)\(wrong)\(behind)\"") { _ in }
                    }
                }
                #expect(throws: JSONError(.unexpectedEnd, at: 3 + length + 2 * pairs)) {
                    try reading("\"\(front)\(row)\\\"") { _ in }
                }
            }
        }
    }

    @Test("A string has escapes or has none, whatever stands beside it")
    func plainness() throws {
        var numbers = Numbers()
        for _ in 0..<2000 {
            let strings = (0..<1 + numbers.next(below: 8)).map { _ in
                (0..<numbers.next(below: 30)).map { _ in Self.pieces[numbers.next(below: 16)] }.joined()
            }
            let text = "[" + strings.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
            let plain = try reading(text) { json in
                var elements = json.elements(.root)
                var plain: [Bool] = []
                while let element = elements.next(in: json) { plain.append(json.isPlain(element)) }
                return plain
            }
            #expect(plain == strings.map { !$0.contains("\\") })
        }
    }

    @Test("A value is copied the same however it is written")
    func copies() throws {
        var numbers = Numbers()
        for _ in 0..<500 {
            var strings: [String] = []
            for _ in 0..<numbers.next(below: 12) {
                strings.append((0..<numbers.next(below: 20)).map { _ in Self.pieces[numbers.next(below: 14)] }.joined())
            }
            let compact = "{" + strings.enumerated().map { "\"k\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
            let spaced = "{ " + strings.enumerated().map { "\"k\($0)\" :\t\"\($1)\"" }.joined(separator: " ,\n") + " }"
            for source in [compact, spaced] {
                let copy = try reading(source) { json in
                    var writer = JSONWriter(minimumCapacity: 0)
                    writer.copy(.root, of: json)
                    return String(copying: writer.output.span)
                }
                #expect(copy == compact)
            }
        }
    }
}

@Suite("JSON: arrays that come again")
struct KnownArrayTests {
    private static let tools = #"[{"name":"a","of":[1,2.50,{"x":null}]},{ "name" : "b\/" }]"#

    /// The copy of the document, and of each element of its tools, read with what is known.
    private func read(_ text: String, knowing known: KnownArrays) throws -> [String] {
        let bytes = Array(text.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span, knowing: known)
        let json = tape.document(of: bytes.span)
        var nodes = [JSONNode.root]
        if let tools = json.member("tools", of: .root) {
            var elements = json.elements(tools)
            while let element = elements.next(in: json) { nodes.append(element) }
        }
        return nodes.map { node in
            var writer = JSONWriter()
            writer.copy(node, of: json)
            return String(copying: writer.output.span)
        }
    }

    private func knowing(_ text: String) throws -> KnownArrays {
        let known = KnownArrays()
        try reading(text) { json in
            if let tools = json.member("tools", of: .root) { known.insert(tools, of: json) }
        }
        return known
    }

    @Test(
        "A document with a known array is read as if it were not known",
        arguments: [
            #"{"tools":TOOLS}"#, #"{"a":"é","tools":TOOLS,"b":[1,{"c":2}]}"#, #"{"b":{},"tools": TOOLS , "z":"y"}"#,
            #"{"other":TOOLS,"tools":[TOOLS]}"#, #"{"tools":[{"name":"a"}]}"#, #"{"tools":[]}"#,
        ])
    func sameReading(pattern: String) throws {
        let text = pattern.replacing("TOOLS", with: Self.tools)
        let known = try knowing(#"{"front":"longer than there","tools":\#(Self.tools)}"#)
        #expect(known.count == 1)
        #expect(try read(text, knowing: known) == read(text, knowing: KnownArrays()))
    }

    @Test("What stands behind a known array is checked, and so are the limits")
    func refusals() throws {
        let known = try knowing(#"{"tools":[1,[2]]}"#)
        for text in [#"{"tools":[1,[2]]"#, #"{"tools":[1,[2]]]}"#, #"{"tools":[1,[2]],}"#, #"{"tools":[1,[2]] "a":1}"#]
        {
            #expect(throws: JSONError.self) { try read(text, knowing: known) }
        }
        let narrow = KnownArrays(limits: JSONLimits(maximumValues: 6))
        try reading(#"{"tools":[1,2,3]}"#) { json in
            if let tools = json.member("tools", of: .root) { narrow.insert(tools, of: json) }
        }
        _ = try read(#"{"tools":[1,2,3]}"#, knowing: narrow)
        #expect(throws: JSONError(.tooManyValues, at: 18)) { try read(#"{"a":1,"tools":[1,2,3]}"#, knowing: narrow) }
    }

    @Test("Of too many the one not seen for the longest goes; what is too long is not kept")
    func limits() throws {
        let known = KnownArrays()
        for index in 0..<KnownArrays.maximumCount + 4 {
            try reading("{\"tools\":[\(index)]}") { json in
                if let tools = json.member("tools", of: .root) { known.insert(tools, of: json) }
            }
        }
        #expect(known.count == KnownArrays.maximumCount)
        let long = "{\"tools\":[\"" + String(repeating: "x", count: KnownArrays.maximumBytes) + "\"]}"
        #expect(try knowing(long).count == 0)
        let many = "{\"tools\":[" + String(repeating: "1,", count: KnownArrays.maximumValues) + "1]}"
        #expect(try knowing(many).count == 0)
    }
}
