internal import PolluxJSON

/// The tool calls of one streamed choice: their places, and those that wait to be written.
///
/// A call whose arguments are empty waits for the next event: Gemini 3 was seen to send a named call
/// first and its arguments, without a name, after it (04 § 3.1).
struct StreamCalls: Sendable {
    private struct Waiting: Sendable {
        var name: String
        var id: String
        var index: Int
        var signature: [UInt8]?
    }

    private let plan: ResponsePlan
    private var writer: ToolCallWriter
    private var count = 0
    /// Entries of the current run, with commas.
    private var pending: [UInt8] = []
    private var waiting: Waiting?
    private var partial: PartialArguments?
    private(set) var signed: [(id: String, signature: String)] = []

    init(plan: ResponsePlan) {
        self.plan = plan
        writer = ToolCallWriter(plan: plan)
    }

    var hasAny: Bool { count > 0 }
    var waitsForArguments: Bool { waiting != nil }

    /// Reads one `functionCall` part.
    mutating func read(
        _ call: JSONNode, signature: JSONNode?, of json: borrowing JSONDocument, identifiers: inout IdentifierSource
    ) {
        let arguments = ToolCallWriter.arguments(call, of: json)
        let willContinue = json.value("willContinue", of: call).flatMap { json.boolean($0) } ?? false
        let fragments = json.value("partialArgs", of: call)
        guard let name = json.value("name", of: call), json.length(name) > 0 else {
            return readNameless(arguments, fragments, willContinue: willContinue, of: json)
        }
        end()
        let isDropped = count > 0 && (plan.returnsOneCall || plan.usesLegacyFunctions)
        let id = writer.id(call, of: json, identifiers: &identifiers)
        if isDropped { return }
        if let signature { signed.append((id, json.string(signature))) }
        let index = count
        count += 1
        let ownName = writer.name(call, of: json)
        if willContinue || fragments != nil {
            append(
                name: ownName, id: id, text: [], signature: signature.map { Array(copying: json.raw($0)) }, index: index
            )
            partial = PartialArguments(index: index)
            return readNameless(nil, fragments, willContinue: willContinue, of: json)
        }
        guard let arguments else {
            waiting = Waiting(
                name: ownName, id: id, index: index, signature: signature.map { Array(copying: json.raw($0)) }
            )
            return
        }
        append { writer, calls in
            if calls.plan.usesLegacyFunctions {
                calls.writer.writeFunction(name: ownName, arguments: arguments, of: json, into: &writer)
            } else {
                calls.writer.write(
                    name: ownName, id: id, arguments: arguments, signature: signature, index: index, of: json,
                    into: &writer
                )
            }
        }
    }

    /// A part without a name goes on with the call before it.
    private mutating func readNameless(
        _ arguments: JSONNode?, _ fragments: JSONNode?, willContinue: Bool, of json: borrowing JSONDocument
    ) {
        if let call = waiting {
            guard let arguments else { return }
            waiting = nil
            var text = JSONWriter(minimumCapacity: 256)
            text.copy(arguments, of: json)
            return append(
                name: call.name, id: call.id, text: text.output.array(), signature: call.signature, index: call.index
            )
        }
        guard partial != nil else { return }
        var text: [UInt8] = []
        if let fragments { partial?.write(fragments, of: json, into: &text) }
        if !willContinue { partial?.end(into: &text) }
        appendFragment(text)
        if !willContinue { partial = nil }
    }

    /// The last call has nothing more to come.
    mutating func end() {
        if let call = waiting {
            waiting = nil
            append(name: call.name, id: call.id, text: Array("{}".utf8), signature: call.signature, index: call.index)
        }
        if partial != nil {
            var text: [UInt8] = []
            partial?.end(into: &text)
            appendFragment(text)
            partial = nil
        }
    }

    /// The entries to write; `nil` when there are none.
    mutating func takePending() -> [UInt8]? {
        if waiting != nil { end() }
        guard !pending.isEmpty else { return nil }
        let entries = pending
        pending = []
        return entries
    }

    // MARK: Entries

    private mutating func append(_ write: (inout JSONWriter, borrowing StreamCalls) -> Void) {
        var entry = JSONWriter(minimumCapacity: 256)
        write(&entry, self)
        if !pending.isEmpty { pending.append(UInt8(ascii: ",")) }
        pending += entry.output.array()
    }

    /// An entry whose arguments are known as text.
    private mutating func append(name: String, id: String, text: [UInt8], signature: [UInt8]?, index: Int) {
        let isLegacy = plan.usesLegacyFunctions
        let isCustom = plan.toolNames.isCustom(name)
        append { writer, _ in
            writer.beginObject()
            if let signature, !isLegacy {
                writer.key("extra_content")
                writer.raw("{\"google\":{\"thought_signature\":\"")
                writer.output.append(signature.span)
                writer.output.append("\"}}" as StaticString)
            }
            if !isLegacy { writer.key(isCustom ? "custom" : "function") }
            if !isLegacy { writer.beginObject() }
            writer.key(isCustom ? "input" : "arguments")
            writer.string(utf8: text.span)
            writer.key("name")
            writer.string(text: name)
            writer.endObject()
            if isLegacy { return }
            writer.key("id")
            writer.string(text: id)
            writer.key("index")
            writer.integer(index)
            writer.key("type")
            writer.string(isCustom ? "custom" : "function")
            writer.endObject()
        }
    }

    /// `{"function":{"arguments":"…"},"index":0}`; nothing for an empty fragment.
    private mutating func appendFragment(_ text: [UInt8]) {
        guard !text.isEmpty, let index = partial?.index else { return }
        let isLegacy = plan.usesLegacyFunctions
        append { writer, _ in
            writer.beginObject()
            if !isLegacy {
                writer.key("function")
                writer.beginObject()
            }
            writer.key("arguments")
            writer.string(utf8: text.span)
            writer.endObject()
            if !isLegacy {
                writer.key("index")
                writer.integer(index)
                writer.endObject()
            }
        }
    }
}
