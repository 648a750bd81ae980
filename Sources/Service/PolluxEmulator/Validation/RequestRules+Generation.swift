import PolluxJSON

extension RequestRules {
    private var settings: GenerationSettings { request.generation }

    func checkSampling() throws(GoogleError) {
        try checkRange("temperature", settings.temperature, 0...2)
        try checkRange("topP", settings.topP, 0...1)
        try checkRange("candidateCount", settings.candidateCount.map(Double.init), 1...8)
        try checkRange("frequencyPenalty", settings.frequencyPenalty, -2...2)
        try checkRange("presencePenalty", settings.presencePenalty, -2...2)
        try checkRange("maxOutputTokens", settings.maxOutputTokens.map(Double.init), 1...65536)
        if settings.candidateCount ?? 1 > 1, !traits.allowsSeveralCandidates {
            throw .invalid("Multiple candidates is not enabled for this model")
        }
        if settings.frequencyPenalty ?? 0 != 0 || settings.presencePenalty ?? 0 != 0, !traits.allowsPenalties {
            throw .invalid("Penalty is not enabled for this model")
        }
        if settings.stopSequences.count > 5 {
            throw .invalid("Unable to submit request because it has more than 5 stop sequences.")
        }
        if settings.stopSequences.contains("") {
            throw .invalid("Unable to submit request because a stop sequence is empty.")
        }
        guard let logprobs = settings.logprobs else { return }
        guard settings.responseLogprobs else {
            throw .invalid("logprobs is set but response_logprobs is not true.")
        }
        let lowest = isVertex ? 1 : 0
        guard (lowest...20).contains(logprobs) else {
            throw .invalid("logprobs must be in the range [\(lowest), 20].")
        }
    }

    private func checkRange(
        _ name: String, _ value: Double?, _ range: ClosedRange<Double>
    ) throws(GoogleError) {
        guard let value, !range.contains(value) else { return }
        throw .invalid(
            "Unable to submit request because it has a \(name) value of \(value) but the supported range "
                + "is from "
                + "\(range.lowerBound) (inclusive) to \(range.upperBound) (inclusive). Update the value "
                + "and try again."
        )
    }

    func checkOutput(_ json: borrowing JSONDocument) throws(GoogleError) {
        if settings.responseSchema != nil || settings.responseJSONSchema != nil {
            if settings.responseSchema != nil, settings.responseJSONSchema != nil {
                throw .invalid("Only one of response_schema and response_json_schema may be set.")
            }
            guard ["application/json", "text/x.enum"].contains(settings.responseMimeType) else {
                throw .invalid(
                    "* GenerateContentRequest.generation_config.response_schema: only allowed when "
                        + "response_mime_type is "
                        + "`application/json` or `text/x.enum`.\n"
                )
            }
            if let schema = settings.responseSchema {
                try SchemaRules.check(schema, at: "generation_config.response_schema", json)
            }
        }
        switch settings.responseMimeType {
        case nil, "", "text/plain", "text/x.enum", "application/xml", "application/yaml":
            return
        case "application/json":
            guard request.toolKinds.contains("functionDeclarations"), !traits.isThirdGeneration else {
                return
            }
            throw .invalid("Function calling with a response mime type: 'application/json' is unsupported")
        default:
            throw .invalid(
                "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are "
                    + "`text/plain`, "
                    + "`application/json`, `application/xml`, `application/yaml` and `text/x.enum`.\n"
            )
        }
    }

    /// Budgets are Gemini 2.5's, levels Gemini 3's (which still takes a budget), and never both.
    func checkThinking() throws(GoogleError) {
        guard settings.hasThinkingConfig else { return }
        let budget = settings.thinkingBudget
        let level = settings.thinkingLevel
        if budget != nil, level != nil {
            throw .invalid("You can only set only one of thinking budget and thinking level.")
        }
        switch traits.thinking {
        case .none:
            guard level != nil || budget ?? 0 != 0 || settings.includeThoughts else { return }
            throw .invalid("Unable to submit request because Thinking is not supported by this model.")
        case .budget(let range, let canBeOff, _):
            if level != nil { throw .invalid("Thinking level is not supported for this model.") }
            guard let budget, budget != -1, !(budget == 0 && canBeOff) else { return }
            if budget == 0 {
                throw .invalid(
                    "Unable to submit request because Budget 0 is invalid. This model only works in "
                        + "thinking mode."
                )
            }
            guard !range.contains(budget) else { return }
            throw .invalid(
                "The thinking budget \(budget) is invalid. Please choose a value between "
                    + "\(range.lowerBound) and "
                    + "\(range.upperBound)."
            )
        case .level(let levels):
            guard let level, level != "THINKING_LEVEL_UNSPECIFIED", !levels.contains(level) else { return }
            throw .invalid("Thinking level \(level) is not supported for this model.")
        }
    }
}
