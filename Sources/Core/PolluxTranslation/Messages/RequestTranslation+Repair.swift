internal import PolluxJSON
internal import PolluxOpenAIWire

/// The messages that made calls with one id and have no result, in their order, as seen from one place of the
/// conversation after the other.
private struct Callers {
    /// Those before the place: the nearest is the last.
    private var earlier: [Int] = []
    /// Those behind it begin at `next`.
    var later: [Int] = []
    private var next = 0

    /// The nearest one before this place, else the nearest behind it. Places are asked for in ascending order.
    mutating func take(for place: Int) -> Int? {
        while next < later.count, later[next] < place {
            earlier.append(later[next])
            next += 1
        }
        if let nearest = earlier.popLast() { return nearest }
        guard next < later.count else { return nil }
        next += 1
        return later[next - 1]
    }
}

/// Results that do not stand behind their calls, put there where the operator or the request allows it.
extension RequestTranslation {
    var repairsHistory: Bool {
        google.repair.flatMap { json.boolean($0) } ?? settings.repairsHistory
    }

    /// The messages with each result behind the message that made its call.
    ///
    ///     assistant(call a), user, tool(a)    assistant(call a), tool(a), user
    ///     tool(a), assistant(call a)          assistant(call a), tool(a)
    ///
    /// A result goes to the nearest call with its id that has none: before it, else after it. One that no such
    /// call waits for stays where it is.
    mutating func mended(_ messages: [Message]) -> [Message] {
        guard repairsHistory else { return messages }
        var (waiting, settled) = waitingCalls(messages)
        if waiting.isEmpty { return messages }
        var moved: [Int: [Message]] = [:]
        var stays = Array(repeating: true, count: messages.count)
        for message in messages where message.role == .tool && !settled.contains(message.index) {
            let id = message.fields[.toolCallID].map { json.string($0) } ?? ""
            guard let caller = waiting[id]?.take(for: message.index) else { continue }
            moved[caller, default: []].append(message)
            stays[message.index] = false
            notes.note(.repaired, message.path, rule: "TOOL-031", "moved behind messages[\(caller)]")
        }
        return messages.flatMap { (stays[$0.index] ? [$0] : []) + (moved[$0.index] ?? []) }
    }

    /// Ids of calls without a result behind them, with the messages that made them; and the results that stand
    /// where they should.
    private func waitingCalls(_ messages: [Message]) -> (waiting: [String: Callers], settled: Set<Int>) {
        var waiting: [String: Callers] = [:]
        var settled: Set<Int> = []
        for message in messages where message.role == .assistant {
            guard let calls = message.fields[.toolCalls], json.isArray(calls) else { continue }
            var open: Set<String> = []
            var elements = json.elements(calls)
            while let call = elements.next(in: json) {
                if let id = json.value("id", of: call), json.length(id) > 0 { open.insert(json.string(id)) }
            }
            let made = open
            for result in messages[(message.index + 1)...].prefix(while: \.isResult) {
                guard let id = result.fields[.toolCallID].map({ json.string($0) }), made.contains(id)
                else { continue }
                settled.insert(result.index)
                open.remove(id)
            }
            for id in open { waiting[id, default: Callers()].later.append(message.index) }
        }
        return (waiting, settled)
    }

    /// A result that follows no call (TOOL-031).
    mutating func writeOrphan(_ message: Message) throws(APIError) {
        guard repairsHistory else {
            throw .badRequest(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                param: "\(message.path).role", code: "invalid_value"
            )
        }
        notes.note(.repaired, message.path, rule: "TOOL-031", "a result without its call was sent as text")
        openContent(.user)
        writer.beginObject()
        writer.key("text")
        writer.beginString()
        writer.output.append("Result of an earlier tool call: " as StaticString)
        forEachText(message) { node, translation in translation.writer.fragment(copying: node, of: translation.json) }
        writer.endString()
        writer.endObject()
        guard let content = message.content, json.isArray(content) else { return }
        var elements = json.elements(content)
        var index = 0
        while let part = elements.next(in: json) {
            let path = "\(message.path).content[\(index)]"
            let type = try partType(part, message.path, index)
            if type != "text" { try writeMediaPart(part, type: type, path: { path }) }
            index += 1
        }
    }
}
