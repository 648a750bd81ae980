import PolluxJSON

/// A request's `generationConfig`.
struct GenerationSettings: Sendable {
    var temperature: Double?
    var topP: Double?
    var candidateCount: Int?
    var maxOutputTokens: Int?
    var frequencyPenalty: Double?
    var presencePenalty: Double?
    var stopSequences: [String] = []
    var responseMimeType: String?
    var responseSchema: JSONNode?
    var responseJSONSchema: JSONNode?
    var responseLogprobs = false
    var logprobs: Int?
    /// Upper-case words: `TEXT`, `IMAGE`, `AUDIO`.
    var responseModalities: [String] = []
    /// `16:9`, …; `nil` leaves it to the model.
    var aspectRatio: String?
    /// `1K`, `2K` or `4K`.
    var imageSize: String?
    /// Names of the voices that speak, in the order of their speakers.
    var voices: [String] = []
    var hasThinkingConfig = false
    var includeThoughts = false
    var thinkingBudget: Int?
    var thinkingLevel: String?

    init() {}

    init(_ node: JSONNode, of json: borrowing JSONDocument) {
        temperature = json.floatNumber(json.value("temperature", of: node))
        topP = json.floatNumber(json.value("topP", or: "top_p", of: node))
        candidateCount = json.wholeNumber(json.value("candidateCount", or: "candidate_count", of: node))
        maxOutputTokens = json.wholeNumber(json.value("maxOutputTokens", or: "max_output_tokens", of: node))
        frequencyPenalty = json.floatNumber(json.value("frequencyPenalty", or: "frequency_penalty", of: node))
        presencePenalty = json.floatNumber(json.value("presencePenalty", or: "presence_penalty", of: node))
        for sequence in json.each(json.value("stopSequences", or: "stop_sequences", of: node)) {
            stopSequences.append(json.string(sequence))
        }
        responseMimeType = json.text(of: json.value("responseMimeType", or: "response_mime_type", of: node))
        responseSchema = json.value("responseSchema", or: "response_schema", of: node)
        responseJSONSchema = json.value("responseJsonSchema", or: "response_json_schema", of: node)
        responseLogprobs =
            json.value("responseLogprobs", or: "response_logprobs", of: node).flatMap { json.boolean($0) }
            ?? false
        logprobs = json.wholeNumber(json.value("logprobs", of: node))
        for modality in json.each(json.value("responseModalities", or: "response_modalities", of: node)) {
            if let word = json.word(modality) { responseModalities.append(word) }
        }
        if let image = json.value("imageConfig", or: "image_config", of: node) {
            aspectRatio = json.text(of: json.value("aspectRatio", or: "aspect_ratio", of: image))
            imageSize = json.word(json.value("imageSize", or: "image_size", of: image))
        }
        if let speech = json.value("speechConfig", or: "speech_config", of: node) {
            voices = Self.voices(speech, json)
        }
        guard let thinking = json.value("thinkingConfig", or: "thinking_config", of: node) else { return }
        hasThinkingConfig = !json.isEmpty(thinking)
        includeThoughts =
            json.value("includeThoughts", or: "include_thoughts", of: thinking).flatMap { json.boolean($0) }
            ?? false
        thinkingBudget = json.wholeNumber(json.value("thinkingBudget", or: "thinking_budget", of: thinking))
        thinkingLevel = json.word(json.value("thinkingLevel", or: "thinking_level", of: thinking))
    }

    private static func voices(_ speech: JSONNode, _ json: borrowing JSONDocument) -> [String] {
        var owners = [speech]
        if let several = json.value("multiSpeakerVoiceConfig", or: "multi_speaker_voice_config", of: speech) {
            owners = json.each(json.value("speakerVoiceConfigs", or: "speaker_voice_configs", of: several))
        }
        var voices: [String] = []
        for owner in owners {
            guard let voice = json.value("voiceConfig", or: "voice_config", of: owner),
                let prebuilt = json.value("prebuiltVoiceConfig", or: "prebuilt_voice_config", of: voice),
                let name = json.text(of: json.value("voiceName", or: "voice_name", of: prebuilt))
            else { continue }
            voices.append(name)
        }
        return voices
    }

    /// Whether the model thinks before it answers this request.
    func thinks(_ traits: ModelTraits) -> Bool {
        guard traits.thinking != .none else { return false }
        if let thinkingBudget { return thinkingBudget != 0 }
        return thinkingLevel != nil || traits.thinksByDefault
    }

    var wantsJSON: Bool { responseMimeType == "application/json" }
}
