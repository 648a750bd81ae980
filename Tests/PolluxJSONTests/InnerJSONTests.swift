import PolluxJSON
import Testing

@Suite("JSON: JSON inside of strings")
struct InnerJSONTests {
    /// The text of a string, by both ways out of it.
    private func texts(_ source: String) throws -> (plain: String, json: String) {
        let bytes = Array(source.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        var plain = ByteOutput(minimumCapacity: 0)
        var inner = ByteOutput(minimumCapacity: 0)
        json.appendText(.root, to: &plain)
        json.appendJSONText(.root, to: &inner)
        return (String(copying: plain.span), String(copying: inner.span))
    }

    @Test(
        "What JSON can do without is left out",
        arguments: [
            (#""{\"a\": [1, 2.50, {\"b\" :null}], \"c\": \"x, y: {\"}""#, #"{"a":[1,2.50,{"b" :null}],"c":"x, y: {"}"#),
            (#""[\n  \"a\",\n  { \"b\":\t1 }\n]""#, "[\"a\",{\"b\":1 }\n]"),
            (#""[\"caf\\u00e9\", \"\\ud83c\\udf0d\\u4E16\", \"\\/\"]""#, #"["café","🌍世","/"]"#),
            (
                #""[\"a \\\"quoted\\\" note\\n\", \"\\\\\", \"\\u0022\\u0007\"]""#,
                #"["a \"quoted\" note\n","\\","\u0022\u0007"]"#
            ),
            (#""[\"\\ud83c\", \"\\udf0d\\ud83c\", \"\\u00g9\"]""#, #"["\ud83c","\udf0d\ud83c","\u00g9"]"#),
            (#""{\"a\": 1, \u0022b\": \"x, y\"}""#, #"{"a":1,"b": "x, y"}"#),
            (#""[\"\u00e9, x\", 1]""#, #"["é, x", 1]"#), (#""\"\\""#, #""\"#), (#""[1, 2]""#, "[1, 2]"),
            (#""\"a\", 1 2""#, #""a",1 2"#),
        ]
    )
    func compact(source: String, expected: String) throws {
        #expect(try texts(source).json == expected)
    }

    /// What the writer makes of a text, when it is JSON.
    private func copied(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span)) != nil else { return nil }
        var writer = JSONWriter()
        writer.copyOnce(.root, of: tape.document(of: bytes.span))
        return String(copying: writer.output.span)
    }

    @Test("It means the same as the plain text, and is JSON only where that is")
    func sameMeaning() throws {
        let pieces = [
            "{", "}", "[", "]", ",", ":", #"\""#, #"\""#, #"\\"#, #"\\\""#, #"\\\\"#, #"\\n"#, #"\n"#, #"\t"#, " ",
            "  ",
            #"\\u00e9"#, #"\\u0022"#, #"\\u000a"#, #"\\ud83d"#, #"\\ude00"#, #"\u00e9"#, #"\u0022"#, #"\u005c"#, #"\/"#,
            #"\\/"#, "é", "日", "1", "-2.5e3", "true", "null", "a", "some longer text, with: {marks}", #"\"a\":"#,
            #"{\"a\": 1, \"b\": [true, \"x\"]}"#, #"\"caf\\u00e9\", "#, #"\b"#, #"\u0000"#, #"[\"a\", "#,
        ]
        var state: UInt64 = 7
        func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var documents = 0
        for _ in 0..<20_000 {
            let text = (0..<next(below: 9) + 1).map { _ in pieces[next(below: pieces.count)] }.joined()
            for source in ["\"\(text)\"", "\"[\(text)]\"", "\"{\\\"k\\\": \(text)}\""] {
                guard let (plain, json) = try? texts(source) else { continue }
                let expected = copied(plain)
                #expect(copied(json) == expected, "\(source)")
                if expected != nil { documents += 1 }
            }
        }
        #expect(documents > 1000)
    }
}
