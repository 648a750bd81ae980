internal import PolluxJSON

/// The tool calls of one streamed choice: their places, and those that wait to be written.
///
/// A call whose arguments are empty waits for the next event: Gemini 3 was seen to send a named call
/// first and its arguments, without a name, after it (04 § 3.1).
struct StreamCalls: Sendable {
    /// A call whose arguments are not part of an upstream document.
    private struct Call: Sendable {
        let name: String
        let id: String
        let index: Int
        var signature: [UInt8]?
        /// The arguments so far, as JSON text.
        var text: [UInt8] = []
    }

    /// One entry of a delta. A delta holds one entry for a call: accumulators take the first list as it is.
    private enum Entry: Sendable {
        /// A complete call, as it is written.
        case whole([UInt8])
        /// A call, or its beginning.
        case call(Call)
        /// More of a call's arguments.
        case fragment([UInt8], index: Int)
    }

    private let plan: ResponsePlan
    private var writer: ToolCallWriter
    private var count = 0
    private var entries: [Entry] = []
    /// A call that is not to be written before its arguments are known.
    private var waiting: Call?
    private var partial: PartialArguments?
    private(set) var signed: [(id: String, signature: String)] = []

    init(plan: ResponsePlan) {
        self.plan = plan
        writer = ToolCallWriter(plan: plan)
    }

    /// Ids of the stream so far (TOOL-041).
    var usedIDs: [String] {
        get { writer.usedIDs }
        set { writer.usedIDs = newValue }
    }

    var hasAny: Bool { count > 0 }
    var waitsForArguments: Bool { waiting != nil && partial == nil }

    // MARK: Reading

    /// Reads one `functionCall` part.
    mutating func read(
        _ node: JSONNode, signature: JSONNode?, of json: borrowing JSONDocument, identifiers: inout IdentifierSource
    ) {
        let arguments = ToolCallWriter.arguments(node, of: json)
        let willContinue = json.value("willContinue", of: node).flatMap { json.boolean($0) } ?? false
        let fragments = json.value("partialArgs", of: node)
        guard ToolCallWriter.isNamed(node, of: json) else {
            if waitsForArguments, let arguments { return complete(arguments, signature, of: json) }
            return readFragments(fragments, willContinue: willContinue, of: json)
        }
        end()
        let isDropped = count > 0 && (plan.returnsOneCall || plan.usesLegacyFunctions)
        let id = writer.id(node, of: json, identifiers: &identifiers)
        if isDropped { return }
        if let signature { signed.append((id, json.string(signature))) }
        let ownName = writer.name(node, of: json)
        let index = count
        count += 1
        if let arguments, !willContinue, fragments == nil {
            return append(name: ownName, id: id, arguments, signature, index: index, of: json)
        }
        let call = Call(name: ownName, id: id, index: index, signature: signature.map { Array(copying: json.raw($0)) })
        guard willContinue || fragments != nil else { return waiting = call }
        partial = PartialArguments(index: index)
        // A custom tool's input can be told only from the whole arguments.
        if plan.toolNames.isCustom(ownName) { waiting = call } else { entries.append(.call(call)) }
        readFragments(fragments, willContinue: willContinue, of: json)
    }

    /// Whether one of these parts brings the arguments of the call that waits.
    static func bringArguments(_ parts: JSONNode?, of json: borrowing JSONDocument) -> Bool {
        guard let parts else { return false }
        var elements = json.elements(parts)
        while let part = elements.next(in: json) {
            guard let call = json.value("functionCall", of: part) else { continue }
            return !ToolCallWriter.isNamed(call, of: json) && ToolCallWriter.arguments(call, of: json) != nil
        }
        return false
    }

    private mutating func complete(_ arguments: JSONNode, _ signature: JSONNode?, of json: borrowing JSONDocument) {
        guard var call = waiting else { return }
        waiting = nil
        var text = JSONWriter(minimumCapacity: 256)
        text.copy(arguments, of: json)
        call.text = text.output.array()
        if call.signature == nil, let signature {
            call.signature = Array(copying: json.raw(signature))
            signed.append((call.id, json.string(signature)))
        }
        entries.append(.call(call))
    }

    private mutating func readFragments(_ fragments: JSONNode?, willContinue: Bool, of json: borrowing JSONDocument) {
        if let call = waiting, partial == nil, fragments != nil {
            waiting = nil
            partial = PartialArguments(index: call.index)
            entries.append(.call(call))
        }
        guard partial != nil else { return }
        var text: [UInt8] = []
        if let fragments { partial?.write(fragments, of: json, into: &text) }
        add(text)
        if !willContinue { end() }
    }

