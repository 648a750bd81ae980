internal import PolluxJSON
internal import PolluxOpenAIWire

/// The members that shape the answer rather than the question.
extension RequestTranslation {
    /// Known members without effect must still be of their type (GEN-003).
    func checkTypes() throws(APIError) {
        try check(.user, "a string") { json.isString($0) }
        try check(.safetyIdentifier, "a string") { json.isString($0) }
        try check(.promptCacheKey, "a string") { json.isString($0) }
        try check(.promptCacheRetention, "a string") { json.isString($0) }
        try check(.promptCacheOptions, "an object") { json.isObject($0) }
        try check(.store, "a boolean") { json.boolean($0) != nil }
        try check(.parallelToolCalls, "a boolean") { json.boolean($0) != nil }
        try check(.prediction, "an object") { json.isObject($0) }
        try check(.verbosity, "a string") { json.isString($0) }
        try check(.moderation, "an object") { json.isObject($0) }
        try check(.logitBias, "an object") { json.isObject($0) }
        try check(.serviceTier, "a string") { json.isString($0) }
        try check(.webSearchOptions, "an object") { json.isObject($0) }
        try check(.metadata, "an object") { json.isObject($0) }
        if let metadata = request[.metadata] {
            var members = json.members(metadata)
            while let member = members.next(in: json) {
                if json.isString(member.value) || json.isNull(member.value) { continue }
                throw invalidType(
                    "metadata.\(APIError.shortened(json.string(member.key)))", "a string", member.value)
            }
        }
    }

    /// The members of `extra_body.google` must be of their types too (GEN-003, XB-001…012).
    func checkExtensionTypes() throws(APIError) {
        if request[.google] == nil, request[.extraBody] == nil { return }
        try check(google.safetySettings, "safety_settings", "an array") { json.isArray($0) }
        try checkElements(google.safetySettings, "safety_settings")
        try check(google.cachedContent, "cached_content", "a string") { json.isString($0) }
        try check(google.thinkingConfig, "thinking_config", "an object") { json.isObject($0) }
        try check(google.streamFunctionCallArguments, "stream_function_call_arguments", "a boolean") {
            json.boolean($0) != nil
        }
        try check(google.tools, "tools", "an array") { json.isArray($0) }
        try checkElements(google.tools, "tools")
        try check(google.mediaResolution, "media_resolution", "a string") { json.isString($0) }
        try check(google.toolConfig, "tool_config", "an object") { json.isObject($0) }
        try check(google.generationConfig, "generation_config", "an object") { json.isObject($0) }
        try check(google.responseModalities, "response_modalities", "an array") { json.isArray($0) }
        try check(google.speechConfig, "speech_config", "an object") { json.isObject($0) }
        try check(google.imageConfig, "image_config", "an object") { json.isObject($0) }
        try check(google.audioTimestamp, "audio_timestamp", "a boolean") { json.boolean($0) != nil }
        try check(google.aspectRatio, "aspect_ratio", "a string") { json.isString($0) }
        try check(google.labels, "labels", "an object") { json.isObject($0) }
        try checkLabels()
        try check(google.modelArmorConfig, "model_armor_config", "an object") { json.isObject($0) }
    }

    private func check(
        _ node: JSONNode?, _ name: StaticString, _ expected: String, _ isRight: (JSONNode) -> Bool
    ) throws(APIError) {
        guard let node, !isRight(node) else { return }
        throw invalidType("extra_body.google.\(name)", expected, node)
    }

    /// Settings and tools are objects.
    private func checkElements(_ node: JSONNode?, _ name: StaticString) throws(APIError) {
        guard let node else { return }
        var elements = json.elements(node)
        var index = 0
        while let element = elements.next(in: json) {
            guard json.isObject(element) else {
                throw invalidType("extra_body.google.\(name)[\(index)]", "an object", element)
            }
            index += 1
        }
    }

    /// The text of a label is text.
    private func checkLabels() throws(APIError) {
        guard let labels = google.labels else { return }
        var members = json.members(labels)
        while let member = members.next(in: json) {
            guard json.isString(member.value) || json.isNull(member.value) else {
                let name = APIError.shortened(json.string(member.key))
                throw invalidType("extra_body.google.labels.\(name)", "a string", member.value)
            }
        }
    }

