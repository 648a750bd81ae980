/// Numbers from a seed, the same on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Random schemas: mostly sound, with every keyword, in all the ways in which people write them.
struct SchemaGenerator {
    var random: SeededGenerator
    /// Names of definitions that references name.
    private let definitions = ["a", "b", "c"]
    private let names = ["a", "b", "title", "$ref", "type", "properties", "é", "x y"]

    init(seed: Int) { random = SeededGenerator(seed: seed) }

    private mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func document() -> String {
        var members = self.members(depth: 4)
        members.append(
            (chance(50) ? "\"$defs\":" : "\"definitions\":")
                + object(definitions.map { "\"\($0)\":" + schema(depth: 3) }))
        return object(members)
    }

    private func object(_ members: [String]) -> String { "{" + members.joined(separator: ",") + "}" }

    private func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

    private mutating func many(_ range: ClosedRange<Int>, _ make: (inout SchemaGenerator) -> String)
        -> [String]
    {
        (0..<Int.random(in: range, using: &random)).map { _ in make(&self) }
    }

    private mutating func schema(depth: Int) -> String {
        if chance(3) { return one(of: ["true", "false"]) }
        return object(members(depth: depth))
    }

    private mutating func members(depth: Int) -> [String] {
        var members: [String] = []
        var seen: Set<String> = []
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let member = self.member(depth: depth - 1)
            if let name = member.split(separator: ":").first, seen.insert(String(name)).inserted {
                members.append(member)
            }
        }
        return members
    }

    private mutating func value() -> String {
        one(of: [
            "null", "true", "false", "1", "1.50", "-2", "\"a\"", "\"\"", "\"\\u00e9\\n\"", "[1,\"b\"]",
            "{\"type\":1}",
        ])
    }

    private mutating func member(depth: Int) -> String {
        let isLeaf = depth <= 0
        switch Int.random(in: 0..<(isLeaf ? 20 : 32), using: &random) {
        case 0, 1, 2:
            let types = [
                "string", "integer", "number", "boolean", "object", "array", "null", "STRING", "OBJECT",
                "ARRAY",
            ]
            if chance(25) { return "\"type\":" + array(many(0...3) { "\"" + $0.one(of: types) + "\"" }) }
            return "\"type\":\"" + one(of: types) + "\""
        case 3: return "\"description\":\"" + one(of: ["D", "", "\\\"q\\\""]) + "\""
        case 4: return "\"title\":" + one(of: ["\"T\"", "null", "5"])
        case 5: return "\"enum\":" + array(many(0...4) { $0.value() })
        case 6: return "\"const\":" + value()
        case 7: return "\"default\":" + value()
        case 8: return "\"nullable\":" + one(of: ["true", "false", "null"])
        case 9: return "\"minimum\":" + one(of: ["1", "0.5", "-3"])
        case 10: return "\"exclusiveMinimum\":" + one(of: ["1", "0.5", "true", "false"])
        case 11: return "\"exclusiveMaximum\":" + one(of: ["10", "1e3", "true"])
        case 12: return "\"pattern\":" + one(of: ["\"^a$\"", "\"\\\\d\"", "3"])
        case 13:
            return "\""
                + one(of: ["minLength", "maxLength", "minItems", "maxItems", "multipleOf", "minProperties"])
                + "\":2"
        case 14: return "\"format\":" + one(of: ["\"email\"", "\"date-time\"", "\"int32\""])
        case 15:
            return "\"" + one(of: ["$schema", "$comment", "x-a", "readOnly", "examples", "not", "if"]) + "\":"
                + value()
        case 16: return "\"required\":" + array(many(0...3) { "\"" + $0.one(of: $0.names) + "\"" })
        case 17: return "\"propertyOrdering\":[\"a\"]"
        case 18, 19:
            return "\"$ref\":\""
                + one(of: ["#", "#/$defs/a", "#/$defs/b", "#/definitions/c", "#/definitions/a"]) + "\""
        case 20, 21, 22, 23:
            var seen: Set<String> = []
            let properties = many(0...4) { "\"" + $0.one(of: $0.names) + "\"" }.filter {
                seen.insert($0).inserted
            }
            return "\"properties\":" + object(properties.map { $0 + ":" + schema(depth: depth) })
        case 24:
            return "\"items\":"
                + (chance(20) ? array(many(0...3) { $0.schema(depth: depth) }) : schema(depth: depth))
        case 25: return "\"prefixItems\":" + array(many(0...3) { $0.schema(depth: depth) })
        case 26: return "\"additionalProperties\":" + schema(depth: depth)
        case 27, 28:
            return "\"anyOf\":"
                + array(many(0...3) { $0.schema(depth: depth) } + (chance(40) ? ["{\"type\":\"null\"}"] : []))
        case 29: return "\"oneOf\":" + array(many(0...3) { $0.schema(depth: depth) })
        case 30: return "\"allOf\":" + array(many(0...3) { $0.schema(depth: depth) })
        default: return "\"$defs\":" + object(["\"n\":" + schema(depth: depth)])
        }
    }
}
