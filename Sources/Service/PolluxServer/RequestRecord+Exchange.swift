import PolluxGateway
import PolluxObservation
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation

/// What a record takes from the request's way.
///
/// Each member is there before it is put in its place: the record is not held open meanwhile, and needs no check of
/// that.
extension Exchange {
    func note(_ route: ModelRoute) {
        let isVertex = route.target.service == .vertex
        record.model = route.target.model
        record.backend = route.backend.name
        record.location = isVertex ? route.target.location : ""
    }

    /// What a stream has brought so far, wherever it ends.
    func note(_ stream: AnswerStream) {
        let tokens = RequestRecord.TokenCounts(stream.translator.usage, mode: plan.usageMode)
        let finishReason = stream.translator.finishReason?.rawValue ?? ""
        record.tokens = tokens
        record.finishReason = finishReason
    }

    /// What a container's answer has told so far.
    func note(_ relay: Relay) {
        let facts = relay.stream?.facts ?? relay.facts
        let finishReason = facts.finishReason?.rawValue ?? ""
        if let usage = facts.usage { record.tokens = RequestRecord.TokenCounts(usage, mode: .openai) }
        record.finishReason = finishReason
    }
}

extension RequestRecord.TokenCounts {
    /// The counts whatever the client reads: thinking is a part of the completion (USE-002).
    init(_ usage: Usage, mode: TranslationSettings.UsageMode) {
        self.init()
        prompt = usage.promptTokens
        cached = usage.cachedTokens ?? 0
        promptAudio = usage.promptAudioTokens ?? 0
        completion = usage.completionTokens
        if mode == .google { completion = max(completion, usage.totalTokens - usage.promptTokens) }
        thinking = usage.reasoningTokens
        completionAudio = usage.completionAudioTokens ?? 0
    }
}

extension Route {
    /// What is asked for by it.
    var operation: RequestRecord.Operation {
        switch self {
        case .chatCompletions: .chat
        case .embeddings: .embeddings
        case .models, .model: .models
        case .health, .readiness: .health
        }
    }
}
