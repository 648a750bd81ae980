internal import PolluxJSON
internal import PolluxOpenAIWire

/// Results of tool calls → one content of `functionResponse` parts, in the order of the calls (TOOL-031…039).
extension RequestTranslation {
    /// Writes the results of `calls`; moves `at` behind the messages they were in.
    mutating func writeResults(
        of calls: [AssistantCall], by message: Message, _ messages: [Message], _ at: inout Int
    ) throws(APIError) {
        let start = at
        while at < messages.count, messages[at].isResult { at += 1 }
        var media: [(name: String?, node: JSONNode, path: String)] = []
        var strays: [Message] = []
        openContent(.functionResponse)
        if at - start == calls.count, standInOrder(messages, from: start, calls) {
            for place in calls.indices { try writeResult(of: calls[place], messages[start + place], leaving: &media) }
        } else {
            let matched = try match(messages[start..<at], to: calls, of: message, strays: &strays)
            for place in calls.indices { try writeResult(of: calls[place], matched[place], leaving: &media) }
        }
        closeContent()
        if !media.isEmpty { openContent(.user) }
        for item in media { try writeReturnedMedia(item.node, function: item.name, path: item.path) }
        for stray in strays { try writeOrphan(stray) }
    }

    private mutating func writeResult(
        of call: AssistantCall, _ result: Message?,
        leaving media: inout [(name: String?, node: JSONNode, path: String)]
    ) throws(APIError) {
        writer.raw("{\"functionResponse\":{")
        writeCallID(call)
        writer.key("name")
        writeFunctionName(call.name, path: call.path)
        writer.key("response")
        if let result {
            try writeResponse(result)
            try writeResponseMedia(result, function: call.name, leaving: &media)
        } else {
            writer.raw("{\"output\":\"No result was recorded for this call.\"}")
        }
        writer.endObject()
        writer.endObject()
    }

    // MARK: Matching

    /// The usual case: as many results as calls, each with the id of its call.
    private func standInOrder(_ messages: [Message], from start: Int, _ calls: [AssistantCall]) -> Bool {
        for place in calls.indices {
            guard messages[start + place].role == .tool, let id = calls[place].id,
                let own = messages[start + place].fields[.toolCallID], json.areEqual(own, id)
            else { return false }
        }
        return true
    }

    /// The result of each call: by id, else by place (TOOL-032).
    private mutating func match(
        _ results: ArraySlice<Message>, to calls: [AssistantCall], of message: Message, strays: inout [Message]
    ) throws(APIError) -> [Message?] {
        var matched: [Message?] = Array(repeating: nil, count: calls.count)
        var repeats = false
        var places: [String: Int] = [:]
        var areUsable = true
        for (place, call) in calls.enumerated() {
            areUsable = places.updateValue(place, forKey: callID(call)) == nil && (call.id != nil || call.isLegacy)
            if !areUsable { break }
        }
        var placesByName =
            results.contains { $0.role == .function }
            ? Dictionary(grouping: calls.indices.reversed()) { json.string(calls[$0].name) } : [:]
        // Ids that stand there twice: as far as they go, so that the error names the call that has no result.
        var placesByID =
            areUsable || results.count >= calls.count
            ? [:] : Dictionary(grouping: calls.indices.reversed()) { callID(calls[$0]) }
        for result in results {
            var place: Int?
            if result.role == .tool, areUsable {
                place = places[resultID(result)]
            } else if result.role == .tool, results.count < calls.count {
                let id = resultID(result)
                repeat {
                    place = placesByID[id]?.popLast()
                } while place.map { matched[$0] != nil } ?? false
            } else if let name = result.fields[.name] {
                repeat {
                    place = placesByName[json.string(name)]?.popLast()
                } while place.map { matched[$0] != nil } ?? false
                if place != nil { notes.note(.mapped, "\(result.path).name", rule: "MSG-005", "finds its call") }
            }
            guard let place else {
                strays.append(result)
                continue
            }
            if let earlier = matched[place] {
                repeats = true
                notes.note(.repaired, earlier.path, rule: "TOOL-032", "a later result has the same tool_call_id")
            }
            matched[place] = result
        }
        if results.count == calls.count, repeats || !strays.isEmpty {
            notes.note(.repaired, message.path, rule: "TOOL-032", "results matched by their place")
            if repeats {
                strays = []
                return Array(results)
            }
            // What matched keeps its call; the rest goes to the calls that are left, in order.
            var left = strays[...]
            for place in calls.indices where matched[place] == nil { matched[place] = left.popFirst() }
            strays = []
            return matched
        }
        if let stray = strays.first, !repairsHistory {
            throw .badRequest(
                "Invalid parameter: 'tool_call_id' of '\(APIError.shortened(resultID(stray)))' not found in 'tool_calls' of previous message.",
                param: "\(stray.path).tool_call_id", code: "invalid_value"
            )
        }
        let missing = calls.indices.filter { matched[$0] == nil }
        if missing.isEmpty { return matched }
        guard repairsHistory else {
            let ids = missing.map { json.string(calls[$0].id ?? calls[$0].name) }
            throw .badRequest(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                    + "'tool_call_id'. The following tool_call_ids did not have response messages: "
                    + APIError.shortened(ids.joined(separator: ", "), to: 1000),
                param: message.path, code: "invalid_value"
            )
        }
        for index in missing {
            notes.note(.repaired, calls[index].path, rule: "TOOL-031", "an empty result was added")
        }
        return matched
    }

