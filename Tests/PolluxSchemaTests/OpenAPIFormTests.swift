import PolluxTranslation
import Testing

@Suite("Schemas: the OpenAPI form (SCH-002)")
struct OpenAPIFormTests {
    @Test(
        "Each keyword has its row",
        arguments: [
            // type
            (##"{"type":"string"}"##, ##"{"type":"STRING"}"##),
            (##"{"type":["string","null"]}"##, ##"{"type":"STRING","nullable":true}"##),
            (
                ##"{"title":"a","nullable":true,"type":"INTEGER"}"##,
                ##"{"title":"a","nullable":true,"type":"INTEGER"}"##
            ),
            (##"{"type":"null"}"##, ##"{"type":"NULL"}"##),
            (##"{"properties":{"a":{}}}"##, ##"{"type":"OBJECT","properties":{"a":{}}}"##),
            (##"{"items":{"type":"null"}}"##, ##"{"type":"ARRAY","items":{"type":"NULL"}}"##),
            (
                ##"{"type":["string","integer"],"title":"T"}"##,
                ##"{"title":"T","anyOf":[{"type":"STRING"},{"type":"INTEGER"}]}"##
            ),
            (
                ##"{"type":["array","string","null"],"items":{"type":"string"},"maxLength":3,"description":"D"}"##,
                ##"{"nullable":true,"description":"D","anyOf":[{"type":"ARRAY","items":{"type":"STRING"}},{"type":"STRING","maxLength":3}]}"##
            ),
            (##"{"type":["integer","number"]}"##, ##"{"type":"NUMBER"}"##),
            // unions
            (
                ##"{"anyOf":[{"type":"string"},{"type":"null"}],"default":null}"##,
                ##"{"type":"STRING","nullable":true,"default":null}"##
            ),
            (
                ##"{"title":"own","oneOf":[{"const":null},{"type":"string","title":"its"}]}"##,
                ##"{"title":"own","type":"STRING","nullable":true}"##
            ),
            (
                ##"{"oneOf":[{"type":"string"},{"type":"number"},{"type":"null"}]}"##,
                ##"{"nullable":true,"anyOf":[{"type":"STRING"},{"type":"NUMBER"}]}"##
            ),
            (##"{"anyOf":[{"type":"string"}]}"##, ##"{"anyOf":[{"type":"STRING"}]}"##),
            (
                ##"{"oneOf":[{"const":1,"allOf":[{"type":"null"}]}],"type":["array","null"]}"##,
                ##"{"type":"ARRAY","nullable":true,"items":{"type":"OBJECT"}}"##
            ),
            // enum and const
            (
                ##"{"type":"string","enum":["a","b"]}"##,
                ##"{"type":"STRING","enum":["a","b"],"format":"enum"}"##
            ),
            (##"{"enum":["a",1,1.50]}"##, ##"{"type":"STRING","enum":["a","1","1.50"],"format":"enum"}"##),
            (
                ##"{"type":"string","format":"date","enum":["a",""]}"##,
                ##"{"type":"STRING","description":"(format: date)","enum":["a"],"format":"enum"}"##
            ),
            (##"{"type":"integer","enum":[1,2]}"##, ##"{"type":"INTEGER","description":"(one of: 1, 2)"}"##),
            (
                ##"{"description":"D","type":"number","enum":[1.5,null]}"##,
                ##"{"description":"D (one of: 1.5)","type":"NUMBER","nullable":true}"##
            ),
            (##"{"enum":["a",null]}"##, ##"{"type":"STRING","nullable":true,"enum":["a"],"format":"enum"}"##),
            (##"{"type":"boolean","enum":[true]}"##, ##"{"type":"BOOLEAN"}"##),
            (##"{"type":"string","enum":["a",true]}"##, ##"{"type":"STRING","enum":["a"],"format":"enum"}"##),
            (
                ##"{"enum":["a",true]}"##,
                ##"{"description":"(one of: \"a\", true)","anyOf":[{"type":"STRING","enum":["a"],"format":"enum"},{"type":"BOOLEAN"}]}"##
            ),
            (
                ##"{"type":["string","boolean"],"enum":["a",true,null]}"##,
                ##"{"nullable":true,"description":"(one of: \"a\", true)","anyOf":[{"type":"STRING","enum":["a"],"format":"enum"},{"type":"BOOLEAN"}]}"##
            ),
            (##"{"const":"a"}"##, ##"{"type":"STRING","enum":["a"],"format":"enum"}"##),
            (##"{"const":7}"##, ##"{"type":"INTEGER","description":"(const: 7)"}"##),
            (##"{"const":false}"##, ##"{"type":"BOOLEAN","description":"(const: false)"}"##),
            // references
            (
                ##"{"properties":{"a":{"$ref":"#/$defs/x","title":"own"}},"$defs":{"x":{"type":"string","title":"its"}}}"##,
                ##"{"type":"OBJECT","properties":{"a":{"type":"STRING","title":"own"}}}"##
            ),
            (
                ##"{"properties":{"a":{"$ref":"#/definitions/x","description":"own"}},"definitions":{"x":{"type":"string"}}}"##,
                ##"{"type":"OBJECT","properties":{"a":{"type":"STRING","description":"own"}}}"##
            ),
            // arrays
            (
                ##"{"type":"array","prefixItems":[{"type":"number"},{"type":"string"},{"type":"number"}],"minItems":1}"##,
                ##"{"type":"ARRAY","items":{"anyOf":[{"type":"NUMBER"},{"type":"STRING"}]},"minItems":3,"maxItems":3}"##
            ),
            (
                ##"{"type":"array","items":[{"type":"number"},{"type":"number"}]}"##,
                ##"{"type":"ARRAY","items":{"type":"NUMBER"},"minItems":2,"maxItems":2}"##
            ),
            (##"{"type":"array"}"##, ##"{"type":"ARRAY","items":{"type":"OBJECT"}}"##),
            (##"{"type":"array","items":{}}"##, ##"{"type":"ARRAY","items":{"type":"OBJECT"}}"##),
            // allowed here
            (
                ##"{"type":"string","minLength":1,"maxLength":2.0,"pattern":"^a$","example":"a"}"##,
                ##"{"type":"STRING","minLength":1,"maxLength":2,"pattern":"^a$","example":"a"}"##
            ),
            (
                ##"{"type":"object","minProperties":1,"maxProperties":2,"propertyOrdering":["a"]}"##,
                ##"{"type":"OBJECT","minProperties":1,"maxProperties":2,"propertyOrdering":["a"]}"##
            ),
            (##"{"type":"string","format":"date-time"}"##, ##"{"type":"STRING","format":"date-time"}"##),
            (##"{"type":"integer","format":"int64"}"##, ##"{"type":"INTEGER","format":"int64"}"##),
            // removed
            (
                ##"{"type":"string","format":"email"}"##,
                ##"{"type":"STRING","description":"(format: email)"}"##
            ),
            (
                ##"{"type":"integer","multipleOf":5,"exclusiveMinimum":1}"##,
                ##"{"type":"INTEGER","description":"(multipleOf: 5)","minimum":2}"##
            ),
            (##"{"$id":"a","$anchor":"b","$schema":"c","uniqueItems":true,"examples":[1]}"##, "{}"),
            (##"{"minLength":-1,"type":"string"}"##, ##"{"type":"STRING"}"##),
            (
                ##"{"type":"object","properties":{"a":{"type":"string"}},"required":["a","b"]}"##,
                ##"{"type":"OBJECT","properties":{"a":{"type":"STRING"}},"required":["a"]}"##
            ),
        ])
    func rows(schema: String, expected: String) throws {
        for form in [SchemaForm.vertex, .developer] {
            #expect(try translated(schema, to: form) == expected)
            #expect(try translated(expected, to: form) == expected)
        }
    }

    @Test("additionalProperties stays on Vertex and goes on the Developer API")
    func additionalProperties() throws {
        let schema =
            ##"{"type":"object","additionalProperties":{"type":"string"},"properties":{"a":{"additionalProperties":false}}}"##
        #expect(
            try translated(schema, to: .vertex)
                == ##"{"type":"OBJECT","additionalProperties":{"type":"STRING"},"properties":{"a":{"type":"OBJECT","additionalProperties":false}}}"##
        )
        #expect(try translated(schema, to: .developer) == ##"{"type":"OBJECT","properties":{"a":{}}}"##)
    }

    @Test("A recursive definition is cut when it stands five times inside itself")
    func recursion() throws {
        let schema =
            ##"{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"object","description":"D","properties":{"n":{"$ref":"#/$defs/n"}}}}}"##
        var expected = ##"{"type":"OBJECT","description":"D"}"##
        for _ in 1...5 {
            expected = ##"{"type":"OBJECT","description":"D","properties":{"n":\##(expected)}}"##
        }
        #expect(
            try translated(schema, to: .vertex) == ##"{"type":"OBJECT","properties":{"n":\##(expected)}}"##)
        let described = schema.replacing(
            ##""$ref":"#/$defs/n"}}}}}"##, with: ##""$ref":"#/$defs/n","description":"child"}}}}}"##)
        #expect(
            try translated(described, to: .vertex).contains(##"{"type":"OBJECT","description":"child"}"##))
    }

    @Test("A definition that is only itself is an object", arguments: ["#", "#/$defs/a"])
    func nothingButItself(reference: String) throws {
        let schema = ##"{"properties":{"x":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$ref":"\##(reference)"}}}"##
        #expect(try translated(schema, to: .vertex).contains(##"{"type":"OBJECT"}"##))
    }
}
