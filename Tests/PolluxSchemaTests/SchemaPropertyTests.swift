import PolluxJSON
import PolluxTranslation
import Testing

@Suite("Schemas: whatever comes in")
struct SchemaPropertyTests {
    static let forms: [SchemaForm] = [.jsonSchema, .vertex, .developer]

    private static let allowedInJSONSchema: Set<String> = [
        "$id", "$anchor", "$defs", "$ref", "type", "format", "title", "description", "enum", "items",
        "prefixItems",
        "minItems", "maxItems", "minimum", "maximum", "default", "properties", "required", "propertyOrdering",
        "additionalProperties", "anyOf", "oneOf",
    ]

    private static let allowedInOpenAPI: Set<String> = [
        "type", "format", "title", "description", "nullable", "default", "items", "minItems", "maxItems",
        "enum",
        "properties", "required", "propertyOrdering", "minProperties", "maxProperties", "minimum", "maximum",
        "minLength",
        "maxLength", "pattern", "example", "anyOf", "additionalProperties",
    ]

    /// Faults of a written schema: keywords that must not be there, or not in this way.
    private func faults(_ node: JSONNode, of json: borrowing JSONDocument, _ form: SchemaForm) -> [String] {
        guard json.isObject(node) else { return ["no object"] }
        var allowed = form == .jsonSchema ? Self.allowedInJSONSchema : Self.allowedInOpenAPI
        if form == .developer { allowed.remove("additionalProperties") }
        var result: [String] = []
        var names: Set<String> = []
        var members = json.members(node)
        while let member = members.next(in: json) {
            let name = json.string(member.key)
            if !names.insert(name).inserted { result.append("two of \(name)") }
            if !allowed.contains(name) { result.append(name) }
            switch name {
            case "properties", "$defs":
                var schemas = json.members(member.value)
                while let schema = schemas.next(in: json) { result += faults(schema.value, of: json, form) }
            case "anyOf", "oneOf", "prefixItems":
                if json.isEmpty(member.value) { result.append("empty \(name)") }
                var schemas = json.elements(member.value)
                while let schema = schemas.next(in: json) { result += faults(schema, of: json, form) }
            case "items": result += faults(member.value, of: json, form)
            case "additionalProperties":
                if json.boolean(member.value) == nil { result += faults(member.value, of: json, form) }
            case "enum":
                var values = json.elements(member.value)
                while let value = values.next(in: json) {
                    let isFine = json.isString(value) || form == .jsonSchema && json.isNumber(value)
                    if !isFine { result.append("enum of something else") }
                }
            case "required":
                var required = json.elements(member.value)
                while let name = required.next(in: json) {
                    let property = json.member("properties", of: node).flatMap {
                        json.member(named: json.string(name), of: $0)
                    }
                    if property == nil { result.append("required without a property") }
                }
            default: continue
            }
        }
        if names.contains("$ref"), !names.isSubset(of: ["$ref", "$id", "$anchor", "$defs"]) {
            result.append("beside $ref")
        }
        return result
    }

    @Test("What is written is JSON, has allowed keywords only, and is stable", arguments: forms)
    func sound(form: SchemaForm) throws {
        var accepted = 0
        for seed in 0..<600 {
            var generator = SchemaGenerator(seed: seed)
            let schema = generator.document()
            guard let text = try? translated(schema, to: form) else { continue }
            accepted += 1
            let bytes = Array(text.utf8)
            var tape = JSONTape()
            try tape.parse(bytes.span)
            let found = faults(.root, of: tape.document(of: bytes.span), form)
            #expect(found == [], "seed \(seed): \(schema) → \(text)")
            let again = try? translated(text, to: form)
            #expect(again == text, "seed \(seed): \(schema)")
        }
        #expect(accepted > 500)
    }

