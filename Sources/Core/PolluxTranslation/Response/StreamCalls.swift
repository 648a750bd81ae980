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
        /// More of a call.
        case fragment(Fragment)
    }

    private struct Fragment: Sendable {
        let index: Int
        /// More of the arguments.
        var text: [UInt8] = []
        /// Of a call that was begun without one.
        var signature: [UInt8]?
    }

    private let plan: ResponsePlan
    /// Ids of the stream so far, lent by it.
    var ids = CallIDs()
    private var count = 0
    private var entries: [Entry] = []
    /// A call that is not to be written before its arguments are known.
    private var waiting: Call?
    private var partial: PartialArguments?
    /// The call that is not over, when it has no signature yet.
    private var unsigned: (id: String, index: Int)?
    private(set) var signed: [(id: String, signature: String)] = []

    init(plan: ResponsePlan) {
        self.plan = plan
    }

    private var writer: ToolCallWriter { ToolCallWriter(toolNames: plan.toolNames) }
    var hasAny: Bool { count > 0 }
    /// Whether a call is not over and has no signature yet.
    var hasUnsigned: Bool { unsigned != nil }
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
            if let signature { sign(with: signature, of: json) }
            if waitsForArguments, let arguments { return complete(arguments, of: json) }
            return readFragments(fragments, willContinue: willContinue, of: json)
        }
        end()
        let isDropped = count > 0 && (plan.returnsOneCall || plan.usesLegacyFunctions)
        let id = ToolCallWriter.id(node, of: json, ids: &ids, identifiers: &identifiers)
        if isDropped { return }
        let ownName = writer.name(node, of: json)
        let index = count
        count += 1
        if let signature { signed.append((id, json.string(signature))) }
        if let arguments, fragments == nil {
            return append(name: ownName, id: id, arguments, signature, index: index, of: json)
        }
        let call = Call(name: ownName, id: id, index: index, signature: signature.map { Array(copying: json.raw($0)) })
        if signature == nil { unsigned = (id, index) }
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

    private mutating func complete(_ arguments: JSONNode, of json: borrowing JSONDocument) {
        guard var call = waiting else { return }
        waiting = nil
        var text = JSONWriter(minimumCapacity: 256)
        text.copy(arguments, of: json)
        call.text = text.output.array()
        entries.append(.call(call))
    }

    /// A signature that comes behind the call's beginning is the call's all the same, when it had none.
    private mutating func sign(with signature: JSONNode, of json: borrowing JSONDocument) {
        guard let (id, index) = unsigned else { return }
        unsigned = nil
        signed.append((id, json.string(signature)))
        if plan.usesLegacyFunctions { return }  // The message has it (SIG-003).
        let raw = Array(copying: json.raw(signature))
        if waiting != nil {
            waiting?.signature = raw
        } else if case .call(var call) = entries.last, call.index == index {
            call.signature = raw
            entries[entries.count - 1] = .call(call)
        } else {
            entries.append(.fragment(Fragment(index: index, signature: raw)))
        }
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
        unsigned = nil
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
        case .fragment(var fragment) where fragment.index == index:
            fragment.text += text
            entries[entries.count - 1] = .fragment(fragment)
        default: entries.append(.fragment(Fragment(index: index, text: text)))
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
            case .fragment(let fragment): write(fragment, into: &writer)
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
        if let signature = call.signature, !isLegacy { write(signature: signature, into: &writer) }
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

    private func write(signature: [UInt8], into writer: inout JSONWriter) {
        writer.key("extra_content")
        writer.raw("{\"google\":{\"thought_signature\":\"")
        writer.output.append(signature.span)
        writer.output.append("\"}}" as StaticString)
    }

    /// `{"function":{"arguments":"…"},"index":0}`, and the signature that came with it.
    private func write(_ fragment: Fragment, into writer: inout JSONWriter) {
        writer.beginObject()
        if !plan.usesLegacyFunctions {
            if let signature = fragment.signature { write(signature: signature, into: &writer) }
            writer.key("function")
            writer.beginObject()
        }
        writer.key("arguments")
        writer.string(utf8: fragment.text.span)
        writer.endObject()
        if plan.usesLegacyFunctions { return }
        writer.key("index")
        writer.integer(fragment.index)
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
