import PolluxJSON
import PolluxTranslation

/// One tool call of an answer, or a piece of one.
extension AnswerRepair {
    mutating func writeCall(
        _ call: JSONNode, _ place: Call, of json: borrowing JSONDocument, _ identifiers: inout IdentifierSource,
        _ writer: inout JSONWriter
    ) {
        guard json.isObject(call) else { return writer.copy(call, of: json) }
        var place = place
        let index = json.value("index", of: call).flatMap { json.integer($0) }
        if isStream { place.index = index ?? guessedIndex(call, place, of: json) }
        let isFirst = !isStream || calls[place] == nil
        if isFirst { calls[place] = false }
        writer.beginObject()
        if isStream, index == nil {
            isChanged = true
            writer.key("index")
            writer.integer(place.index)
        }
        if isFirst { writeHead(call, of: json, &identifiers, &writer) }
        var members = json.members(call)
        while let member = members.next(in: json) {
            if json.equals(member.key, "index"), isStream, index == nil { continue }
            if json.equals(member.key, "id") || json.equals(member.key, "type") {
                if !isFirst { isChanged = true }
                continue
            }
            writer.key(copying: member.key, of: json)
            if json.equals(member.key, "function"), json.isObject(member.value) {
                writeFunction(member.value, place, of: json, &writer)
            } else {
                writer.copy(member.value, of: json)
            }
        }
        writer.endObject()
    }

    /// The index of a streamed call that names none: some servers send each call whole, in a delta of its own.
    private mutating func guessedIndex(_ call: JSONNode, _ place: Call, of json: borrowing JSONDocument) -> Int {
        var id: [UInt8] = []
        if let node = json.value("id", of: call), json.isString(node), !json.equals(node, "0") { id = json.text(node) }
        guard let last = lastCalls[place.choice] else {
            lastCalls[place.choice] = (place.index, id)
            return place.index
        }
        let isNext = place.index > last.index || !id.isEmpty && !last.id.isEmpty && id != last.id
        guard isNext else { return place.index > 0 ? place.index : last.index }
        lastCalls[place.choice] = (last.index + 1, id)
        return last.index + 1
    }

    /// `id` and `type`, which every call has once.
    private mutating func writeHead(
        _ call: JSONNode, of json: borrowing JSONDocument, _ identifiers: inout IdentifierSource,
        _ writer: inout JSONWriter
    ) {
        writer.key("id")
        if let id = json.value("id", of: call), json.isString(id), !json.equals(id, "0"), json.length(id) > 0 {
            writer.copy(id, of: json)
        } else {
            isChanged = true
            writer.string(text: "function-call-" + identifiers.uuid())
        }
        writer.key("type")
        if let type = json.value("type", of: call) {
            writer.copy(type, of: json)
        } else {
            isChanged = true
            writer.string("function")
        }
    }

    private mutating func writeFunction(
        _ function: JSONNode, _ place: Call, of json: borrowing JSONDocument, _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        var members = json.members(function)
        while let member = members.next(in: json) {
            if isStream, json.equals(member.key, "name") {
                if calls[place] == true {
                    isChanged = true
                    continue
                }
                calls[place] = json.isString(member.value)
            }
            writer.key(copying: member.key, of: json)
            if json.equals(member.key, "arguments"), json.isObject(member.value) {
                isChanged = true
                writer.beginString()
                writer.fragment(jsonText: member.value, of: json)
                writer.endString()
            } else {
                writer.copy(member.value, of: json)
            }
        }
        writer.endObject()
    }
}
