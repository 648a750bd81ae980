internal import PolluxJSON
internal import PolluxOpenAIWire

/// `reasoning_effort` and `thinking_config` → `generationConfig.thinkingConfig`, and where thoughts go.
extension RequestTranslation {
    static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    /// Where thought text will appear (THINK-020, THINK-030…033), and by which tags it is known in history.
    mutating func readThoughtDelivery() throws(APIError) {
        if let node = google.thoughtTagMarker {
            guard json.isString(node) else {
                throw invalidType("extra_body.google.thought_tag_marker", "a string", node)
            }
            marker = try checkedMarker(json.string(node))
        } else if target.tagsThoughtsByDefault {
            marker = "thought"
        }
        // A client that names its tags wants them; the operator's wish is for those that say nothing.
        var delivery = google.thoughtTagMarker == nil ? settings.thoughtDelivery : .content
        if let node = google.thoughts {
            guard let wanted = TranslationSettings.ThoughtDelivery(rawValue: json.string(node)) else {
                throw .invalidValue(
                    "extra_body.pollux.thoughts", found: json.string(node),
                    supported: ["content", "reasoning_content"]
                )
            }
            delivery = wanted
        }
        guard includesThoughts else { return }
        if delivery == .reasoningContent {
            plan.thoughts = .apart
        } else if let marker {
            plan.thoughts = .tagged(marker: marker)
        } else {
            plan.thoughts = .untagged
        }
    }

    private func checkedMarker(_ text: String) throws(APIError) -> String {
        var marker = text[...]
        if marker.hasPrefix("<") { marker = marker.dropFirst() }
        if marker.hasSuffix(">") { marker = marker.dropLast() }
        let bytes = marker.utf8
        let isLetter = { (byte: UInt8) in (byte | 0x20) &- UInt8(ascii: "a") < 26 }
        let isRight =
            (bytes.first.map(isLetter) ?? false) && bytes.count <= 64
            && bytes.allSatisfy { byte in
                isLetter(byte) || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-")
            }
        guard isRight else {
            throw .badRequest(
                "Invalid 'thought_tag_marker': expected a letter followed by at most 63 letters, digits, '_' or '-'.",
                param: "extra_body.google.thought_tag_marker", code: "invalid_value"
            )
        }
        return String(marker)
    }

    private func thinkingMember(_ snake: StaticString, _ camel: StaticString) -> JSONNode? {
        guard let config = google.thinkingConfig else { return nil }
        return json.value(snake, of: config) ?? json.value(camel, of: config)
    }

    private var includesThoughts: Bool {
        let own = thinkingMember("include_thoughts", "includeThoughts")
        if let own { return json.boolean(own) ?? false }
        guard let generation = google.generationConfig,
            let config = json.value("thinking_config", of: generation) ?? json.value("thinkingConfig", of: generation),
            let node = json.value("include_thoughts", of: config) ?? json.value("includeThoughts", of: config)
        else { return false }
        return json.boolean(node) ?? false
    }

    /// Writes `thinkingConfig`, if there is anything to say.
    ///
    ///     reasoning_effort   Gemini 2.5 budget   Gemini 3 level
    ///     none               0                   the lowest (§ 1.1)
    ///     minimal            1024                MINIMAL, else LOW
    ///     low                1024                LOW
    ///     medium             8192                MEDIUM, else HIGH
    ///     high, xhigh, max   24576               HIGH
    mutating func writeThinkingConfig() throws(APIError) {
        let effort = try reasoningEffort()
        let config = try thinkingConfig()
        if let effort, let config {
            let holdsOnlyThoughts = camelCasedMembers(config, of: json).allSatisfy { $0.name == "includeThoughts" }
            guard settings.mergesThinkingConfig, holdsOnlyThoughts else {
                throw .badRequest(
                    "Only one of 'reasoning_effort' or 'extra_body.google.thinking_config' may be specified.",
                    param: "reasoning_effort", code: "invalid_value"
                )
            }
            guard profile.thinks else { return noteIgnoredEffort() }
            writer.key("thinkingConfig")
            writer.beginObject()
            try writeThinkingMembers(config)
            try write(effort: effort)
            writer.endObject()
        } else if let config {
            writer.key("thinkingConfig")
            writer.beginObject()
            try writeThinkingMembers(config)
            writer.endObject()
        } else if let effort {
            guard profile.thinks else { return noteIgnoredEffort() }
            writer.key("thinkingConfig")
            writer.beginObject()
            try write(effort: effort)
            writer.endObject()
        }
    }

