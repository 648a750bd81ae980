internal import PolluxJSON
internal import PolluxOpenAIWire

/// `detail` → `mediaResolution`, of the part or of the request (MM-015…017).
extension RequestTranslation {
    private static let details = ["auto", "low", "medium", "high", "ultra_high"]

    /// The resolution word of a `detail`; `nil` for "auto".
    func resolution(_ node: JSONNode, _ path: String) throws(APIError) -> String? {
        guard json.isString(node) else { throw invalidType(path, "a string", node) }
        let word = json.string(node)
        guard Self.details.contains(word) else {
            throw .invalidValue(path, found: word, supported: Self.details)
        }
        return word == "auto" ? nil : word
    }

    /// What the part's `extra_content` says, as a word or as `{"level":…}`, wins over its `detail`.
    mutating func writeResolution(_ options: MediaOptions, _ part: JSONNode, path: String) throws(APIError) {
        var options = options
        let own = extra("media_resolution", "mediaResolution", of: part)
        if let own {
            options.resolutionPath = "\(path).extra_content.google.media_resolution"
            let level = json.isObject(own) ? json.value("level", of: own) : own
            if let level, !json.isString(level) { throw invalidType(options.resolutionPath, "a string", level) }
            options.resolution = level.map { Self.word(Self.level(json.string($0))) }
        }
        guard let word = options.resolution, word != "unspecified" else { return }
        if profile.hasPartMediaResolution {
            writer.key("mediaResolution")
            writer.beginObject()
            writer.key("level")
            writer.string(text: Self.level(word))
            if let own { writer.memberwiseCamelCased(own, of: json, except: ["level"]) }
            return writer.endObject()
        }
        if word == "ultra_high" {
            throw .invalidValue(options.resolutionPath, found: word, supported: Self.details.dropLast())
        }
        if let earlier = requestMediaResolution, earlier.word != word {
            throw .badRequest(
                "Conflicting 'detail' values: '\(APIError.shortened(earlier.word))' and '\(APIError.shortened(word))'. This model accepts a single media resolution per request.",
                param: options.resolutionPath, code: "invalid_value"
            )
        }
        requestMediaResolution = (word, options.resolutionPath)
    }

    /// `generationConfig.mediaResolution`, from all `detail`s and `extra_body.google.media_resolution`.
    mutating func writeRequestMediaResolution() throws(APIError) {
        if let node = google.mediaResolution, !json.isString(node) {
            throw invalidType("extra_body.google.media_resolution", "a string", node)
        }
        let wanted = google.mediaResolution.map { Self.level(json.string($0)) }
        if let wanted, Self.word(wanted) == "ultra_high" {
            throw .invalidValue(
                "extra_body.google.media_resolution", found: "ultra_high", supported: ["low", "medium", "high"])
        }
        if let wanted, let detail = requestMediaResolution, Self.level(detail.word) != wanted {
            throw .badRequest(
                "Conflicting 'detail' values: '\(APIError.shortened(detail.word))' and '\(APIError.shortened(Self.word(wanted)))'. This model accepts a single media resolution per request.",
                param: detail.path, code: "invalid_value"
            )
        }
        guard let level = wanted ?? requestMediaResolution.map({ Self.level($0.word) }) else { return }
        writer.key("mediaResolution")
        writer.string(text: level)
    }

    /// `MEDIA_RESOLUTION_LOW` → `low`.
    private static func word(_ level: String) -> String {
        String(level.dropFirst(level.hasPrefix("MEDIA_RESOLUTION_") ? 17 : 0)).lowercased()
    }

    /// `low` → `MEDIA_RESOLUTION_LOW`; a full name stays.
    static func level(_ word: String) -> String {
        let upper = word.uppercased()
        return upper.hasPrefix("MEDIA_RESOLUTION_") ? upper : "MEDIA_RESOLUTION_\(upper)"
    }
}
