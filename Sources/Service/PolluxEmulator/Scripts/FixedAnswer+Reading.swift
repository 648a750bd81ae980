import PolluxJSON

extension FixedAnswer {
    init(
        _ node: JSONNode, _ json: borrowing JSONDocument, at path: String, _ recordings: Recordings
    ) throws(GoogleError) {
        if let text = json.text(of: json.value("text", of: node)) {
            content = .text(text)
        } else if let body = json.value("json", of: node) {
            content = .body(Self.copy(body, json))
        } else if let events = json.value("events", of: node) {
            content = .events(json.each(events).map { Self.copy($0, json) })
        } else if let name = json.text(of: json.value("recording", of: node)) {
            self = try recordings.answer(name, id: json.text(of: json.value("id", of: node)), at: path)
        } else {
            throw .invalid("'\(path)' needs one of text, json, events and recording.")
        }
        if let status = json.wholeNumber(json.value("status", of: node)) {
            guard (200...599).contains(status) else { throw .invalid("'\(path).status' must be from 200 to 599.") }
            self.status = status
        }
        contentType = json.text(of: json.value("contentType", or: "content_type", of: node)) ?? contentType
        guard let headers = json.value("headers", of: node) else { return }
        var members = json.members(headers)
        while let member = members.next(in: json) {
            let field = (name: json.string(member.key), value: json.string(member.value))
            // A line end inside would begin a field of its own.
            guard !field.name.isEmpty, (field.name + field.value).utf8.allSatisfy({ (32..<127).contains($0) }) else {
                throw .invalid("'\(path).headers' must be plain ASCII.")
            }
            fields.append(field)
        }
    }

    private static func copy(_ node: JSONNode, _ json: borrowing JSONDocument) -> [UInt8] {
        var writer = JSONWriter()
        writer.copy(node, of: json)
        return writer.output.array()
    }
}
