internal import PolluxJSON
internal import PolluxOpenAIWire

/// Generated media that comes back, and media that tools return.
extension RequestTranslation {
    /// `images[]` and `audio` of an assistant message (IMG-005, MSG-017).
    func appendGeneratedMedia(_ message: Message, to pieces: inout [AssistantPiece]) {
        if let images = json.value("images", of: message.node), json.isArray(images) {
            var elements = json.elements(images)
            while let image = elements.next(in: json) {
                guard let holder = json.value("image_url", of: image) else { continue }
                if let url = json.isString(holder) ? holder : json.value("url", of: holder) {
                    append(dataURL: url, to: &pieces)
                }
            }
            if !pieces.isEmpty { return }
        }
        guard let audio = json.value("audio", of: message.node), let data = json.value("data", of: audio),
            json.isString(data), json.isPlain(data),
            let mimeType = extra("mime_type", "mimeType", of: audio).map({ json.string($0) }),
            mimeType.hasPrefix("image/"), Base64.form(of: json.raw(data)) == .standard
        else { return }
        pieces.append(
            AssistantPiece(content: .media(mimeType: MIMEType.canonical(mimeType), data: data, range: json.range(data)))
        )
    }

    /// An image part in an assistant message.
    mutating func appendHistoryImage(
        _ part: JSONNode, _ path: String, to pieces: inout [AssistantPiece]
    ) throws(APIError) {
        let holder = try payload("image_url", of: part, path, isString: false)
        guard let url = json.isString(holder) ? holder : json.value("url", of: holder), json.isString(url) else {
            throw .missing("\(path).image_url.url")
        }
        let count = pieces.count
        append(dataURL: url, to: &pieces)
        guard pieces.count > count else {
            throw .badRequest(
                "Invalid '\(path).image_url.url': images of an assistant message must be data URLs.",
                param: "\(path).image_url.url", code: "invalid_value"
            )
        }
    }

    private func append(dataURL url: JSONNode, to pieces: inout [AssistantPiece]) {
        guard json.isString(url), let source = try? dataURLSource(url) else { return }
        guard case .inline(let mimeType?, let range) = source else { return }
        pieces.append(AssistantPiece(content: .media(mimeType: mimeType, data: url, range: range)))
    }

    private func dataURLSource(_ url: JSONNode) throws(APIError) -> MediaSource? {
        guard json.raw(url).matches("data:") else { return nil }
        return try dataURL(url, path: "images")
    }

    // MARK: Media in tool results (TOOL-038, TOOL-049)

    private static let partTypesInResponses = [
        "image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain",
    ]

    /// Media of a result: inside the response where the model takes them, else left for a user content.
    mutating func writeResponseMedia(
        _ message: Message, function: String, leaving left: inout [(name: String, node: JSONNode, path: String)]
    ) throws(APIError) {
        var isOpen = false
        if let parts = extra("parts", "parts", of: message.node), json.isArray(parts), !json.isEmpty(parts) {
            writer.key("parts")
            writer.beginArray()
            isOpen = true
            var elements = json.elements(parts)
            while let part = elements.next(in: json) { writer.copyCamelCased(part, of: json) }
        }
        if let content = message.content, json.isArray(content) {
            var elements = json.elements(content)
            var index = 0
            while let part = elements.next(in: json) {
                let path = "\(message.path).content[\(index)]"
                index += 1
                let type = try partType(part, message.path, index - 1)
                if type == "text" { continue }
                guard Self.userPartTypes.contains(type) else {
                    throw .invalidValue(
                        "\(path).type", found: type, supported: ["text", "image_url", "input_audio", "file"])
                }
                let start = writer.output.count
                if profile.needsSignatures {
                    if !isOpen {
                        writer.key("parts")
                        writer.beginArray()
                    }
                    let partStart = writer.output.count
                    try writeMediaPart(part, type: type, path: { path })
                    if Self.isAllowedInResponse(writer.output.span.extracting(partStart..<writer.output.count)) {
                        isOpen = true
                        continue
                    }
                    writer.truncate(to: start)
                }
                left.append((function, part, path))
            }
        }
        if isOpen { writer.endArray() }
    }

    /// Whether the part that was written is of a kind that a function response may hold.
    private static func isAllowedInResponse(_ part: Span<UInt8>) -> Bool {
        let text = String(copying: part.extracting(0..<min(part.count, 400)))
        return partTypesInResponses.contains { text.contains("\"mimeType\":\"\($0)\"") }
    }

    /// Media of a result in a user content of their own.
    mutating func writeReturnedMedia(_ part: JSONNode, function: String, path: String) throws(APIError) {
        writer.beginObject()
        writer.key("text")
        writer.string(text: "Media returned by tool \(function):")
        writer.endObject()
        guard let type = json.value("type", of: part) else { return }
        try writeMediaPart(part, type: json.string(type), path: { path })
    }
}
