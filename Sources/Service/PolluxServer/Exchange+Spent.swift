import NIOCore
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// What upstreams counted for answers that no client reads: those that were thrown away and asked for again, and those
/// whose siblings failed. They are paid for all the same, so the request's row and its key have them.
extension Exchange {
    /// An answer, or what came of a stream, is thrown away.
    func spend(_ usage: Usage) { spent.add(RequestRecord.TokenCounts(usage, mode: plan.usageMode)) }

    /// The whole answer of one call will not be read further; what a stream has counted, its translator knows.
    func spendOnAnswer(of call: Int) {
        guard !plan.isStream, calls[call].head?.status == 200, let answer = calls[call].answer else { return }
        _ = readAnswer(answer.readableBytesUInt8Span) { json in  // What cannot be read has counted nothing.
            spend(Usage(answer: json, mode: plan.usageMode))
            return nil
        }
    }

    /// The request has failed: what came of its calls until then.
    func spendOnAnswers() {
        if let embeddings {
            spent.prompt += embeddings.promptTokens
        } else if relay == nil, listing == nil {
            for call in calls.indices { spendOnAnswer(of: call) }
        }
    }
}

extension RequestRecord.TokenCounts {
    /// Adds counts of another answer. An upstream's counts are within limits, of which a sum of some hundred fits.
    mutating func add(_ other: RequestRecord.TokenCounts) {
        prompt += other.prompt
        cached += other.cached
        promptAudio += other.promptAudio
        completion += other.completion
        thinking += other.thinking
        completionAudio += other.completionAudio
    }
}