    /// Notes every member of the body that has no effect (GEN-002, REQ-032).
    mutating func noteIgnoredFields() {
        guard notes.isOn else { return }
        var members = json.members(.root)
        while let member = members.next(in: json) {
            let name = json.string(member.key)
            guard !json.isNull(member.value), name != "metadata" else { continue }
            if ["extra_body", "google", "pollux"].contains(name), !json.isObject(member.value) {
                notes.note(.ignored, name, rule: "REQ-029", "not an object")
                continue
            }
            guard let row = ParameterLedger.row(for: name) else {
                notes.note(.ignored, name, rule: "REQ-032", "not known")
                continue
            }
            if row.fate == .ignored { notes.note(.ignored, name, rule: "GEN-002", "\(row.rules): \(row.remark)") }
        }
    }

    private func check(
        _ field: ChatCompletionRequest.Field, _ expected: String, _ isRight: (JSONNode) -> Bool
    ) throws(APIError) {
        guard let node = request[field], !isRight(node) else { return }
        throw invalidType(String(describing: field.name), expected, node)
    }

    mutating func readModel() throws(APIError) {
        guard let model = request[.model], json.isString(model) else { return }
        if !json.stringEquals(model, buffers.model) { buffers.model = json.string(model) }
        plan.model = buffers.model
    }

    /// `stream`, `stream_options` (REQ-013…015, STREAM-040…042).
    mutating func readStreaming() throws(APIError) {
        plan.isStream = try boolean(.stream) ?? false
        if let options = try object(.streamOptions) {
            guard plan.isStream else {
                throw .badRequest(
                    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                    param: "stream_options", code: nil
                )
            }
            if let include = json.value("include_usage", of: options) {
                guard let value = json.boolean(include) else {
                    throw invalidType("stream_options.include_usage", "a boolean", include)
                }
                plan.streamUsage = value ? .ownChunk : .none
            }
            if let obfuscation = json.value("include_obfuscation", of: options) {
                guard json.boolean(obfuscation) != nil else {
                    throw invalidType("stream_options.include_obfuscation", "a boolean", obfuscation)
                }
                notes.note(.ignored, "stream_options.include_obfuscation", rule: "REQ-015")
            }
        }
        plan.returnsOneCall = request[.parallelToolCalls].flatMap { json.boolean($0) } == false
        plan.usesLegacyFunctions =
            request[.tools].map { json.isEmpty($0) } ?? true
            && request[.functions].map { !json.isEmpty($0) } ?? false
        plan.suppressesAudioField = settings.suppressesAudioField
        plan.usageMode = settings.usageMode
        if let usage = google.usage {
            switch json.string(usage) {
            case "google": plan.usageMode = .google
            case "openai": plan.usageMode = .openai
            default:
                throw .invalidValue(
                    "extra_body.pollux.usage", found: json.string(usage), supported: ["openai", "google"]
                )
            }
        }
    }

    /// `projects/P/locations/L/cachedContents/ID` says where it is.
    private static func cacheLocation(_ name: String) -> ResponsePlan.CacheLocation {
        let parts = name.split(separator: "/")
        return parts.count == 6 && parts[2] == "locations" ? .named(String(parts[3])) : .usual
    }

    /// `cachedContent` (XB-002): a bare id gets the name it has at the backend.
    mutating func writeCachedContent() {
        guard let node = google.cachedContent, json.isString(node), json.length(node) > 0 else { return }
        writer.key("cachedContent")
        let name = json.string(node)
        plan.cacheLocation = Self.cacheLocation(name)
        let place = "projects/\(target.project)/locations/\(target.location)/"
        switch target.service {
        case .vertex where name.hasPrefix("cachedContents/"): writer.string(text: place + name)
        case .vertex where !name.contains("/"): writer.string(text: place + "cachedContents/" + name)
        case .developer where !name.contains("/"): writer.string(text: "cachedContents/" + name)
        default: writer.string(text: name)
        }
    }

    /// `safetySettings` (XB-001): what Gemini would not know in one is left out.
    mutating func writeSafetySettings() {
        guard let node = google.safetySettings else { return }
        writer.key("safetySettings")
        writer.beginArray()
        var elements = json.elements(node)
        var index = 0
        while let element = elements.next(in: json) {
            writer.beginObject()
            for (name, value) in camelCasedMembers(element, of: json) {
                let isKnown = ["category", "threshold", "method"].contains(name)
                if isKnown, name != "method" || target.service == .vertex {
                    writer.key(text: name)
                    writer.copy(value, of: json)
                } else {
                    notes.note(.ignored, "extra_body.google.safety_settings[\(index)].\(name)", rule: "XB-001")
                }
            }
            writer.endObject()
            index += 1
        }
        writer.endArray()
    }
}
