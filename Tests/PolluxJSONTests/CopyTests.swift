import PolluxJSON
import Testing

@Suite("JSON: copies")
struct CopyTests {
    /// What a writer makes of the document.
    private func copied(_ text: String, _ copy: (inout JSONWriter, JSONDocument) -> Void) throws -> String {
        let bytes = Array(text.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        var writer = JSONWriter()
        copy(&writer, tape.document(of: bytes.span))
        return String(copying: writer.output.span)
    }

    @Test(
        "White space and needless escapes go, all else stays (GEN-004, GEN-005)",
        arguments: [
            (#"{"a":[1,2.50,{"b":null}],"c":"x"}"#, #"{"a":[1,2.50,{"b":null}],"c":"x"}"#),
            (" { \"a\" : [ 1 ,\n\t2.50 , { } , [ ] ] ,\r\n\"c\":\"x y\" } ", #"{"a":[1,2.50,{},[]],"c":"x y"}"#),
            (#"{"\u0061\/":"\u00e9\ud83c\udf0d","b":["\u0022\u005c\u001f\n"]}"#, #"{"a/":"é🌍","b":["\"\\\u001f\n"]}"#),
            (#"{"a": {"b": "\/"}, "c": {"d":1}}"#, #"{"a":{"b":"/"},"c":{"d":1}}"#),
            (#"[[],[ ],{},{ }]"#, "[[],[],{},{}]"), ("true", "true"), (" -0.10e+5 ", "-0.10e+5"),
        ]
    )
    func compact(source: String, expected: String) throws {
        #expect(try copied(source) { writer, json in writer.copy(.root, of: json) } == expected)
        let text = try copied(source) { writer, json in
            writer.beginString()
            writer.fragment(jsonText: .root, of: json)
            writer.endString()
        }
        var tape = JSONTape()
        try tape.parse(Array(text.utf8).span)
        let bytes = Array(text.utf8)
        let inner = tape.document(of: bytes.span).string(.root)
        #expect(inner == expected)
    }

    @Test("Whole numbers are written with all their digits")
    func numbers() {
        var numbers = [0, -1, .max, .min, 1005, 100_500]
        var power = 1
        for _ in 0..<18 {
            power *= 10
            numbers += [power - 1, power, power + 1, -power, power * 9 / 7]
        }
        for number in numbers {
            var output = ByteOutput(minimumCapacity: 0)
            output.append(number)
            #expect(String(copying: output.span) == String(number))
        }
    }

    @Test(
        "Of members with the same name the last is copied, at every depth",
        arguments: [
            (#"{"a":1,"b":2,"a":3}"#, #"{"b":2,"a":3}"#),
            (#"{"a":{"x":1,"x":2},"b":[{"y":1,"\u0079":2}]}"#, #"{"a":{"x":2},"b":[{"y":2}]}"#),
            (#"{"a":1,"b":2}"#, #"{"a":1,"b":2}"#), (#"{"":1,"":2}"#, #"{"":2}"#),
        ]
    )
    func once(source: String, expected: String) throws {
        var repeats = false
        let text = try copied(source) { writer, json in repeats = writer.copyOnce(.root, of: json) }
        #expect(text == expected)
        #expect(repeats == (source != expected))
    }

    @Test("Also among many members, and where many names look alike")
    func many() throws {
        let names = (0..<200).map { "\"k\($0)\":\($0)" }
        let unique = "{" + names.joined(separator: ",") + "}"
        #expect(try copied(unique) { writer, json in writer.copyOnce(.root, of: json) } == unique)
        let repeated = "{" + (names + ["\"k7\":0"]).joined(separator: ",") + "}"
        let text = try copied(repeated) { writer, json in writer.copyOnce(.root, of: json) }
        #expect(text == "{" + (names.filter { $0 != "\"k7\":7" } + ["\"k7\":0"]).joined(separator: ",") + "}")
    }

    @Test("Text goes into a string and out of it unharmed, wherever its words are cut")
    func escapes() throws {
        let characters = [
            "a", "\"", "\\", "\n", "\t", "\r", "\u{08}", "\u{0c}", "\u{01}", "\u{1f}", "é", "🌍", "/", " ", "\u{7f}",
        ]
        var state: UInt64 = 1
        for length in 0..<200 {
            var text = ""
            for _ in 0..<length {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                text += characters[Int(state >> 33) % (state >> 60 < 8 ? 1 : characters.count)]
            }
            var writer = JSONWriter(minimumCapacity: 0)
            writer.string(text: text)
            let bytes = writer.output.array()
            var tape = JSONTape()
            try tape.parse(bytes.span)
            #expect(tape.document(of: bytes.span).string(.root) == text)
            #expect(Array(text.utf8) == tape.document(of: bytes.span).text(.root))
        }
    }

    private func firstName(_ names: JSONNames, _ json: JSONDocument) -> Int? {
        var members = json.members(.root)
        return members.next(in: json).flatMap { names.index(of: $0.key, in: json) }
    }

    @Test("Names are found by length and words, also at the end of the bytes and written with escapes")
    func names() throws {
        let all: [StaticString] = [
            "a", "id", "role", "content", "function", "tool_calls", "reasoning_content", "thought_signature_x",
        ]
        let names = JSONNames(all)
        for (index, name) in all.enumerated() {
            let text = String(describing: name)
            let escaped = text.utf8.map { "\\u00" + String($0, radix: 16) }.joined()
            for key in [text, escaped] {
                let bytes = Array("{\"\(key)\":1}".utf8)
                var tape = JSONTape()
                try tape.parse(bytes.span)
                let json = tape.document(of: bytes.span)
                let found = firstName(names, json)
                #expect(found == index)
            }
        }
        for key in [
            "", "b", "idx", "rolE", "contenu", "thought_signature_y", "reasoning_contenT", "a_name_longer_than_all",
        ] {
            let bytes = Array("{\"\(key)\":12345678}".utf8)
            var tape = JSONTape()
            try tape.parse(bytes.span)
            let json = tape.document(of: bytes.span)
            let found = firstName(names, json)
            #expect(found == nil)
        }
    }
}
