import PolluxJSON

/// Adds up the chunks of a stream by the rules of OpenAI's clients: texts are appended, numbers added, objects united,
/// lists of objects united by their `index`.
struct StreamFold {
    private var byIndex: [Int: JSONValue] = [:]
    private(set) var usage: JSONValue?

    /// The choices as a whole answer has them, by index.
    var choices: [JSONValue] { byIndex.sorted { $0.key < $1.key }.map(\.value) }

    mutating func add(_ chunk: JSONValue) {
        if let usage = chunk["usage"], usage != .null { self.usage = usage }
        for choice in chunk["choices"]?.elements ?? [] {
            let index = choice["index"]?.integer ?? 0
            var whole = byIndex[index] ?? .object([.init("index", .number("\(index)")), .init("message", .object([]))])
            if let delta = choice["delta"] { whole.set("message", Self.united(whole["message"] ?? .object([]), delta)) }
            for name in ["finish_reason", "logprobs"] {
                if let value = choice[name], value != .null { whole.set(name, value) }
            }
            byIndex[index] = whole
        }
    }

    private static func united(_ whole: JSONValue, _ delta: JSONValue) -> JSONValue {
        switch (whole, delta) {
        case (_, .null): return whole
        case (.null, _): return delta
        case (.string(let one), .string(let two)): return .string(one + two)
        case (.number(let one), .number(let two)):
            guard let one = Double(one), let two = Double(two) else { return delta }
            return .number("\(one + two)")
        case (.object, .object(let members)):
            var result = whole
            for member in members {
                // An index and a type say which; they are not added up.
                if member.name == "index" || member.name == "type" {
                    result.set(member.name, member.value)
                } else {
                    result.set(member.name, united(whole[member.name] ?? .null, member.value))
                }
            }
            return result
        case (.array(let one), .array(let two)): return .array(united(one, two))
        default: return delta
        }
    }

    private static func united(_ whole: [JSONValue], _ delta: [JSONValue]) -> [JSONValue] {
        var result = whole
        for element in delta {
            if let index = element["index"]?.integer,
                let place = result.firstIndex(where: { $0["index"]?.integer == index })
            {
                result[place] = united(result[place], element)
            } else {
                result.append(element)
            }
        }
        return result
    }
}

extension JSONValue {
    /// Sets a member of an object, in its place or at the end.
    mutating func set(_ name: String, _ value: JSONValue) {
        guard case .object(var members) = self else { return }
        if let place = members.firstIndex(where: { $0.name == name }) {
            members[place].value = value
        } else {
            members.append(JSONValue.Member(name, value))
        }
        self = .object(members)
    }
}
