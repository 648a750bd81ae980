import PolluxJSON
import Testing

@testable import PolluxEmulator

@Suite("Emulator: structured answers")
struct StructuredTests {
    static func sample(_ schema: String, _ text: String = "Hello", field: String = "responseJsonSchema")
        -> String?
    {
        let config = #"{"responseMimeType":"application/json","\#(field)":\#(schema)}"#
        let heard = Asking.vertex.with(model: "gemini-2.0-flash").ask(says(text, config: config))
        return heard["candidates.0.content.parts.0.text"]
    }

    /// Schemas that leave no choice.
    static let fixed: [(schema: String, value: String)] = [
        (#"{"const":{"a":[1]}}"#, #"{"a":[1]}"#),
        (#"{"enum":["only"]}"#, #""only""#),
        (#"{"enum":[null,7]}"#, "7"),
        (#"{"type":"integer","minimum":4,"maximum":4}"#, "4"),
        (#"{"type":"integer","exclusiveMinimum":4,"exclusiveMaximum":6}"#, "5"),
        (#"{"type":"integer","minimum":11,"maximum":19,"multipleOf":7}"#, "14"),
        (#"{"type":"string","minLength":3,"maxLength":3,"title":"x"}"#, #""sam""#),
        (#"{"type":"null"}"#, "null"),
        (#"{"type":["null","integer"],"minimum":1,"maximum":1}"#, "1"),
        (#"{"type":"array","minItems":2,"maxItems":2,"items":{"const":1}}"#, "[1,1]"),
        (#"{"type":"array","prefixItems":[{"const":1},{"const":"b"}]}"#, #"[1,"b"]"#),
        (#"{"type":"array","maxItems":0,"items":{"const":1}}"#, "[]"),
        (#"{"anyOf":[{"type":"null"},{"const":3}]}"#, "3"),
        (#"{"oneOf":[{"const":3}]}"#, "3"),
        (
            #"{"type":"object","properties":{"b":{"const":1},"a":{"const":2}},"propertyOrdering":["a","b"]}"#,
            #"{"a":2,"b":1}"#
        ),
        (
            #"{"allOf":[{"properties":{"a":{"const":1}}},{"properties":{"b":{"const":2}}}],"type":"object"}"#,
            #"{"a":1,"b":2}"#
        ),
        (
            ##"{"$defs":{"a/b":{"const":5}},"type":"object","properties":{"x":{"$ref":"#/$defs/a~1b"}}}"##,
            #"{"x":5}"#
        ),
        (#"{"type":"object","additionalProperties":{"const":1}}"#, #"{"key1":1}"#),
        (#"{"type":"object","properties":{"n":false}}"#, "{}"),
    ]

    @Test("A schema that leaves no choice gets its value", arguments: fixed.indices)
    func fixedValues(index: Int) {
        #expect(Self.sample(Self.fixed[index].schema) == Self.fixed[index].value)
    }

    @Test("The OpenAPI form is read as well")
    func openAPI() {
        let schema = #"""
            {"type":"OBJECT","properties":{"n":{"type":"INTEGER","minimum":2,"maximum":2,"nullable":true},
            "e":{"type":"STRING","format":"enum","enum":["x"]}},"required":["n"],"property_ordering":["e"]}
            """#
        #expect(Self.sample(schema, field: "responseSchema") == #"{"e":"x","n":2}"#)
    }

    @Test("Values come from the user's text where they can")
    func hints() {
        let schema = #"{"type":"object","properties":{"city":{"type":"string"},"nights":{"type":"integer"}}}"#
        #expect(Self.sample(schema, "Book 3 nights in Oslo") == #"{"city":"Oslo","nights":3}"#)
    }

    @Test(
        "A schema that refers to itself ends",
        arguments: [
            ##"{"$defs":{"n":{"type":"object","properties":{"c":{"type":"array","items":{"$ref":"#/$defs/n"}}},"required":["c"]}},"$ref":"#/$defs/n"}"##,
            ##"{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"]}"##,
            ##"{"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}},"required":["a","b"]}"##,
            ##"{"type":"array","items":{"$ref":"#"},"minItems":9}"##,
            ##"{"$ref":"#"}"##,
        ])
    func recursion(schema: String) throws {
        let text = try #require(Self.sample(schema))
        #expect(text.utf8.count < 100_000)
        #expect(read(Array(text.utf8), "") != nil)
    }

    @Test(
        "Numbers that no integer can hold do no harm",
        arguments: [
            #"{"type":"integer","minimum":1e30}"#, #"{"type":"integer","maximum":-1e30,"multipleOf":1e30}"#,
            #"{"type":"number","minimum":-1e38,"maximum":1e38}"#, #"{"type":"integer","minimum":"NaN"}"#,
            #"{"type":"string","minLength":-9223372036854775808,"maxLength":-1}"#,
            #"{"type":"array","minItems":9007199254740993,"maxItems":-5}"#,
            #"{"type":"integer","multipleOf":-1e300}"#,
        ])
    func extremes(schema: String) throws {
        let text = try #require(Self.sample(schema))
        #expect(read(Array(text.utf8), "") != nil)
    }

    @Test("JSON without a schema is a small object; a text of words is one of them")
    func others() {
        let asking = Asking.vertex
        let plain = asking.ask(says("a", config: #"{"responseMimeType":"application/json"}"#))
        let text = plain["candidates.0.content.parts.0.text"] ?? ""
        #expect(read(Array(text.utf8), "model") == "gemini-2.5-flash")
        let word = asking.ask(
            says(
                "a",
                config:
                    #"{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["one"]}}"#)
        )
        #expect(word["candidates.0.content.parts.0.text"] == "one")
    }
}
