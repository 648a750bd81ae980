import PolluxJSON
import Testing

/// Parses `text`, hands the document to `body`.
func reading<Result>(
    _ text: String, limits: JSONLimits = JSONLimits(), _ body: (borrowing JSONDocument) throws -> Result
) throws -> Result {
    try reading(Array(text.utf8), limits: limits, body)
}

func reading<Result>(
    _ bytes: [UInt8], limits: JSONLimits = JSONLimits(), _ body: (borrowing JSONDocument) throws -> Result
) throws -> Result {
    var tape = JSONTape()
    try tape.parse(bytes.span, limits: limits)
    return try body(tape.document(of: bytes.span))
}

@Suite("JSON: reading")
struct JSONTapeTests {
    @Test(
        "A value can be copied out compact, with its digits and its order",
        arguments: [
            #"{"b":1.10,"a":[true,false,null,{"x":9007199254740993}],"c":"é\n/\\"}"#,
            #"[]"#, #"{}"#, #""text""#, #"-0.5e+10"#, #"[[[]],{}]"#, #"{"":""}"#,
        ])
    func copies(text: String) throws {
        let spaced = text.replacing(",", with: " ,\n\t").replacing(":", with: " : ")
        for source in [text, text.contains("\"c\"") ? text : spaced] {
            let copy = try reading(source) { json in
                var writer = JSONWriter()
                writer.copy(.root, of: json)
                return String(copying: writer.output.span)
            }
            #expect(copy == text)
        }
    }

    @Test("Members are found by name, the last of several counts, null is a value", arguments: [0])
    func members(_: Int) throws {
        try reading(#"{"a":1,"b":null,"a":2,"\u0063":3}"#) { json in
            #expect(json.member("a", of: .root).flatMap { json.integer($0) } == 2)
            #expect(json.member("b", of: .root) != nil)
            #expect(json.value("b", of: .root) == nil)
            #expect(json.member("c", of: .root).flatMap { json.integer($0) } == 3)
            #expect(json.member("d", of: .root) == nil)
            #expect(json.count(.root) == 4)
        }
    }

    @Test("Needless escapes do not survive a copy (GEN-004)")
    func needlessEscapes() throws {
        let copy = try reading(#"{"\u0061\/":"\u0141\/\u000a\u0022\ud83d\ude00\t"}"#) { json in
            var writer = JSONWriter()
            writer.spliceThreshold = 1
            writer.copy(.root, of: json)
            return String(copying: writer.output.span)
        }
        #expect(copy == #"{"a/":"Ł/\n\"😀\t"}"#)
    }

    @Test("Escapes are resolved only when text is asked for")
    func text() throws {
        try reading(#""a\"b\\c\/\b\f\n\r\t\u00e9\ud83d\ude00""#) { json in
            #expect(json.string(.root) == "a\"b\\c/\u{08}\u{0C}\n\r\té😀")
            let isPlain = json.isPlain(.root)
            #expect(!isPlain)
        }
    }

    @Test("A text is handed on as it stands or with its escapes resolved, also a part of it")
    func lentText() throws {
        try reading(#"["data:a/b,cde","data:a\/b,c\u0064e"]"#) { json in
            var elements = json.elements(.root)
            while let node = elements.next(in: json) {
                let whole = json.withText(node) { String(copying: $0) }
                #expect(whole == "data:a/b,cde")
                let comma = json.range(node).first { json.bytes[$0] == UInt8(ascii: ",") } ?? 0
                let rest = comma + 1..<json.range(node).upperBound
                let part = json.withText(in: rest, of: node) { String(copying: $0) }
                #expect(part == "cde")
            }
        }
    }

    @Test("Strings mean the same when their characters are, however these are written or look")
    func sameness() throws {
        try reading(#"["\u00e9","é","e\u0301"]"#) { json in
            var elements = json.elements(.root)
            let first = elements.next(in: json) ?? .root
            let second = elements.next(in: json) ?? .root
            let composed = elements.next(in: json) ?? .root
            let same = [json.areEqual(first, second), json.stringEquals(first, "\u{e9}")]
            let other = [
                json.areEqual(second, composed), json.stringEquals(composed, "\u{e9}"), json.areEqual(.root, .root),
            ]
            #expect(same == [true, true])
            #expect(other == [false, false, false])
        }
    }

