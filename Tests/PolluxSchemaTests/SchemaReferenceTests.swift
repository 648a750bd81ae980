import PolluxTranslation
import Testing

@Suite("Schemas: references")
struct SchemaReferenceTests {
    private func translatedReference(_ schema: String, _ definitions: String) throws -> String {
        let text = try translated(##"{"properties":{"p":\##(schema)},"$defs":\##(definitions)}"##)
        let start = ##"{"properties":{"p":"##
        let end = ##"},"$defs":"##
        guard text.hasPrefix(start), let range = text.ranges(of: end).last else { return text }
        return String(text[start.endIndex..<range.lowerBound])
    }

    @Test(
        "A $ref that is kept has only $ keywords beside it",
        arguments: [
            (##"{"$ref":"#/$defs/a"}"##, ##"{"$ref":"#/$defs/a"}"##),
            (##"{"$ref":"#/$defs/a","readOnly":true,"x-a":1,"title":null}"##, ##"{"$ref":"#/$defs/a"}"##),
            (
                ##"{"$anchor":"b","$ref":"#/$defs/a","$comment":""}"##,
                ##"{"$anchor":"b","$ref":"#/$defs/a"}"##
            ),
            // Siblings: the target is inlined, and they lie over it.
            (
                ##"{"$ref":"#/$defs/a","description":"D"}"##,
                ##"{"type":"string","title":"A","description":"D"}"##
            ),
            (
                ##"{"description":"D","allOf":[{"$ref":"#/$defs/a"}]}"##,
                ##"{"description":"D","type":"string","title":"A"}"##
            ),
            (##"{"$ref":"#/$defs/a","default":"x"}"##, ##"{"type":"string","title":"A","default":"x"}"##),
            (
                ##"{"title":"own","$ref":"#/$defs/a","description":"D"}"##,
                ##"{"title":"own","type":"string","description":"D"}"##
            ),
            (##"{"$ref":"#/$defs/a","nullable":true}"##, ##"{"type":["string","null"],"title":"A"}"##),
            (##"{"title":"own","allOf":[{"$ref":"#/$defs/a"}]}"##, ##"{"title":"own","type":"string"}"##),
            (##"{"$ref":"#/$defs/b","title":"own"}"##, ##"{"type":"string","title":"own"}"##),
            (##"{"$ref":"#/$defs/yes","title":"own"}"##, ##"{"title":"own"}"##),
            // Recursive targets: the siblings go.
            (##"{"$ref":"#/$defs/r","title":"own"}"##, ##"{"$ref":"#/$defs/r"}"##),
            (##"{"$ref":"#/$defs/r","description":"D"}"##, ##"{"$ref":"#/$defs/r"}"##),
            (##"{"$ref":"#","title":"own"}"##, ##"{"$ref":"#"}"##),
            (##"{"title":"own","allOf":[{"$ref":"#/$defs/r"}]}"##, ##"{"$ref":"#/$defs/r"}"##),
            (##"{"$ref":"#/$defs/loop","title":"own"}"##, ##"{"$ref":"#/$defs/loop"}"##),
        ])
    func siblings(schema: String, expected: String) throws {
        let definitions = ##"""
            {"a":{"type":"string","title":"A"},"b":{"$ref":"#/$defs/a"},"yes":true,"r":{"type":"object","properties":{"s":{"items":{"$ref":"#/$defs/t"}}}},"t":{"anyOf":[{"$ref":"#/$defs/r"},{"type":"null"}]},"loop":{"$ref":"#/$defs/loop"}}
            """##
        #expect(try translatedReference(schema, definitions) == expected)
    }

    @Test("An allOf brings a recursive definition once, and then refers to it")
    func inheritance() throws {
        let text = try translated(
            ##"{"items":{"allOf":[{"$ref":"#/$defs/n"},{"title":"T"}]},"$defs":{"n":{"properties":{"c":{"allOf":[{"$ref":"#/$defs/n"},{"title":"U"}]}}}}}"##
        )
        #expect(
            text
                == ##"{"items":{"properties":{"c":{"$ref":"#/$defs/n"}},"title":"T"},"$defs":{"n":{"properties":{"c":{"$ref":"#/$defs/n"}}}}}"##
        )
    }

    @Test("A base that two parts share is taken once")
    func diamond() throws {
        let text = try translated(
            ##"{"allOf":[{"$ref":"#/$defs/l"},{"$ref":"#/$defs/r"}],"$defs":{"l":{"allOf":[{"$ref":"#/$defs/b"}],"title":"L"},"r":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"properties":{"x":{}}}}}"##
        )
        #expect(text.hasPrefix(##"{"properties":{"x":{}},"title":"L","$defs":"##))
    }

    @Test(
        "Names in references may be escaped",
        arguments: [
            ("a/b", "#/$defs/a~1b"), ("a~b", "#/$defs/a~0b"), ("a b", "#/$defs/a%20b"),
            ("a%b", "#/$defs/a%25b"),
            ("List[é]", "#/$defs/List[é]"), ("List[é]", "#/$defs/List%5B%C3%A9%5D"), ("~1", "#/$defs/~01"),
            ("", "#/$defs/"),
        ])
    func escapes(name: String, reference: String) throws {
        let schema = ##"{"items":{"$ref":"\##(reference)"},"$defs":{"\##(name)":{"type":"string"}}}"##
        if name.isEmpty {
            #expect(refusal(schema) == "unresolved $ref '#/$defs/'.")
        } else {
            #expect(try translated(schema) == schema)
            #expect(try translated(schema, to: .vertex) == ##"{"type":"ARRAY","items":{"type":"STRING"}}"##)
        }
    }

    @Test("A reference in JSON escapes, or to draft 4's definitions, is written anew")
    func rewritten() throws {
        #expect(
            try translated(##"{"items":{"$ref":"#\/definitions\/a%20b"},"definitions":{"a b":{}}}"##)
                == ##"{"items":{"$ref":"#/$defs/a%20b"},"$defs":{"a b":{}}}"##)
    }

    @Test(
        "A reference that names nothing here is refused",
        arguments: [
            "#/$defs/missing", "#/definitions/missing", "#/properties/q", "#/$defs/a/properties/x", "#/",
            "#/type", "#/$defs/list/0", "#/properties/", "#//properties/p",
            "#a", "", "a",
            "http://example.com/schema", "https://example.com/a#/$defs/a", "file:///etc/passwd", "#/$defs/a%",
            "#/$defs/a~2",
            "#/$defs/list", "##",
        ])
    func unresolved(reference: String) {
        let schema =
            ##"{"type":"object","properties":{"p":{"$ref":"\##(reference)"}},"$defs":{"a":{},"list":[]}}"##
        #expect(refusal(schema) == "unresolved $ref '\(reference)'.")
        #expect(refusal(schema, to: .vertex) == "unresolved $ref '\(reference)'.")
        #expect(refusal(##"{"items":{"$ref":1}}"##) == "unresolved $ref '1'.")
    }

    @Test("A reference to another place is inlined: the service follows names of definitions only")
    func places() throws {
        let schema = ##"""
            {"properties":{"a":{"type":"object","properties":{"x~/y":{"type":"string","title":"X"}}},"b":{"$ref":"#/properties/a"},"c":{"$ref":"#/properties/a/properties/x~0~1y","description":"D"},"d":{"items":[{"type":"integer"}]},"e":{"$ref":"#/properties/d/items/0"},"f":{"$ref":"#/$defs/n/items"}},"$defs":{"n":{"items":{"type":"null"}}}}
            """##
        let a = ##"{"type":"object","properties":{"x~/y":{"type":"string","title":"X"}}}"##
        #expect(
            try translated(schema)
                == ##"{"properties":{"a":\##(a),"b":\##(a),"c":{"type":"string","title":"X","description":"D"},"d":{"prefixItems":[{"type":"integer"}]},"e":{"type":"integer"},"f":{"type":"null"}},"$defs":{"n":{"items":{"type":"null"}}}}"##
        )
        #expect(
            try translated(##"{"properties":{"a":{"type":"string"},"b":{"$ref":"#/properties/a"}}}"##, to: .vertex)
                == ##"{"type":"OBJECT","properties":{"a":{"type":"STRING"},"b":{"type":"STRING"}}}"##)
    }

    @Test("A place inside of itself is cut")
    func recursivePlaces() throws {
        #expect(
            try translated(
                ##"{"properties":{"a":{"description":"A tree","properties":{"b":{"items":{"$ref":"#/properties/a"}}}}}}"##
            )
                == ##"{"properties":{"a":{"description":"A tree","properties":{"b":{"items":{"description":"A tree"}}}}}}"##
        )
        #expect(
            try translated(##"{"properties":{"a":{"$ref":"#/properties/b"},"b":{"$ref":"#/properties/a"}}}"##)
                == ##"{"properties":{"a":{},"b":{}}}"##)
    }

    @Test("$defs below the root stay, and are no place for references")
    func nestedDefinitions() throws {
        let schema = ##"{"properties":{"p":{"$defs":{"a":{"type":"string"}}}}}"##
        #expect(try translated(schema) == schema)
        #expect(
            refusal(##"{"items":{"$ref":"#/$defs/a","$defs":{"a":{}}}}"##) == "unresolved $ref '#/$defs/a'.")
    }
}
