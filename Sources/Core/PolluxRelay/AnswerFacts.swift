public import PolluxJSON
public import PolluxOpenAIWire
public import PolluxTranslation

/// What is read of a container's answer while it passes: what it took, and how its choices ended (SELF-041, SELF-044).
///
/// The answer itself is not changed by it, and what a container does not tell is not made up.
public struct AnswerFacts: Sendable {
    /// The last counts that came: some servers send them with every chunk, and growing.
    public private(set) var usage: Usage?
    /// How the last choice ended; `nil` also for a word that is none of OpenAI's and of TGI's.
    public private(set) var finishReason: FinishReason?
    /// Choices that came to an end.
    public private(set) var finished: Set<Int> = []

    public init() {}

    /// Reads a whole answer, or one event of a stream.
    ///
    /// - Parameter choicesWithCalls: choices of which an end of text is the end of their calls (SELF-031).
    public mutating func note(_ json: borrowing JSONDocument, choicesWithCalls: Set<Int> = []) {
        if let usage = json.value("usage", of: .root), json.isObject(usage) { self.usage = Usage(usage, of: json) }
        guard let choices = json.value("choices", of: .root) else { return }
        var elements = json.elements(choices)
        var position = 0
        while let choice = elements.next(in: json) {
            // Some servers write "" as long as there is no reason.
            if let reason = json.value("finish_reason", of: choice), json.isString(reason), json.length(reason) > 0 {
                let index = json.value("index", of: choice).flatMap { json.integer($0) } ?? position
                finished.insert(index)
                finishReason = FinishReason(
                    container: json.string(reason), madeCalls: choicesWithCalls.contains(index))
            }
            position += 1
        }
    }
}

extension FinishReason {
    fileprivate init?(container word: String, madeCalls: Bool) {
        switch word {
        case "stop", "eos_token", "stop_sequence": self = madeCalls ? .toolCalls : .stop
        default: self.init(rawValue: word)
        }
    }
}
