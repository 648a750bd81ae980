import PolluxTranslation
import Testing

@Suite("Schemas: the JSON Schema form (SCH-001)")
struct JSONSchemaFormTests {
    @Test(
        "Keywords that Gemini knows stay, with their order and their digits (GEN-005, GEN-006)",
        arguments: [
            ##"{"title":"T","description":"D","type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["a"]}"##,
            ##"{"$id":"x","$anchor":"y","type":"string"}"##,
            ##"{"type":"number","minimum":1.10,"maximum":9007199254740993}"##,
            ##"{"type":["string","null"]}"##,
            ##"{"type":"string","format":"uuid"}"##,
            ##"{"enum":["a",1,2.50]}"##,
            ##"{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2}"##,
            ##"{"type":"array","prefixItems":[{"type":"string"},{"type":"number"}]}"##,
            ##"{"type":"object","properties":{},"propertyOrdering":["b","a"],"additionalProperties":false}"##,
            ##"{"type":"object","additionalProperties":{"type":"string"}}"##,
            ##"{"anyOf":[{"type":"string"},{"type":"null"}],"default":null}"##,
            ##"{"oneOf":[{"type":"string"},{"type":"number"}]}"##,
            ##"{"default":{"pattern":"a","x":[1.0,{"$ref":"nowhere"}]}}"##,
            ##"{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"string"}}}"##,
            ##"{"properties":{"a":{"$ref":"#"}}}"##,
            ##"{}"##,
        ])
    func kept(schema: String) throws {
        #expect(try translated(schema) == schema)
        let spaced = schema.replacing(",", with: " ,\n").replacing("{", with: "{ ")
        #expect(try translated(spaced) == schema)
    }

