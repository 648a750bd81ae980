internal import PolluxJSON
internal import PolluxOpenAIWire

/// Generated media that comes back, and media that tools return.
extension RequestTranslation {
    /// `images[]` and `audio` of an assistant message (IMG-005, MSG-017).
    ///
    /// The first of `images` is also in `audio`, in Google's shape: it is sent once.
    mutating func appendGeneratedMedia(_ message: Message, to pieces: inout [AssistantPiece]) {
        let start = pieces.count
        if let images = message.fields[.images], json.isArray(images) {
            var elements = json.elements(images)
            var index = 0
            while let image = elements.next(in: json) {
                let holder = json.value("image_url", of: image)
                let url = holder.flatMap { json.isString($0) ? $0 : json.value("url", of: $0) }
                if let url, let piece = generatedMedia(url, message, mimeType: nil) {
                    pieces.append(piece)
                } else {
                    notes.note(.ignored, "\(message.path).images[\(index)]", rule: "IMG-005", "not a data URL")
                }
                index += 1
            }
        }
        guard let audio = message.fields[.audio] else { return }
        guard pieces.count == start else {
            return notes.note(.ignored, "\(message.path).audio", rule: "IMG-005", "the first of images, once more")
        }
        let mimeType = extra("mime_type", "mimeType", of: audio).map { MIMEType.canonical(json.string($0)) }
        if let mimeType, mimeType.hasPrefix("image/") {
            guard let data = json.value("data", of: audio) else { return }
            if let piece = generatedMedia(data, message, mimeType: mimeType) { pieces.append(piece) }
        } else if let id = json.value("id", of: audio), let known = self.audio.audio(id: json.string(id)) {
            let source = MediaSource.bytes(mimeType: nil, base64: Base64.encode(known.content.span))
            pieces.append(AssistantPiece(content: .media(source, mimeType: MIMEType.canonical(known.mimeType))))
        } else {
            notes.note(.ignored, "\(message.path).audio", rule: "MSG-017", "not known here, or no more")
        }
    }

    /// MSG-017: speech that is not known here leaves nothing in its message.
    func isUnknownSpeech(_ audio: JSONNode) -> Bool {
        if let type = extra("mime_type", "mimeType", of: audio),
            MIMEType.canonical(json.string(type)).hasPrefix("image/")
        {
            return false
        }
        guard let id = json.value("id", of: audio) else { return true }
        return self.audio.audio(id: json.string(id)) == nil
    }

    /// A data URL, or bare base64 of a known type. What is neither is left out: it would end the conversation
    /// for good.
    private mutating func generatedMedia(_ node: JSONNode, _ message: Message, mimeType: String?) -> AssistantPiece? {
        guard json.isString(node), let source = try? mediaSource(node, path: message.path) else { return nil }
        switch source {
        case .file: return nil
        case .inline, .bytes:
            guard let type = mimeType ?? source.mimeType ?? sniffed(source) else { return nil }
            return AssistantPiece(content: .media(source, mimeType: type))
        }
    }

    // MARK: Media in tool results (TOOL-038, TOOL-049)

    /// The types of media that a function response may hold.
    private static let typesInResponses = [
        "image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain",
    ]

    /// Media of a result: inside the response where the model takes them, else left for a user content.
    mutating func writeResponseMedia(
        _ message: Message, function: JSONNode, leaving left: inout [(name: String?, node: JSONNode, path: String)]
    ) throws(APIError) {
        isInsideResponse = true
        defer { isInsideResponse = false }
        var isOpen = false
        var function: JSONNode? = function
        if let parts = extra("parts", "parts", of: message.fields), json.isArray(parts) {
            var elements = json.elements(parts)
            while let part = elements.next(in: json) {
                guard json.isObject(part), !json.isEmpty(part) else { continue }
                if !isOpen {
                    isOpen = true
                    writer.key("parts")
                    writer.beginArray()
                }
                writeNativePart(part)
            }
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
                    try writeMediaPart(part, type: type, path: { path })
                    if Self.typesInResponses.contains(writtenMIMEType) {
                        isOpen = true
                        continue
                    }
                    writer.truncate(to: start)
                }
                left.append((function.map { json.string($0) }, part, path))
                function = nil
            }
        }
        if isOpen { writer.endArray() }
    }

    /// A part as Gemini knows it; `displayName` is for Vertex AI only (MM-032).
    private mutating func writeNativePart(_ part: JSONNode) {
        if target.service == .vertex { return writer.copyCamelCased(part, of: json) }
        writer.beginObject()
        for (name, value) in camelCasedMembers(part, of: json) {
            writer.key(text: name)
            guard json.isObject(value) else {
                writer.copyCamelCased(value, of: json)
                continue
            }
            writer.beginObject()
            writer.memberwiseCamelCased(value, of: json, except: ["displayName"])
            writer.endObject()
        }
        writer.endObject()
    }

    /// Media of a result in a user content of their own.
    ///
    /// - Parameter function: the tool, before its first part.
    mutating func writeReturnedMedia(_ part: JSONNode, function: String?, path: String) throws(APIError) {
        if let function {
            writer.beginObject()
            writer.key("text")
            writer.string(text: "Media returned by tool \(function):")
            writer.endObject()
        }
        guard let type = json.value("type", of: part) else { return }
        try writeMediaPart(part, type: json.string(type), path: { path })
    }
}
