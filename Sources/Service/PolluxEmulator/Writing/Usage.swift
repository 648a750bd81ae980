import PolluxJSON

/// The tokens of one exchange, so far.
struct Usage: Sendable {
    var prompt: PromptTokens
    var cached: PromptTokens?
    var candidates = 0
    var thoughts = 0
    var toolUse = 0

    /// Writes the member `usageMetadata`. The total is what stands beside it, added up.
    func write(_ backend: Backend, into writer: inout JSONWriter) {
        writer.member("usageMetadata") {
            $0.object {
                $0.member("promptTokenCount", prompt.total)
                if candidates > 0 { $0.member("candidatesTokenCount", candidates) }
                $0.member("totalTokenCount", prompt.total + candidates + thoughts + toolUse)
                if let cached { $0.member("cachedContentTokenCount", cached.total) }
                prompt.writeDetails("promptTokensDetails", into: &$0)
                if let cached { cached.writeDetails("cacheTokensDetails", into: &$0) }
                if toolUse > 0 { $0.member("toolUsePromptTokenCount", toolUse) }
                if thoughts > 0 { $0.member("thoughtsTokenCount", thoughts) }
                switch backend {
                case .vertex: $0.member("trafficType", "ON_DEMAND")
                case .developer: $0.member("serviceTier", "standard")
                }
            }
        }
    }
}

extension PromptTokens {
    /// Writes the tokens of each modality.
    func writeDetails(_ name: StaticString, into writer: inout JSONWriter) {
        writer.member(name) {
            $0.array {
                for detail in details {
                    $0.object {
                        $0.member("modality", detail.modality)
                        $0.member("tokenCount", detail.tokens)
                    }
                }
            }
        }
    }
}