    /// `thinking_config`, unless nothing is said in it (THINK-014).
    private func thinkingConfig() throws(APIError) -> JSONNode? {
        guard let config = google.thinkingConfig else { return nil }
        guard json.isObject(config) else {
            throw invalidType("extra_body.google.thinking_config", "an object", config)
        }
        var members = json.members(config)
        while let member = members.next(in: json) {
            if !json.isNull(member.value) { return config }
        }
        return nil
    }

    private mutating func noteIgnoredEffort() {
        note(.ignored, .reasoningEffort, rule: "THINK-003", "the model does not think")
    }

    private func reasoningEffort() throws(APIError) -> String? {
        guard let node = request[.reasoningEffort] else { return nil }
        guard json.isString(node) else { throw invalidType("reasoning_effort", "a string", node) }
        let word = json.string(node)
        guard Self.efforts.contains(word) else {
            throw .invalidValue("reasoning_effort", found: word, supported: Self.efforts)
        }
        return word
    }

    private mutating func write(effort: String) throws(APIError) {
        switch profile.thinking {
        case .none: break
        case .budget(let range):
            let wanted =
                switch effort {
                case "none": 0
                case "minimal", "low": 1024
                case "medium": 8192
                default: 24576
                }
            var budget = min(max(wanted, range.lowerBound), range.upperBound)
            if effort == "none" {
                try checkNone()
                budget = profile.canSwitchThinkingOff ? 0 : range.lowerBound
            }
            writer.key("thinkingBudget")
            writer.integer(budget)
            let fate: TranslationNote.Fate = budget == wanted ? .mapped : .changed
            note(fate, .reasoningEffort, rule: budget == wanted ? "THINK-001" : "THINK-004", "thinkingBudget \(budget)")
        case .level(let levels):
            if effort == "none" { try checkNone() }
            let level = self.level(effort, of: levels)
            writer.key("thinkingLevel")
            writer.string(text: level.rawValue.uppercased())
            let fate: TranslationNote.Fate = level.rawValue == effort ? .mapped : .changed
            note(fate, .reasoningEffort, rule: "THINK-001", "thinkingLevel \(level.rawValue.uppercased())")
        }
    }

    private func level(
        _ effort: String, of levels: [ModelProfile.ThinkingLevel]
    ) -> ModelProfile.ThinkingLevel {
        switch effort {
        case "none", "minimal": levels.contains(.minimal) ? .minimal : .low
        case "low": levels.contains(.low) ? .low : .minimal
        case "medium": levels.contains(.medium) ? .medium : .high
        default: .high
        }
    }

    /// § 1.1: some models always think. Least thinking is the default, a 400 by request.
    private mutating func checkNone() throws(APIError) {
        if profile.canSwitchThinkingOff { return }
        if settings.isStrictAboutNone {
            throw .badRequest(
                "'none' is not supported with this model. Supported values are: \(supportedEfforts).",
                param: "reasoning_effort", code: "invalid_value"
            )
        }
    }

    private var supportedEfforts: String { Self.efforts.dropFirst().map { "'\($0)'" }.joined(separator: ", ") }

    /// The native knobs, unclamped (THINK-010…015), of their types (GEN-003).
    private mutating func writeThinkingMembers(_ config: JSONNode) throws(APIError) {
        for (name, value) in camelCasedMembers(config, of: json) {
            writer.key(text: name)
            switch name {
            case "includeThoughts":
                guard let includes = json.boolean(value) else { throw invalidKnob(name, "a boolean", value) }
                writer.boolean(includes)
            case "thinkingBudget":
                guard json.isNumber(value), json.isIntegral(value), let budget = json.integer(value) else {
                    throw invalidKnob(name, "an integer", value)
                }
                writer.integer(budget)
            case "thinkingLevel":
                guard json.isString(value) else { throw invalidKnob(name, "a string", value) }
                writer.string(text: json.string(value).uppercased())
            default: writer.copyCamelCased(value, of: json)
            }
        }
    }

    private func invalidKnob(_ name: String, _ expected: String, _ value: JSONNode) -> APIError {
        invalidType("extra_body.google.thinking_config.\(snakeCase(name))", expected, value)
    }
}
