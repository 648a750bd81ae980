import PolluxJSON
import PolluxTranslation
import Testing

@Suite("Incremental arguments")
struct IncrementalArgumentTests {
    /// A value of a call's arguments; paths cannot tell of empty objects and arrays.
    indirect enum Value {
        case word(String)
        case string(String)
        case array([Value])
        case object([(name: String, value: Value)])

        /// The value as compact JSON.
        func write(into writer: inout JSONWriter) {
            switch self {
            case .word(let word): writer.raw(Array(word.utf8).span)
            case .string(let text): writer.string(text: text)
            case .array(let values):
                writer.beginArray()
                for value in values { value.write(into: &writer) }
                writer.endArray()
            case .object(let members):
                writer.beginObject()
                for member in members {
                    writer.key(text: member.name)
                    member.value.write(into: &writer)
                }
                writer.endObject()
            }
        }
    }

    @Test("An object that is cut anywhere is the same object (STREAM-034)", arguments: 0..<200)
    func anyObject(seed: Int) throws {
        var chance = Chance(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        let value = Value.object(Self.members(depth: 0, &chance))
        var expected = JSONWriter()
        value.write(into: &expected)
        var fragments: [String] = []
        Self.cut(value, path: "$", &chance, into: &fragments)
        let text = try Self.arguments(from: Self.events(fragments, &chance))
        #expect(text == String(decoding: expected.output.array(), as: UTF8.self))
    }

    // MARK: Chance

    /// SplitMix64 (Steele, Lea and Flood).
    struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }

        mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
    }

    private static func members(depth: Int, _ chance: inout Chance) -> [(name: String, value: Value)] {
        let names = ["city", "größe", "a.b", "it's", "with \"quotes\"", "x-y", "", "[0]", "line\nend", "🌞", "\u{301}"]
        return names.shuffled(using: &chance).prefix(1 + chance.below(4)).map { ($0, value(depth: depth + 1, &chance)) }
    }

    private static func value(depth: Int, _ chance: inout Chance) -> Value {
        switch chance.below(depth < 4 ? 6 : 4) {
        case 0: return .word(["1", "-2.50", "6.02e23", "true", "false", "null"].randomElement(using: &chance) ?? "0")
        case 1, 2, 3:
            let pieces = ["Oslo", " ", "\"", "\\", "\n", "é", "👩‍💻", "\u{1}", "/", "e\u{301}"]
            return .string((0..<chance.below(5)).map { _ in pieces[chance.below(pieces.count)] }.joined())
        case 4: return .array((0...chance.below(3)).map { _ in value(depth: depth + 1, &chance) })
        default: return .object(members(depth: depth, &chance))
        }
    }

    // MARK: What Gemini sends

    /// The `partialArgs` of a value, its strings in several pieces.
    private static func cut(_ value: Value, path: String, _ chance: inout Chance, into fragments: inout [String]) {
        let place = "\"jsonPath\":" + quoted(path)
        switch value {
        case .word(let word):
            let kind = word == "null" ? "nullValue" : word.hasSuffix("e") ? "boolValue" : "numberValue"
            fragments.append("{\(place),\"\(kind)\":\(word)}")
        case .string(let text):
            var rest = Substring.UnicodeScalarView(text.unicodeScalars)
            while true {
                let piece = rest.prefix(chance.below(4))
                rest = rest.dropFirst(piece.count)
                let isLast = rest.isEmpty && chance.below(2) == 0
                let more = isLast ? "" : ",\"willContinue\":true"
                fragments.append("{\(place),\"stringValue\":\(quoted(String(piece)))\(more)}")
                if isLast || (rest.isEmpty && chance.below(3) == 0) { return }
            }
        case .array(let values):
            for (index, value) in values.enumerated() {
                cut(value, path: path + "[\(index)]", &chance, into: &fragments)
            }
        case .object(let members):
            for member in members {
                let own = path + step(member.name, &chance)
                cut(member.value, path: own, &chance, into: &fragments)
            }
        }
    }

    /// One of the ways to write a step (RFC 9535).
    private static func step(_ name: String, _ chance: inout Chance) -> String {
        let isPlain = !name.isEmpty && !name.unicodeScalars.contains { ".['\"\n".unicodeScalars.contains($0) }
        if isPlain, chance.below(2) == 0 { return "." + name }
        if chance.below(2) == 0 { return "[" + quoted(name) + "]" }
        // Scalars: a mark that combines would make one character with the quote before it.
        let escaped = String(String.UnicodeScalarView(quoted(name).unicodeScalars.dropFirst().dropLast()))
        return "['" + escaped.replacing("\\\"", with: "\"").replacing("'", with: "\\'") + "']"
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text: text)
        return String(decoding: writer.output.array(), as: UTF8.self)
    }

    /// The fragments in events of one or more parts, between the call's beginning and its end.
    private static func events(_ fragments: [String], _ chance: inout Chance) -> [[UInt8]] {
        var parts = [#"{"functionCall":{"id":"c","name":"f","willContinue":true}}"#]
        var rest = fragments[...]
        while !rest.isEmpty {
            let taken = rest.prefix(1 + chance.below(3))
            rest = rest.dropFirst(taken.count)
            let arguments = taken.joined(separator: ",")
            parts.append(#"{"functionCall":{"partialArgs":[\#(arguments)],"willContinue":true}}"#)
        }
        parts.append(#"{"functionCall":{}}"#)
        var events: [[UInt8]] = []
        while !parts.isEmpty {
            let taken = parts.prefix(1 + chance.below(3))
            parts.removeFirst(taken.count)
            let end = parts.isEmpty ? #","finishReason":"STOP""# : ""
            let content = taken.joined(separator: ",")
            events.append(Array(#"{"candidates":[{"content":{"parts":[\#(content)]}\#(end)}]}"#.utf8))
        }
        return events
    }

    // MARK: What the client reads

    /// The `arguments` of all deltas, one behind the other.
    private static func arguments(from events: [[UInt8]]) throws -> String {
        var translator = StreamTranslator(plan: ResponsePlan(), now: 0)
        var identifiers = IdentifierSource(seed: (1, 2))
        var writer = JSONWriter()
        var tape = JSONTape()
        for event in events {
            try tape.parse(event.span)
            translator.translate(tape.document(of: event.span), identifiers: &identifiers, into: &writer)
        }
        #expect(translator.finish(into: &writer) == .finished)
        var text = ""
        for data in GoldenCase.events(of: writer.output.array(), cutAt: []) where data != Array("[DONE]".utf8) {
            try tape.parse(data.span)
            let json = tape.document(of: data.span)
            var choices = json.elements(json.value("choices", of: .root) ?? .root)
            guard let choice = choices.next(in: json), let delta = json.value("delta", of: choice),
                let list = json.value("tool_calls", of: delta)
            else { continue }
            var calls = json.elements(list)
            while let call = calls.next(in: json) {
                if let arguments = json.value("function", of: call).flatMap({ json.value("arguments", of: $0) }) {
                    text += json.string(arguments)
                }
            }
            #expect(json.count(list) == 1, "one entry for one call")
        }
        return text
    }
}