    private func callID(_ call: AssistantCall) -> String { call.id.map { json.string($0) } ?? "" }

    private func resultID(_ result: Message) -> String {
        result.fields[.toolCallID].map { json.string($0) } ?? ""
    }

    // MARK: Content

    /// `content` → `response`.
    ///
    ///     {"deg":11}               {"deg":11}
    ///     [9]                      {"output":[9]}
    ///     any other text           {"output":"any other text"}
    ///     {"$ref":"#/$defs/a"}     {"output":"{\"$ref\":\"#/$defs/a\"}"}
    ///     nothing                  {"output":""}
    ///
    /// In a response `$ref` means one of its parts (TOOL-049), and the service refuses what names none, such as a
    /// JSON Schema that a tool has read: that stays text.
    private mutating func writeResponse(_ message: Message) throws(APIError) {
        guard let content = message.content, !json.isEmptyText(content) else { return writer.raw("{\"output\":\"\"}") }
        if json.isArray(content) { return try writeResponse(ofParts: content, message) }
        if let value = startsJSONValue(content) {
            var scratch = Scratch()
            swap(&scratch, &self.scratch)
            defer { swap(&scratch, &self.scratch) }
            scratch.bytes.removeAll()
            json.appendJSONText(content, to: &scratch.bytes)
            if writeResponse(of: &scratch, startingWith: value, message) { return }
        }
        writer.beginObject()
        writer.key("output")
        writer.copy(content, of: json)
        writer.endObject()
    }

    private mutating func writeResponse(ofParts content: JSONNode, _ message: Message) throws(APIError) {
        var scratch = Scratch()
        swap(&scratch, &self.scratch)
        defer { swap(&scratch, &self.scratch) }
        scratch.bytes.removeAll()
        var elements = json.elements(content)
        var index = 0
        while let part = elements.next(in: json) {
            let type = try partType(part, message.path, index)
            if type == "text" {
                let text = try payload("text", of: part, "\(message.path).content[\(index)]", isString: true)
                json.appendText(text, to: &scratch.bytes)
            }
            index += 1
        }
        let first = scratch.bytes.span.firstSignificant
        if let first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            writeResponse(of: &scratch, startingWith: first, message)
        {
            return
        }
        writer.beginObject()
        writer.key("output")
        writer.string(utf8: scratch.bytes.span)
        writer.endObject()
    }

    /// Writes the scratch text as JSON, when it is an object or an array that refers to nothing but its parts.
    private mutating func writeResponse(
        of scratch: inout Scratch, startingWith first: UInt8, _ message: Message
    ) -> Bool {
        let written: Bool? = scratch.reading { inner in
            if inner.hasMember("$ref", anywhereIn: .root), refersElsewhere(.root, of: inner, message) {
                notes.note(
                    .changed, "\(message.path).content", rule: "TOOL-049", "its $ref names no part: sent as text")
                return false
            }
            if first == UInt8(ascii: "{") {
                writer.copyOnce(.root, of: inner)
            } else {
                writer.beginObject()
                writer.key("output")
                writer.copyOnce(.root, of: inner)
                writer.endObject()
            }
            return true
        }
        return written ?? false
    }

    /// Whether a `$ref` in a result names none of the parts that will stand beside it.
    private func refersElsewhere(_ node: JSONNode, of inner: borrowing JSONDocument, _ message: Message) -> Bool {
        var elements = inner.elements(node)
        while let element = elements.next(in: inner) {
            if refersElsewhere(element, of: inner, message) { return true }
        }
        var members = inner.members(node)
        while let member = members.next(in: inner) {
            if inner.equals(member.key, "$ref"), !namesPart(member.value, of: inner, message) { return true }
            if refersElsewhere(member.value, of: inner, message) { return true }
        }
        return false
    }

    /// Whether a value is the name of a part in Google's form; only Vertex AI has names of parts (MM-032).
    private func namesPart(_ value: JSONNode, of inner: borrowing JSONDocument, _ message: Message) -> Bool {
        guard target.service == .vertex, inner.isString(value), let parts = extra("parts", "parts", of: message.fields)
        else { return false }
        let name = inner.string(value)
        var elements = json.elements(parts)
        while let part = elements.next(in: json) {
            for (_, data) in camelCasedMembers(part, of: json) {
                let own = json.value("display_name", of: data) ?? json.value("displayName", of: data)
                if let own, json.stringEquals(own, name) { return true }
            }
        }
        return false
    }

    /// The first byte of the text, when it opens an object or an array.
    private func startsJSONValue(_ node: JSONNode) -> UInt8? {
        let range = json.range(node)
        var at = range.lowerBound
        while at < range.upperBound {
            let byte = json.bytes[at]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): return byte
            case 0x20: at += 1
            case UInt8(ascii: "\\"):
                let escape = json.bytes[at + 1]
                if escape == UInt8(ascii: "u") {
                    let first = json.text(node).first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
                    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? first : nil
                }
                guard escape == UInt8(ascii: "n") || escape == UInt8(ascii: "r") || escape == UInt8(ascii: "t") else {
                    return nil
                }
                at += 2
            default: return nil
            }
        }
        return nil
    }
}
