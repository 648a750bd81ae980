import PolluxJSON
import PolluxTranslation
import Testing

@Suite("Schemas: limits, notes and the rest")
struct SchemaLimitTests {
    private func nested(_ depth: Int, _ start: String, _ end: String) -> String {
        String(repeating: start, count: depth - 1) + "{}" + String(repeating: end, count: depth - 1)
    }

    @Test(
        "More than 64 schemas inside each other are refused (SCH-004)",
        arguments: [
            (##"{"items":"##, "}"), (##"{"type":"object","properties":{"a":"##, "}}"),
            (##"{"anyOf":["##, "]}"),
            (##"{"allOf":["##, "]}"), (##"{"$comment":1,"const":"a","additionalProperties":"##, "}"),
        ])
    func depth(start: String, end: String) {
        for form in [SchemaForm.jsonSchema, .vertex] {
            #expect(refusal(nested(64, start, end), to: form) == nil)
            #expect(refusal(nested(66, start, end), to: form) == "more than 64 schemas inside each other.")
            #expect(refusal(nested(160, start, end), to: form) == "more than 64 schemas inside each other.")
        }
    }

    @Test("More than 20,000 schemas are refused (SCH-004)", arguments: [SchemaForm.jsonSchema, .vertex])
    func nodes(form: SchemaForm) {
        func wide(_ count: Int) -> String {
            ##"{"properties":{\##((0..<count).map { ##""p\##($0)":{}"## }.joined(separator: ","))}}"##
        }
        #expect(refusal(wide(19_999), to: form) == nil)
        #expect(refusal(wide(20_000), to: form) == "more than 20000 schemas.")
    }

    @Test("Many required names in another order than the properties take no quadratic time")
    func manyNames() throws {
        let names = (0..<10_000).map { "\"p\($0)\"" }
        let schema = ##"""
            {"properties":{\##(names.map { "\($0):{}" }.joined(separator: ","))},"required":[\##(names.reversed().joined(separator: ","))]}
            """##
        let clock = ContinuousClock()
        var result = ""
        let time = try clock.measure { result = try translated(schema) }
        #expect(result == schema)
        #expect(time < .seconds(5))
    }

    @Test(
        "References that bring each other several times do not grow without end",
        arguments: [
            (SchemaForm.jsonSchema, ##""title":"T""##), (.jsonSchema, ##""pattern":"a""##),
            (.vertex, ##""title":"T""##),
        ])
    func explosion(form: SchemaForm, sibling: String) throws {
        // Each definition names the next one three times: 3^30 without a bound.
        let definitions = (0..<30).map { level in
            let reference = ##"{"$ref":"#/$defs/d\##(level + 1)",\##(sibling)}"##
            return
                ##""d\##(level)":{"properties":{"a":\##(reference),"b":\##(reference),"c":\##(reference)}}"##
        }
        let schema =
            ##"{"items":{"$ref":"#/$defs/d0",\##(sibling)},"$defs":{\##(definitions.joined(separator: ",")),"d30":{}}}"##
        #expect(try translated(schema, to: form).utf8.count < 1_000_000)
        let merged = schema.replacing(##"{"$ref""##, with: ##"{"allOf":[{"minimum":1},{"$ref""##)
            .replacing(",\(sibling)}", with: ",\(sibling)}]}")
        #expect(try translated(merged, to: form).utf8.count < 1_000_000)
        let mutual = mutuallyReferring(definitions: 20, padding: 100, siblings: ",\(sibling)")
        #expect(try translated(mutual, to: form).utf8.count < 1_000_000)
    }

    @Test("A long description is not repeated for each reference that is cut")
    func keptDescriptions() throws {
        let properties = (0..<2000).map { ##""p\##($0)":{"$ref":"#/$defs/d"}"## }.joined(separator: ",")
        let text = String(repeating: "d", count: 20_000)
        let schema = ##"{"properties":{\##(properties)},"$defs":{"d":{"description":"\##(text)"}}}"##
        #expect(try translated(schema, to: .vertex).utf8.count < 1_000_000)
    }

    @Test("When the budget does not suffice, far levels are cut before near ones")
    func fairCut() throws {
        let text = try translated(mutuallyReferring(definitions: 20, padding: 500), to: .vertex)
        // All of the first level is written, and all of the second.
        #expect(text.ranges(of: "\"toN5\":{\"type\":\"OBJECT\",\"description\"").count > 1)
        #expect(text.ranges(of: "ddd\",\"properties\"").count >= 20)
    }

    @Test(
        "An answer format's description is put where the schema has none (FMT-004)",
        arguments: [
            (##"{"type":"object"}"##, ##"{"type":"object","description":"D\n"}"##),
            (##"{"type":"object","description":"own"}"##, ##"{"type":"object","description":"own"}"##),
            (##"{"description":"","type":"object"}"##, ##"{"description":"D\n","type":"object"}"##),
            (##"{"pattern":"a"}"##, ##"{"description":"D\n (pattern: a)"}"##),
            (
                ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}"##,
                ##"{"type":"null","$defs":{"a":{"type":"null"}},"description":"D\n"}"##
            ),
        ])
    func description(schema: String, expected: String) throws {
        let bytes = Array(##"{"description":"D\n","schema":\##(schema)}"##.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        var writer = JSONWriter()
        var notes = NoteTaker.off
        let members = (json.member("schema", of: .root), json.member("description", of: .root))
        let node = try #require(members.0)
        let description = try #require(members.1)
        let translator = SchemaTranslator(form: .jsonSchema, use: .responseFormat, description: description)
        // References are relative to the schema, not to the document.
        try translator.write(node, of: json, into: &writer, path: "", notes: &notes)
        #expect(String(copying: writer.output.span) == expected)
    }

    @Test(
        "Every keyword that is removed or changed is noted, once, with its place",
        arguments: [
            (##"{"properties":{"a":{"pattern":"x"}}}"##, ["changed parameters.properties.a.pattern SCH-001"]),
            (
                ##"{"anyOf":[{"type":"null"},{"x-a":1,"type":"string"}]}"##,
                ["ignored parameters.anyOf[1].x-a SCH-001"]
            ),
            (##"{"type":["STRING","null"]}"##, ["mapped parameters.type[0] SCH-001"]),
            (##"{"type":"STRING"}"##, ["mapped parameters.type SCH-001"]),
            (##"{"properties":{"a":{}},"required":["a","b"]}"##, ["repaired parameters.required[1] SCH-001"]),
            (##"{"properties":{"a":false}}"##, ["ignored parameters.properties.a SCH-001"]),
            (
                ##"{"items":{"$ref":"#/definitions/a"},"definitions":{"a":{"not":{}}}}"##,
                [
                    "mapped parameters.items.$ref SCH-001", "mapped parameters.definitions SCH-001",
                    "ignored parameters.definitions.a.not SCH-001",
                ]
            ),
            (
                ##"{"items":{"$ref":"#/$defs/a","description":"D"},"$defs":{"a":{}}}"##,
                ["mapped parameters.items.$ref SCH-001"]
            ),
            (
                ##"{"items":{"$ref":"#/$defs/a","description":"D"},"$defs":{"a":{"items":{"$ref":"#/$defs/a"}}}}"##,
                ["ignored parameters.items.description SCH-001"]
            ),
            (
                ##"{"const":"a","nullable":true}"##,
                ["mapped parameters.const SCH-001", "mapped parameters.nullable SCH-001"]
            ),
            (##"{"type":"object","properties":{"a":{"type":"integer","minimum":1}}}"##, []),
        ])
    func noted(schema: String, expected: [String]) throws {
        #expect(try notes(schema) == expected.sorted())
    }

    @Test("A definition that is inlined often is noted once (SCH-002)")
    func notedOnce() throws {
        let schema =
            ##"{"properties":{"a":{"$ref":"#/$defs/d"},"b":{"$ref":"#/$defs/d"}},"$defs":{"d":{"type":"string","format":"email","$anchor":"x"}}}"##
        #expect(
            try notes(schema, to: .vertex) == [
                "changed parameters.$defs.d.format SCH-001", "ignored parameters.$defs.d.$anchor SCH-002",
            ])
    }

    @Test("Taking notes does not change what is written")
    func notesChangeNothing() throws {
        let schema =
            ##"{"$schema":"s","type":"object","properties":{"a":{"type":"string","x-a":1},"b":{"readOnly":true}},"x-b":{}}"##
        var notes = NoteTaker(isOn: true)
        let translator = SchemaTranslator(form: .jsonSchema, use: .tool)
        let noted = try translated(Array(schema.utf8), by: translator, notes: &notes)
        #expect(try translated(schema, for: .tool) == noted)
        #expect(notes.notes.count == 4)
    }

    @Test(
        "A function without arguments has no parameters (TOOL-004)",
        arguments: [
            ("null", true), ("{}", true), ("[]", true), (##"{"type":"object"}"##, true),
            (##"{"type":"OBJECT","properties":{}}"##, true),
            (
                ##"{"type":"object","properties":{},"additionalProperties":false,"required":[],"$schema":"s"}"##,
                true
            ),
            (##"{"properties":null,"description":"none"}"##, true),
            (##"{"type":"object","properties":{"a":{}}}"##, false),
            (##"{"$ref":"#/$defs/a","$defs":{"a":{}}}"##, false), (##"{"type":"string"}"##, false),
            (##"{"anyOf":[]}"##, false),
            (##"{"type":"object","additionalProperties":{"type":"string"}}"##, false), ("true", false),
        ])
    func emptyParameters(schema: String, isEmpty: Bool) throws {
        let bytes = Array(schema.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let result = isEmptyParameters(.root, of: tape.document(of: bytes.span))
        #expect(result == isEmpty)
    }

    @Test("Nothing is written when a schema is refused")
    func refusedWritesNothing() throws {
        let bytes = Array(##"{"properties":{"a":{"const":1},"b":{"$ref":"#/x"}}}"##.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        var writer = JSONWriter()
        writer.beginArray()
        var notes = NoteTaker.off
        #expect(throws: SchemaError.self) {
            try SchemaTranslator(form: .jsonSchema, use: .tool).write(
                .root, of: tape.document(of: bytes.span), into: &writer, path: "", notes: &notes)
        }
        #expect(writer.output.array() == [UInt8(ascii: "[")])
    }
}
