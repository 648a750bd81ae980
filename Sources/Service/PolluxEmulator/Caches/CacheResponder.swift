import PolluxJSON

/// Answers `cachedContents`: create, list, get, change of the end, delete.
struct CacheResponder {
    /// Caches on one page of the list, when nobody says otherwise.
    static let pageSize = 50

    let call: CacheCall
    let store: CacheStore
    let clock: EmulatorClock
    let minimumTokens: Int?

    /// - Throws: what the service refuses.
    func body(_ head: RequestHead, _ json: borrowing JSONDocument) throws(GoogleError) -> [UInt8] {
        switch call.operation {
        case .create: return text(try store.add(try create(json)))
        case .list: return list(head)
        case .get(let id): return text(try found(store.cache(id, call.parent, call.backend), id))
        case .update(let id):
            let expires = try end(json)
            guard let expires else { throw .invalid("The update mask must name ttl or expire_time, and nothing else.") }
            return text(try found(store.update(id, call.parent, call.backend, expires: expires), id))
        case .delete(let id):
            guard store.remove(id, call.parent, call.backend) else { throw Self.notFound(id, call.backend) }
            return Array("{}".utf8)
        }
    }

    /// - Source: recorded answers of Vertex AI; the Developer API does not tell what is missing from what is another's.
    static func notFound(_ id: String, _ backend: Backend) -> GoogleError {
        switch backend {
        case .vertex: GoogleError(.notFound, "Not found: cached content metadata for \(id).")
        case .developer: GoogleError(.permissionDenied, "CachedContent not found (or permission denied)")
        }
    }

    private func found(_ cache: CachedContent?, _ id: String) throws(GoogleError) -> CachedContent {
        guard let cache else { throw Self.notFound(id, call.backend) }
        return cache
    }

    private func text(_ cache: CachedContent) -> [UInt8] {
        var writer = JSONWriter()
        cache.write(into: &writer)
        return writer.output.array()
    }

    private func list(_ head: RequestHead) -> [UInt8] {
        let all = store.all(call.parent, call.backend)
        let start = min(max(Int(head.target.parameter("pageToken") ?? "") ?? 0, 0), all.count)
        let size = max(head.target.parameter("pageSize").flatMap { Int($0) } ?? Self.pageSize, 1)
        let end = min(start + min(size, CacheStore.maximumCaches), all.count)
        return JSONWriter.objectText {
            if start < end {
                $0.member("cachedContents") { $0.array { for cache in all[start..<end] { cache.write(into: &$0) } } }
            }
            if end < all.count { $0.member("nextPageToken", String(end)) }
        }
    }

    // MARK: Creating

    private func create(_ json: borrowing JSONDocument) throws(GoogleError) -> CachedContent {
        guard let model = json.text(of: json.value("model", of: .root)), !model.isEmpty else {
            throw .invalid("* CreateCachedContentRequest.cached_content.model: model is required.\n")
        }
        let modelID = model.split(separator: "/").last.map(String.init) ?? model
        guard ModelCatalogue.serves(modelID), !EmbeddingModel.isOne(modelID) else {
            throw GoogleError(
                .notFound,
                "Model \(model) is not found for API version \(call.version), or is not supported for "
                    + "createCachedContent.")
        }
        let request = GenerateRequest(.root, of: json)
        for content in request.contents where content.parts.isEmpty {
            throw .invalid("* CreateCachedContentRequest.cached_content.contents: parts must not be empty.\n")
        }
        let tokens = PromptTokens(request, json)
        let minimum = minimumTokens ?? Self.minimumTokens(modelID)
        guard tokens.total >= minimum else {
            throw .invalid(
                "Cached content is too small. total_token_count=\(tokens.total), min_total_token_count=\(minimum)")
        }
        let now = clock.milliseconds
        return CachedContent(
            backend: call.backend, parent: call.parent, id: "", model: model, modelID: modelID,
            displayName: json.text(of: json.value("displayName", or: "display_name", of: .root)),
            createdMilliseconds: now, updatedMilliseconds: now,
            expiresMilliseconds: try end(json) ?? now + CachedContent.defaultSeconds * 1000,
            contents: copy(json.value("contents", of: .root), asArray: true, json),
            systemInstruction: copy(json.value("systemInstruction", or: "system_instruction", of: .root), json),
            tools: copy(json.value("tools", of: .root), asArray: true, json),
            toolConfig: copy(json.value("toolConfig", or: "tool_config", of: .root), json), tokens: tokens,
            characters: request.textLength(json)
        )
    }

    /// - Source: Gemini API, "Context caching".
    private static func minimumTokens(_ model: String) -> Int {
        model.contains("-pro") ? 4096 : 1024
    }

    /// When the cache is to end, in milliseconds since 1970; `nil` when the request does not say.
    private func end(_ json: borrowing JSONDocument) throws(GoogleError) -> Int? {
        let ttl = json.text(of: json.value("ttl", of: .root))
        let moment = json.text(of: json.value("expireTime", or: "expire_time", of: .root))
        if ttl != nil, moment != nil { throw .invalid("Only one of ttl and expire_time may be set.") }
        if let ttl {
            guard ttl.hasSuffix("s"), !ttl.hasSuffix("ms"), let milliseconds = TimeSpan.milliseconds(ttl) else {
                throw .invalid("Invalid value at 'cached_content.ttl' (type.googleapis.com/google.protobuf.Duration)")
            }
            guard milliseconds > 0 else { throw .invalid("The ttl must be positive.") }
            return clock.milliseconds + milliseconds
        }
        guard let moment else { return nil }
        guard let seconds = Timestamp.seconds(moment) else {
            throw .invalid(
                "Invalid value at 'cached_content.expire_time' (type.googleapis.com/google.protobuf.Timestamp)")
        }
        guard seconds * 1000 > clock.milliseconds else { throw .invalid("expire_time must be in the future.") }
        return seconds * 1000
    }

    private func copy(_ node: JSONNode?, asArray: Bool = false, _ json: borrowing JSONDocument) -> [UInt8]? {
        guard let node else { return nil }
        var writer = JSONWriter()
        if asArray {
            writer.beginArray()
            for element in json.each(node) { writer.copy(element, of: json) }
            writer.endArray()
        } else {
            writer.copy(node, of: json)
        }
        return writer.output.array()
    }
}
