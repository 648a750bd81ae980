internal import PolluxGeminiWire
internal import PolluxJSON

extension JSONWriter {
    /// `groundingMetadata` → `annotations`; nothing when there is none (GRND-001, GRND-003).
    ///
    /// - Parameter text: the `content` that is pointed into.
    mutating func writeAnnotations(_ metadata: JSONNode?, of json: borrowing JSONDocument, text: ContentRecord?) {
        guard let text, !text.isTooLong, let metadata, let supports = json.value("groundingSupports", of: metadata),
            let chunkList = json.value("groundingChunks", of: metadata)
        else { return }
        var chunks: [JSONNode] = []
        var chunkElements = json.elements(chunkList)
        while let chunk = chunkElements.next(in: json) { chunks.append(chunk) }
        var seen: Set<String> = []
        var isOpen = false
        var elements = json.elements(supports)
        while let support = elements.next(in: json) {
            guard let segment = json.value("segment", of: support),
                let indices = json.value("groundingChunkIndices", of: support)
            else { continue }
            let number = { (name: StaticString, json: borrowing JSONDocument) in
                json.value(name, of: segment).flatMap { json.integer($0) } ?? 0
            }
            let part = number("partIndex", json)
            let start = text.characters(part: part, byte: number("startIndex", json))
            let end = text.characters(part: part, byte: number("endIndex", json))
            var indexElements = json.elements(indices)
            while let index = indexElements.next(in: json) {
                guard let place = json.integer(index), place >= 0, place < chunks.count,
                    let source = source(chunks[place], of: json), let uri = json.value("uri", of: source),
                    json.isString(uri)
                else { continue }
                guard seen.insert("\(start) \(end) \(json.string(uri))").inserted else { continue }
                if !isOpen {
                    isOpen = true
                    key("annotations")
                    beginArray()
                }
                writeCitation(start: start, end: end, uri: uri, title: json.value("title", of: source), of: json)
            }
        }
        if isOpen { endArray() }
    }

    private func source(_ chunk: JSONNode, of json: borrowing JSONDocument) -> JSONNode? {
        json.value("web", of: chunk) ?? json.value("retrievedContext", of: chunk) ?? json.value("maps", of: chunk)
    }

    private mutating func writeCitation(
        start: Int, end: Int, uri: JSONNode, title: JSONNode?, of json: borrowing JSONDocument
    ) {
        raw("{\"type\":\"url_citation\",\"url_citation\":{\"end_index\":")
        output.append(end)
        output.append(",\"start_index\":" as StaticString)
        output.append(start)
        key("title")
        if let title, json.isString(title) { copy(title, of: json) } else { string("") }
        key("url")
        copy(uri, of: json)
        endObject()
        endObject()
    }

    /// Writes `citation_metadata`, `grounding_metadata` and `url_context_metadata`, those that say something
    /// (GRND-004, GRND-005). The members between them in the alphabet are the caller's.
    mutating func writeCitationMetadata(_ metadata: JSONNode?, of json: borrowing JSONDocument) {
        guard let list = Self.citations(metadata, of: json) else { return }
        key("citation_metadata")
        raw("{\"citations\":")
        copySnakeCased(list, of: json)
        output.append(UInt8(ascii: "}"))
    }

    /// The list that Vertex AI and the Developer API name differently; `nil` when it is empty.
    static func citations(_ metadata: JSONNode?, of json: borrowing JSONDocument) -> JSONNode? {
        guard let metadata,
            let list = json.value("citations", of: metadata) ?? json.value("citationSources", of: metadata),
            !json.isEmpty(list)
        else { return nil }
        return list
    }

    mutating func writeNative(_ name: StaticString, _ metadata: JSONNode?, of json: borrowing JSONDocument) {
        guard let metadata, json.isObject(metadata), !json.isEmpty(metadata) else { return }
        key(name)
        copySnakeCased(metadata, of: json)
    }
}