    @Test(
        "Noise, and what Gemini does not know, goes",
        arguments: [
            "$schema", "$comment", "$vocabulary", "$dynamicRef", "$dynamicAnchor", "id", "uniqueItems",
            "minProperties",
            "maxProperties", "contains", "minContains", "maxContains", "dependentRequired",
            "dependentSchemas",
            "dependencies", "if", "then", "else", "not", "unevaluatedItems", "unevaluatedProperties",
            "propertyNames",
            "patternProperties", "additionalItems", "contentEncoding", "contentMediaType", "contentSchema",
            "readOnly",
            "writeOnly", "deprecated", "examples", "example", "discriminator", "xml", "externalDocs",
            "x-order",
            "enumDescriptions", "strict", "optional",
        ])
    func removed(keyword: String) throws {
        for value in [##""a""##, "1", "true", "null", "[1]", ##"{"type":"string"}"##] {
            let member = "\"\(keyword)\":\(value)"
            for (schema, expected) in [
                (##"{\##(member),"type":"string"}"##, ##"{"type":"string"}"##),
                (##"{"type":"string",\##(member)}"##, ##"{"type":"string"}"##),
                (##"{"type":"string",\##(member),"title":"a"}"##, ##"{"type":"string","title":"a"}"##),
                (##"{"title":"a", \##(member) , "type":"string"}"##, ##"{"title":"a","type":"string"}"##),
                (##"{\##(member),"$comment":"c"}"##, "{}"),
                (
                    ##"{"items":{\##(member)},"properties":{"a":{\##(member),"type":"null"}}}"##,
                    ##"{"items":{},"properties":{"a":{"type":"null"}}}"##
                ),
            ] {
                #expect(try translated(schema) == expected)
            }
        }
    }

    @Test(
        "Each keyword in another form has its row",
        arguments: [
            // definitions
            (
                ##"{"$ref":"#/definitions/a","definitions":{"a":{"type":"object","properties":{"n":{"$ref":"#/definitions/a"}}}}}"##,
                ##"{"type":"object","properties":{"n":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":"object","properties":{"n":{"$ref":"#/$defs/a"}}}}}"##
            ),
            (
                ##"{"items":{"$ref":"#/$defs/a"},"definitions":{"b":{}},"$defs":{"a":{"type":"null"}}}"##,
                ##"{"items":{"$ref":"#/$defs/a"},"$defs":{"b":{},"a":{"type":"null"}}}"##
            ),
            // type
            (##"{"type":"STRING"}"##, ##"{"type":"string"}"##),
            (##"{"type":["INTEGER","NULL"]}"##, ##"{"type":["integer","null"]}"##),
            (##"{"type":["string"]}"##, ##"{"type":["string"]}"##),
            (##"{"type":"\u0073tring"}"##, ##"{"type":"string"}"##),
            (##"{"\u0074ype":"STRING"}"##, ##"{"type":"string"}"##),
            (##"{"type":null,"title":"a"}"##, ##"{"title":"a"}"##),
            (##"{"type":[],"title":"a"}"##, ##"{"title":"a"}"##),
            // nullable
            (##"{"type":"string","nullable":true}"##, ##"{"type":["string","null"]}"##),
            (##"{"nullable":true,"type":"STRING"}"##, ##"{"type":["string","null"]}"##),
            (##"{"type":["string","number"],"nullable":true}"##, ##"{"type":["string","number","null"]}"##),
            (##"{"type":["string","null"],"nullable":true}"##, ##"{"type":["string","null"]}"##),
            (##"{"type":"string","nullable":false}"##, ##"{"type":"string"}"##),
            (
                ##"{"nullable":true,"anyOf":[{"type":"string"},{"type":"number"}]}"##,
                ##"{"anyOf":[{"type":"string"},{"type":"number"},{"type":"null"}]}"##
            ),
            (
                ##"{"nullable":true,"oneOf":[{"type":"string"},{"type":"null"}]}"##,
                ##"{"oneOf":[{"type":"string"},{"type":"null"}]}"##
            ),
            (##"{"nullable":true,"enum":["a"]}"##, ##"{"enum":["a"],"type":["string","null"]}"##),
            (##"{"nullable":true,"properties":{}}"##, ##"{"type":["object","null"],"properties":{}}"##),
            (##"{"nullable":true}"##, "{}"),
            // enum
            (##"{"type":"string","enum":["a",null]}"##, ##"{"type":["string","null"],"enum":["a"]}"##),
            (##"{"enum":["a",null,"b"]}"##, ##"{"enum":["a","b"],"type":["string","null"]}"##),
            (##"{"enum":[1,2.5,null]}"##, ##"{"enum":[1,2.5],"type":["number","null"]}"##),
            (##"{"type":"boolean","enum":[true]}"##, ##"{"type":"boolean"}"##),
            (##"{"enum":[true,false]}"##, ##"{"type":"boolean"}"##),
            (##"{"enum":[null]}"##, ##"{"type":"null"}"##),
            (
                ##"{"enum":["a",true]}"##,
                ##"{"type":["string","boolean"],"description":"(one of: \"a\", true)"}"##
            ),
            (
                ##"{"type":["string","boolean"],"enum":["auto",true,false]}"##,
                ##"{"type":["string","boolean"],"description":"(one of: \"auto\", true, false)"}"##
            ),
            (
                ##"{"description":"D","type":["integer","boolean","null"],"enum":[1,true,null]}"##,
                ##"{"description":"D (one of: 1, true)","type":["integer","boolean","null"]}"##
            ),
            (##"{"type":"string","enum":["a",true]}"##, ##"{"type":"string","enum":["a"]}"##),
            (##"{"type":"boolean","enum":["a",true]}"##, ##"{"type":"boolean"}"##),
            (##"{"type":"string","enum":[]}"##, ##"{"type":"string"}"##),
            (##"{"type":"string","enum":null}"##, ##"{"type":"string"}"##),
            (
                ##"{"enum":[{"a":1},"b"]}"##,
                ##"{"type":["object","string"],"description":"(one of: {\"a\":1}, \"b\")"}"##
            ),
            (##"{"enum":[[1],null]}"##, ##"{"type":["array","null"],"description":"(one of: [1])"}"##),
            // const
            (##"{"const":"hotel"}"##, ##"{"enum":["hotel"],"type":"string"}"##),
            (##"{"type":"string","const":"a\n"}"##, ##"{"type":"string","enum":["a\n"]}"##),
            (##"{"const":1}"##, ##"{"enum":[1],"type":"integer"}"##),
            (##"{"const":1.50}"##, ##"{"enum":[1.50],"type":"number"}"##),
            (##"{"const":true}"##, ##"{"type":"boolean","description":"(const: true)"}"##),
            (##"{"description":"D","const":null}"##, ##"{"description":"D (const: null)","type":"null"}"##),
            (
                ##"{"const":{"a":[1,"x"]}}"##,
                ##"{"type":"object","description":"(const: {\"a\":[1,\"x\"]})"}"##
            ),
            (##"{"const":"a","enum":["a","b"]}"##, ##"{"enum":["a"],"type":"string"}"##),
            // patternProperties
            (
                ##"{"type":"object","patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"##,
                ##"{"type":"object"}"##
            ),
            (
                ##"{"properties":{"a":{"additionalProperties":false,"properties":{},"patternProperties":{"x":true}}}}"##,
                ##"{"properties":{"a":{"properties":{}}}}"##
            ),
            (
                ##"{"type":"object","patternProperties":{},"additionalProperties":false}"##,
                ##"{"type":"object","additionalProperties":false}"##
            ),
            (
                ##"{"patternProperties":{"x":true},"additionalProperties":{"type":"null"}}"##,
                ##"{"additionalProperties":{"type":"null"}}"##
            ),
            // items
            (
                ##"{"type":"array","items":[{"type":"string"},{"const":1}]}"##,
                ##"{"type":"array","prefixItems":[{"type":"string"},{"enum":[1],"type":"integer"}]}"##
            ),
            (
                ##"{"type":"array","prefixItems":[true],"items":false}"##,
                ##"{"type":"array","prefixItems":[{}]}"##
            ),
            (##"{"type":"array","items":true}"##, ##"{"type":"array","items":{}}"##),
            (##"{"type":"array","items":[]}"##, ##"{"type":"array"}"##),
            // exclusive bounds
            (##"{"type":"integer","exclusiveMinimum":0}"##, ##"{"type":"integer","minimum":1}"##),
            (
                ##"{"exclusiveMaximum":10,"type":["integer","null"]}"##,
                ##"{"maximum":9,"type":["integer","null"]}"##
            ),
            (##"{"type":"integer","exclusiveMinimum":0.5}"##, ##"{"type":"integer","minimum":1}"##),
            (##"{"type":"integer","exclusiveMaximum":-0.5}"##, ##"{"type":"integer","maximum":-1}"##),
            (##"{"type":"number","exclusiveMinimum":0.10}"##, ##"{"type":"number","minimum":0.10}"##),
            (##"{"exclusiveMaximum":1e3}"##, ##"{"maximum":1e3}"##),
            (##"{"type":"integer","minimum":5,"exclusiveMinimum":0}"##, ##"{"type":"integer","minimum":5}"##),
            (##"{"type":"integer","exclusiveMinimum":7,"minimum":5}"##, ##"{"type":"integer","minimum":8}"##),
            (
                ##"{"type":"integer","minimum":5,"exclusiveMinimum":true}"##,
                ##"{"type":"integer","minimum":6}"##
            ),
            (
                ##"{"type":"number","maximum":5,"exclusiveMaximum":true}"##,
                ##"{"type":"number","maximum":5}"##
            ),
            (
                ##"{"type":"number","maximum":5,"exclusiveMaximum":false}"##,
                ##"{"type":"number","maximum":5}"##
            ),
            (##"{"type":"integer","exclusiveMinimum":true}"##, ##"{"type":"integer"}"##),
            (
                ##"{"type":"integer","exclusiveMinimum":9223372036854775807}"##,
                ##"{"type":"integer","minimum":9223372036854775807}"##
            ),
            // told in description
            (
                ##"{"type":"string","description":"D","pattern":"^a$"}"##,
                ##"{"type":"string","description":"D (pattern: ^a$)"}"##
            ),
            (
                ##"{"type":["string","null"],"pattern":"^a"}"##,
                ##"{"type":["string","null"],"description":"(pattern: ^a)"}"##
            ),
            (
                ##"{"minLength":1,"type":"string","maxLength":2,"pattern":"\\d\"","multipleOf":3}"##,
                ##"{"description":"(minLength: 1) (maxLength: 2) (pattern: \\d\") (multipleOf: 3)","type":"string"}"##
            ),
            (##"{"pattern":"a","description":""}"##, ##"{"description":"(pattern: a)"}"##),
            (##"{"pattern":5,"minLength":"a","type":"string"}"##, ##"{"type":"string"}"##),
            // required
            (
                ##"{"type":"object","properties":{"a":{}},"required":["b","a","c",1]}"##,
                ##"{"type":"object","properties":{"a":{}},"required":["a"]}"##
            ),
            (##"{"type":"object","required":["a"]}"##, ##"{"type":"object"}"##),
            (
                ##"{"required":["\u0061"],"properties":{"a":{}}}"##,
                ##"{"required":["a"],"properties":{"a":{}}}"##
            ),
            (##"{"type":"string","required":true}"##, ##"{"type":"string"}"##),
            // boolean schemas
            (
                ##"{"properties":{"a":true,"b":false,"c":{}},"required":["a","b"]}"##,
                ##"{"properties":{"a":{},"c":{}},"required":["a"]}"##
            ),
            (##"{"anyOf":[{"type":"string"},false]}"##, ##"{"anyOf":[{"type":"string"}]}"##),
            (##"{"anyOf":[{"type":"string"},true]}"##, ##"{"anyOf":[{"type":"string"},{}]}"##),
            (##"{"anyOf":[false]}"##, "{}"),
            ("true", "{}"),
            // allOf
            (##"{"allOf":[{"type":"string","title":"a"}]}"##, ##"{"type":"string","title":"a"}"##),
            (
                ##"{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{}},"required":["a","b"]}],"type":"object"}"##,
                ##"{"properties":{"a":{"type":"string"},"b":{}},"required":["a","b"],"type":"object"}"##
            ),
            (
                ##"{"properties":{"x":{},"a":{"title":"own"}},"allOf":[{"properties":{"a":{"title":"1"},"b":{"title":"1"}}},{"properties":{"b":{"title":"2"}}}]}"##,
                ##"{"properties":{"x":{},"a":{"title":"own"},"b":{"title":"2"}}}"##
            ),
            (
                ##"{"allOf":[{"minimum":1,"title":"a"},{"minimum":2}],"title":"b"}"##,
                ##"{"minimum":2,"title":"b"}"##
            ),
            (##"{"allOf":[{"allOf":[{"type":"string"}]},true]}"##, ##"{"type":"string"}"##),
            (
                ##"{"allOf":[{"$ref":"#/$defs/a"},{"properties":{"y":{}}}],"$defs":{"a":{"properties":{"x":{}}}}}"##,
                ##"{"properties":{"x":{},"y":{}},"$defs":{"a":{"properties":{"x":{}}}}}"##
            ),
            // alternatives that say nothing any more
            (
                ##"{"properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]}"##,
                ##"{"properties":{"a":{},"b":{}}}"##
            ),
            // members of a wrong kind
            (##"{"type":"object","properties":[],"description":1,"title":null}"##, ##"{"type":"object"}"##),
            (##"{"properties":{"a":null,"b":[]}}"##, ##"{"properties":{"b":{}}}"##),
            (##"{"type":"string","type":"number"}"##, ##"{"type":"number"}"##),
        ])
    func rows(schema: String, expected: String) throws {
        #expect(try translated(schema) == expected)
        #expect(try translated(expected) == expected)
    }

    @Test("A property may be called like a keyword")
    func propertyNames() throws {
        let names = [
            "title", "$ref", "type", "properties", "default", "pattern", "$schema", "enum", "const", "items",
            "allOf",
            "required", "nullable", "additionalProperties", "__proto__", "definitions", "x-a",
        ]
        let properties = names.map { "\"\($0)\":{\"type\":\"string\"}" }.joined(separator: ",")
        let required = names.map { "\"\($0)\"" }.joined(separator: ",")
        let schema = "{\"type\":\"object\",\"properties\":{\(properties)},\"required\":[\(required)]}"
        #expect(try translated(schema) == schema)
        #expect(
            try translated("{\"$comment\":1,\"const\":\"a\",\"$defs\":{\(properties)}}")
                == "{\"enum\":[\"a\"],\"type\":\"string\",\"$defs\":{\(properties)}}")
    }

    @Test("Values are data: what looks like a keyword in them stays")
    func data() throws {
        let value = ##"{"$ref":"#/nowhere","pattern":"a","$schema":1,"type":"FOO","allOf":[1]}"##
        #expect(
            try translated(##"{"pattern":"p","default":\##(value)}"##)
                == ##"{"description":"(pattern: p)","default":\##(value)}"##)
        #expect(try translated(##"{"default":\##(value)}"##) == ##"{"default":\##(value)}"##)
        #expect(
            try translated(##"{"example":\##(value),"type":"object"}"##, to: .vertex)
                == ##"{"example":\##(value),"type":"OBJECT"}"##)
    }

    @Test("The worked example")
    func example() throws {
        let schema = ##"""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
              "properties":{"kind":{"const":"hotel"},"nights":{"type":"integer","exclusiveMinimum":0},"note":{"type":["string","null"],"pattern":"^a"}},"required":["kind","nights"],"additionalProperties":false}
            """##
        #expect(
            try translated(schema, for: .tool) == ##"""
                {"type":"object","properties":{"kind":{"enum":["hotel"],"type":"string"},"nights":{"type":"integer","minimum":1},"note":{"type":["string","null"],"description":"(pattern: ^a)"}},"required":["kind","nights"],"additionalProperties":false}
                """##)
    }

    @Test(
        "A type that is none of the seven is refused",
        arguments: [
            (##"{"type":"foo"}"##, "'foo' is not a valid type."),
            (##"{"properties":{"a":{"type":"String"}}}"##, "'String' is not a valid type."),
            (##"{"type":["string","any"]}"##, "'any' is not a valid type."),
            (##"{"type":5}"##, "'5' is not a valid type."),
            (##"{"properties":{"a":"string"}}"##, "'string' is not of type 'object', 'boolean'."),
            (##"{"anyOf":[1]}"##, "'1' is not of type 'object', 'boolean'."),
            ("[1]", "'[1]' is not of type 'object', 'boolean'."),
        ])
    func refused(schema: String, reason: String) {
        #expect(refusal(schema) == reason)
        #expect(refusal(schema, to: .developer) == reason)
    }

    @Test(
        "A tool's top level is an object schema",
        arguments: [
            (##"{"type":"string"}"##, "string"), (##"{"type":"ARRAY"}"##, "ARRAY"),
            (##"{"anyOf":[{"type":"object"}]}"##, "None"),
            (##"{"enum":["a"]}"##, "None"), ("true", "None"),
            (##"{"type":["object","string"]}"##, ##"["object","string"]"##),
        ])
    func toolRefused(schema: String, type: String) {
        let reason = ##"schema must be a JSON Schema of 'type: "object"', got 'type: "\##(type)"'."##
        #expect(refusal(schema, for: .tool) == reason)
        #expect(refusal(schema, to: .vertex, for: .tool) == reason)
    }

    @Test(
        "A tool's top level gets the type that it misses",
        arguments: [
            (##"{"properties":{"a":{}}}"##, ##"{"type":"object","properties":{"a":{}}}"##),
            (##"{"type":"OBJECT","properties":{"a":{}}}"##, ##"{"type":"object","properties":{"a":{}}}"##),
            (
                ##"{"type":["object","null"],"properties":{"a":{}}}"##,
                ##"{"type":"object","properties":{"a":{}}}"##
            ),
            (##"{"type":"object","nullable":true}"##, ##"{"type":"object"}"##),
            (
                ##"{"allOf":[{"type":"object","properties":{"a":{}}}]}"##,
                ##"{"type":"object","properties":{"a":{}}}"##
            ),
            (
                ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/a"}}}}}"##,
                ##"{"type":"object","properties":{"b":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/a"}}}}}"##
            ),
        ])
    func tool(schema: String, expected: String) throws {
        #expect(try translated(schema, for: .tool) == expected)
    }
}
