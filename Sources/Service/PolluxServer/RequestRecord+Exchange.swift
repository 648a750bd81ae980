import PolluxGateway
import PolluxObservation
import PolluxOpenAIWire
import PolluxRelay
import PolluxTranslation

/// What a record takes from the request's way.
extension RequestRecord {
    mutating func note(_ route: ModelRoute) {
        model = route.target.model
        backend = route.backend.name
        location = route.target.service == .vertex ? route.target.location : ""
    }

    /// What a stream has brought so far, wherever it ends.
    mutating func note(_ stream: StreamTranslator, mode: TranslationSettings.UsageMode) {
        tokens = TokenCounts(stream.usage, mode: mode)
        finishReason = stream.finishReason?.rawValue ?? ""
    }

    /// What a container's answer has told so far.
    mutating func note(_ relay: Relay) {
        let facts = relay.stream?.facts ?? relay.facts
        if let usage = facts.usage { tokens = TokenCounts(usage, mode: .openai) }
        finishReason = facts.finishReason?.rawValue ?? ""
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