    /// The last call has nothing more to come.
    mutating func end() {
        if partial != nil {
            var text: [UInt8] = []
            partial?.end(into: &text)
            add(text)
            partial = nil
        }
        guard var call = waiting else { return }
        waiting = nil
        if call.text.isEmpty { call.text = Array("{}".utf8) }
        entries.append(.call(call))
    }

    private mutating func add(_ text: [UInt8]) {
        guard !text.isEmpty, let index = partial?.index else { return }
        if waiting != nil {
            waiting?.text += text
            return
        }
        switch entries.last {
        case .call(var call) where call.index == index:
            call.text += text
            entries[entries.count - 1] = .call(call)
        case .fragment(let before, index): entries[entries.count - 1] = .fragment(before + text, index: index)
        default: entries.append(.fragment(text, index: index))
        }
    }

    // MARK: Writing

    /// The entries to write, with commas; `nil` when there are none.
    mutating func takePending() -> [UInt8]? {
        guard !entries.isEmpty else { return nil }
        if entries.count == 1, case .whole(let bytes) = entries[0] {
            entries.removeAll(keepingCapacity: true)
            return bytes
        }
        var writer = JSONWriter(minimumCapacity: 256)
        for entry in entries {
            switch entry {
            case .whole(let bytes): writer.raw(bytes.span)
            case .call(let call): write(call, into: &writer)
            case .fragment(let text, let index): write(text, index: index, into: &writer)
            }
        }
        entries.removeAll(keepingCapacity: true)
        return writer.output.array()
    }

    private mutating func append(
        name: String, id: String, _ arguments: JSONNode, _ signature: JSONNode?, index: Int,
        of json: borrowing JSONDocument
    ) {
        var entry = JSONWriter(minimumCapacity: 256)
        if plan.usesLegacyFunctions {
            writer.writeFunction(name: name, arguments: arguments, of: json, into: &entry)
        } else {
            writer.write(
                name: name, id: id, arguments: arguments, signature: signature, index: index, of: json, into: &entry
            )
        }
        entries.append(.whole(entry.output.array()))
    }

    private func write(_ call: Call, into writer: inout JSONWriter) {
        let isLegacy = plan.usesLegacyFunctions
        let isCustom = plan.toolNames.isCustom(call.name)
        writer.beginObject()
        if isCustom {
            writer.key("custom")
            writer.beginObject()
            writer.key("input")
            writer.string(utf8: Self.input(call.text).span)
            writer.key("name")
            writer.string(text: call.name)
            writer.endObject()
        }
        if let signature = call.signature, !isLegacy {
            writer.key("extra_content")
            writer.raw("{\"google\":{\"thought_signature\":\"")
            writer.output.append(signature.span)
            writer.output.append("\"}}" as StaticString)
        }
        if !isCustom {
            if !isLegacy {
                writer.key("function")
                writer.beginObject()
            }
            writer.key("arguments")
            writer.string(utf8: call.text.span)
            writer.key("name")
            writer.string(text: call.name)
            writer.endObject()
        }
        if isLegacy { return }
        writer.key("id")
        writer.string(text: call.id)
        writer.key("index")
        writer.integer(call.index)
        writer.key("type")
        writer.string(isCustom ? "custom" : "function")
        writer.endObject()
    }

    /// `{"function":{"arguments":"…"},"index":0}`
    private func write(_ fragment: [UInt8], index: Int, into writer: inout JSONWriter) {
        writer.beginObject()
        if !plan.usesLegacyFunctions {
            writer.key("function")
            writer.beginObject()
        }
        writer.key("arguments")
        writer.string(utf8: fragment.span)
        writer.endObject()
        if plan.usesLegacyFunctions { return }
        writer.key("index")
        writer.integer(index)
        writer.endObject()
    }

    /// The `input` of a custom tool's arguments; the arguments themselves where there is none.
    private static func input(_ text: [UInt8]) -> [UInt8] {
        var tape = JSONTape()
        guard (try? tape.parse(text.span)) != nil else { return text }  // Cut off: shown as it is.
        let json = tape.document(of: text.span)
        guard let input = json.value("input", of: .root), json.isString(input) else { return text }
        return json.text(input)
    }
}