    @Test("White space and the taking of notes make no difference", arguments: forms)
    func formatting(form: SchemaForm) throws {
        for seed in 0..<250 {
            var generator = SchemaGenerator(seed: seed)
            let schema = generator.document()
            let text = try? translated(schema, to: form)
            let spaced = schema.replacing("{\"", with: "{ \"").replacing("],", with: "] ,\n")
            let other = try? translated(spaced, to: form)
            #expect(text == other, "seed \(seed): \(schema)")
            var notes = NoteTaker(isOn: true)
            let translator = SchemaTranslator(form: form, use: .responseFormat)
            let noted = try? translated(Array(schema.utf8), by: translator, notes: &notes)
            #expect(text == noted, "seed \(seed): \(schema)")
        }
    }

    @Test("Truncated and damaged schemas are refused or written, and no more", arguments: forms)
    func damage(form: SchemaForm) {
        for seed in 0..<40 {
            var generator = SchemaGenerator(seed: seed)
            let schema = Array(generator.document().utf8)
            for end in stride(from: 0, to: schema.count, by: 7) {
                #expect(throws: (any Error).self) {
                    try translated(Array(schema[..<end]), to: form, for: .tool)
                }
            }
            for _ in 0..<60 {
                var damaged = schema
                for _ in 0...2 {
                    let place = Int.random(in: 0..<damaged.count, using: &generator.random)
                    damaged[place] = Array("{}[]\":,0a$#/t".utf8).randomElement(using: &generator.random) ?? 0
                }
                _ = try? translated(damaged, to: form, for: .tool)
            }
        }
    }
}

@Suite("Schemas: the cache")
struct SchemaCacheTests {
    private func cached(_ schema: String, _ form: SchemaForm, _ use: SchemaUse, _ cache: SchemaCache)
        -> String?
    {
        let bytes = Array(schema.utf8)
        var tape = JSONTape()
        var notes = NoteTaker.off
        var writer = JSONWriter()
        writer.beginArray()
        writer.integer(1)
        do {
            try tape.parse(bytes.span)
            let translator = SchemaTranslator(form: form, use: use)
            try cache.write(
                .root, of: tape.document(of: bytes.span), by: translator, into: &writer, path: "",
                notes: &notes)
        } catch {
            return nil
        }
        writer.endArray()
        return String(copying: writer.output.span)
    }

    @Test("It writes what the translator writes, before and after it knows a schema")
    func same() {
        let cache = SchemaCache()
        for round in 0..<2 {
            for seed in 0..<150 {
                var generator = SchemaGenerator(seed: seed)
                let schema = generator.document()
                for form in SchemaPropertyTests.forms {
                    for use in [SchemaUse.tool, .responseFormat] {
                        let expected = try? translated(schema, to: form, for: use)
                        #expect(
                            cached(schema, form, use, cache) == expected.map { "[1,\($0)]" },
                            "\(round) \(schema)")
                    }
                }
            }
        }
        #expect(cache.count > 100)
        #expect(cache.count <= 256)
    }

    @Test("It keeps no large schema, and no more than its number")
    func bounds() {
        let cache = SchemaCache()
        let large = ##"{"type":"object","description":"\##(String(repeating: "a", count: 5000))"}"##
        _ = cached(large, .jsonSchema, .tool, cache)
        #expect(cache.count == 0)
        for number in 0..<5000 {
            _ = cached(##"{"type":"object","title":"\##(number)"}"##, .jsonSchema, .tool, cache)
        }
        #expect(cache.count <= 256)
        #expect(cache.count > 200)
    }

    @Test("Of a set that is full, the schema used last stays")
    func recency() {
        let cache = SchemaCache()
        let favourite = #"{"type":"object","title":"favourite"}"#
        for number in 0..<2000 {
            #expect(cached(favourite, .jsonSchema, .tool, cache) == "[1,\(favourite)]")
            _ = cached(##"{"type":"object","title":"\##(number)"}"##, .jsonSchema, .tool, cache)
        }
    }
}
