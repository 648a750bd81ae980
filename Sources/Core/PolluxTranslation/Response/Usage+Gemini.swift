public import PolluxGeminiWire
public import PolluxJSON
public import PolluxOpenAIWire

extension Usage {
    /// Gemini's counts as OpenAI counts them (USE-001…007).
    ///
    ///     prompt      = promptTokenCount + toolUsePromptTokenCount
    ///     completion  = candidatesTokenCount + thoughtsTokenCount   (mode google: without thoughts)
    ///     total       = totalTokenCount
    public init(_ metadata: UsageMetadata, mode: TranslationSettings.UsageMode) {
        self.init()
        promptTokens = metadata.promptTokenCount + metadata.toolUsePromptTokenCount
        let thoughts = metadata.thoughtsTokenCount
        // Some older models count thoughts inside candidates: then the parts add up without them.
        let isInclusive =
            thoughts > 0 && metadata.totalTokenCount > 0
            && promptTokens + metadata.candidatesTokenCount == metadata.totalTokenCount
        let both = metadata.candidatesTokenCount + (isInclusive ? 0 : thoughts)
        completionTokens = mode == .openai ? both : metadata.candidatesTokenCount
        totalTokens = metadata.totalTokenCount > 0 ? metadata.totalTokenCount : promptTokens + both
        cachedTokens = metadata.cachedContentTokenCount
        promptAudioTokens = metadata.promptAudioTokens
        completionAudioTokens = metadata.candidatesAudioTokens
        reasoningTokens = thoughts
        trafficType = metadata.trafficType
    }
}

extension Usage {
    /// The counts of a whole answer.
    public init(answer json: borrowing JSONDocument, mode: TranslationSettings.UsageMode) {
        guard let node = json.value("usageMetadata", of: .root) else {
            self.init()
            return
        }
        self.init(UsageMetadata(node, of: json), mode: mode)
    }
}

/// `trafficType` or `serviceTier` of an answer → `service_tier` (03 § 6).
func serviceTier(_ metadata: UsageMetadata?) -> StaticString {
    switch metadata?.trafficType ?? metadata?.serviceTier {
    case "ON_DEMAND_FLEX", "ON_DEMAND_OFFPEAK", "flex": "flex"
    case "ON_DEMAND_PRIORITY", "priority": "priority"
    case "PROVISIONED_THROUGHPUT": "scale"
    default: "default"
    }
}