    @Test("A byte order mark in front is skipped (GEN-001)")
    func byteOrderMark() throws {
        #expect(try reading([0xEF, 0xBB, 0xBF] + Array(#"{"a":1}"#.utf8)) { $0.isObject(.root) })
    }

    @Test(
        "What is not JSON is refused with a reason",
        arguments: [
            ("", JSONError.Reason.unexpectedEnd), ("{", .unexpectedEnd), ("[1,", .unexpectedEnd),
            ("[1,]", .unexpectedByte),
            ("{\"a\"}", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte),
            ("01", .invalidNumber),
            ("1.", .invalidNumber), ("1e", .invalidNumber), ("-", .unexpectedEnd), ("+1", .unexpectedByte),
            ("NaN", .unexpectedByte), ("tru", .unexpectedEnd), ("trux", .unexpectedByte), ("\"a", .unexpectedEnd),
            ("\"\u{01}\"", .controlCharacter), ("\"\\x\"", .invalidEscape), ("\"\\u12g4\"", .invalidEscape),
            ("\"\\ud83d\"", .loneSurrogate), ("\"\\udc00\"", .loneSurrogate), ("1 2", .bytesBehindValue),
            ("{}}", .bytesBehindValue), ("[1}", .unexpectedByte), (#""a","b""#, .bytesBehindValue),
            (#"["a":"b"]"#, .unexpectedByte), (#"{"a","b"}"#, .unexpectedByte), (#"{"a": "b":"c"}"#, .unexpectedByte),
            (#"{"a":"b","c"}"#, .unexpectedByte), (#"{"a":"b",["c"]}"#, .unexpectedByte),
            (#"{{"a":1}}"#, .unexpectedByte),
            (#"{"a":"b""#, .unexpectedEnd), (#"{"a": ""#, .unexpectedEnd), (#"{"a":"b",""#, .unexpectedEnd),
        ])
    func refuses(text: String, reason: JSONError.Reason) {
        #expect(throws: JSONError.self) { try reading(text) { _ in } }
        do {
            try reading(text) { _ in }
        } catch let error as JSONError {
            #expect(error.reason == reason)
        } catch {}
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        for padding in 0..<10 {
            let text =
                [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "a"), count: padding) + bytes + Array("\"".utf8)
            #expect(throws: JSONError.self) { try reading(text) { _ in } }
        }
    }

    @Test("Depth and number of values are limited")
    func limits() {
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        #expect(throws: JSONError(.tooDeep, at: 512)) { try reading(deep) { _ in } }
        #expect(throws: JSONError(.tooManyValues, at: 5)) {
            try reading("[1,2,3]", limits: JSONLimits(maximumValues: 3)) { _ in }
        }
    }

    @Test("An object without white space is known as such, however its strings follow each other")
    func compactness() throws {
        for (text, isCompact) in [
            (#"{"a":"b","c":"d"}"#, true), (#"{"a": "b","c":"d"}"#, false), (#"{"a":"b", "c":"d"}"#, false),
            (#"{"a":["b","c"],"d":{"e":"f"}}"#, true), (#"{"a":["b", "c"],"d":{"e":"f"}}"#, false),
        ] {
            try reading(text) { json in
                let found = json.isCompact(.root)
                #expect(found == isCompact, "\(text)")
            }
        }
    }

    @Test("A name is made of letters, digits and four marks, wherever it stands")
    func names() {
        for byte in UInt8.min...UInt8.max {
            let isPart = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-".utf8.contains(byte)
            for length in [1, 7, 15, 16, 17, 40] {
                for place in [0, length / 2, length - 1] {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    text[place] = byte
                    #expect(text.span.isName(0..<length) == isPart)
                    // What stands around it does not count.
                    let inside = [0, 0x20] + text + [0x22, 0xFF]
                    #expect(inside.span.isName(2..<2 + length) == isPart)
                }
            }
        }
    }

    @Test("Special bytes are found at every place of a word")
    func scanning() throws {
        for length in 0..<140 {
            for place in 0...length {
                let text = String(repeating: "a", count: place) + "é\\n" + String(repeating: "b", count: length - place)
                #expect(try reading("\"\(text)\"") { $0.string(.root) } == text.replacing("\\n", with: "\n"))
            }
        }
    }

    @Test(
        "Numbers are read as what they are",
        arguments: [
            ("7", 7, 7.0), ("-3", -3, -3), ("24576.0", 24576, 24576), ("1e3", 1000, 1000), ("0.25", nil, 0.25),
            ("9223372036854775807", Int.max, 9.223372036854775807e18),
            ("9223372036854775808", nil, 9.223372036854775808e18),
            ("-9223372036854775808", Int.min, -9.223372036854775808e18), ("1e400", nil, Double.infinity),
        ] as [(String, Int?, Double)])
    func numbers(text: String, integer: Int?, double: Double) throws {
        try reading(text) { json in
            #expect(json.integer(.root) == integer)
            #expect(json.double(.root) == double)
        }
    }

    @Test("Truncated and damaged documents are refused or read, never more")
    func damage() {
        let text = Array(#"{"a":[1,2.5e3,"é\u00e9😀",{"b":null}],"c":true}"#.utf8)
        for end in 0..<text.count {
            #expect(throws: JSONError.self) { try reading(Array(text[..<end])) { _ in } }
        }
        for place in text.indices {
            for byte in [0x00, 0x22, 0x5C, 0x7B, 0x7D, 0x5B, 0x80, 0xFF] as [UInt8] {
                var damaged = text
                damaged[place] = byte
                _ = try? reading(damaged) { json in
                    var writer = JSONWriter()
                    writer.copy(.root, of: json)
                    return writer.totalCount
                }
            }
        }
    }
}

@Suite("JSON: writing")
struct JSONWriterTests {
    @Test("Commas come by themselves, and text is escaped where it must be")
    func writes() {
        var writer = JSONWriter(minimumCapacity: 1)
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(-12)
        writer.integer(0)
        writer.null()
        writer.boolean(true)
        writer.string(text: "q\" b\\ /\n\u{01}é😀")
        writer.endArray()
        writer.key("b")
        writer.beginObject()
        writer.endObject()
        writer.key("c")
        writer.string("")
        writer.endObject()
        #expect(
            String(copying: writer.output.span)
                == #"{"a":[-12,0,null,true,"q\" b\\ /\n\u0001é😀"],"b":{},"c":""}"#
        )
    }

    @Test("A value becomes the text of a string (TOOL-042)")
    func jsonText() throws {
        let text = try reading(#"{ "city" : "Ł\"/" , "n" : [ 1.10 , {} ] }"#) { json in
            var writer = JSONWriter()
            writer.beginString()
            writer.fragment(jsonText: .root, of: json)
            writer.endString()
            return String(copying: writer.output.span)
        }
        #expect(text == #""{\"city\":\"Ł\\\"/\",\"n\":[1.10,{}]}""#)
        #expect(try reading(text) { $0.string(.root) } == #"{"city":"Ł\"/","n":[1.10,{}]}"#)
    }

    @Test("Long strings are spliced, short ones copied")
    func splices() throws {
        let long = String(repeating: "x", count: 100)
        try reading("[\"short\",\"\(long)\"]") { json in
            var writer = JSONWriter()
            writer.spliceThreshold = 50
            writer.copy(.root, of: json)
            #expect(String(copying: writer.output.span) == "[\"short\",\"\"]")
            #expect(writer.splices.map(\.position) == [10])
            #expect(writer.splices.map(\.source) == [10..<110])
            #expect(writer.totalCount == 112)
        }
    }
}
