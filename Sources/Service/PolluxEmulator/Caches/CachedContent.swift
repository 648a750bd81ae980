import PolluxJSON

/// Contents that were put aside for many requests.
struct CachedContent: Sendable {
    /// Seconds that a cache lives when nobody says otherwise.
    static let defaultSeconds = 3600

    var backend: Backend
    /// `projects/{p}/locations/{l}/` on Vertex AI.
    var parent: String
    var id: String
    /// The model's name as it was given, and its bare id.
    var model: String
    var modelID: String
    var displayName: String?
    var createdMilliseconds: Int
    var updatedMilliseconds: Int
    var expiresMilliseconds: Int
    /// The JSON text of each member; `nil` where the cache has none.
    var contents: [UInt8]?
    var systemInstruction: [UInt8]?
    var tools: [UInt8]?
    var toolConfig: [UInt8]?
    var tokens: PromptTokens
    /// Characters of text, as Vertex AI tells them.
    var characters: Int

    var name: String { parent + "cachedContents/" + id }

    /// Bytes that the cache holds in memory.
    var byteCount: Int {
        [contents, systemInstruction, tools, toolConfig].reduce(0) { $0 + ($1?.count ?? 0) }
    }

    func write(into writer: inout JSONWriter) {
        writer.object {
            $0.member("name", name)
            $0.member("model", model)
            $0.member("displayName", displayName)
            $0.member("createTime", Timestamp.text(seconds: createdMilliseconds / 1000))
            $0.member("updateTime", Timestamp.text(seconds: updatedMilliseconds / 1000))
            $0.member("expireTime", Timestamp.text(seconds: expiresMilliseconds / 1000))
            $0.member("usageMetadata") {
                $0.object {
                    $0.member("totalTokenCount", tokens.total)
                    if backend == .vertex { $0.member("textCount", characters) }
                }
            }
        }
    }

    /// The request as it would be without a cache: what is cached comes first.
    func merged(into json: borrowing JSONDocument) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let systemInstruction { writer.member("systemInstruction", raw: systemInstruction) }
        if let tools { writer.member("tools", raw: tools) }
        if let toolConfig { writer.member("toolConfig", raw: toolConfig) }
        writer.key("contents")
        writer.beginArray()
        if let contents { writer.elements(of: contents) }
        for content in json.each(json.value("contents", of: .root)) { writer.copy(content, of: json) }
        writer.endArray()
        var members = json.members(.root)
        while let member = members.next(in: json) {
            if json.equals(member.key, "contents") { continue }
            writer.key(copying: member.key, of: json)
            writer.copy(member.value, of: json)
        }
        writer.endObject()
        return writer.output.array()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, raw json: [UInt8]) {
        key(name)
        raw(json.span)
    }

    /// Writes the elements of an array's text without its brackets.
    fileprivate mutating func elements(of array: [UInt8]) {
        guard array.count > 2 else { return }
        raw(array.span.extracting(1..<array.count - 1))
    }
}
