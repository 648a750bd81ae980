/// What the emulator says to one request, before it is written whole or cut into events.
struct Answer: Sendable {
    var candidates: [Candidate]
    var promptTokens: PromptTokens
    /// Of the prompt's tokens, those that came from a cache.
    var cachedTokens: PromptTokens?
    /// Tokens of what the service's own tools gave the model to read.
    var toolUseTokens = 0
    /// Why there are no candidates.
    var blockReason: String?
}

/// One alternative answer.
struct Candidate: Sendable {
    var parts: [AnswerPart] = []
    var finishReason = FinishReason.stop
    var grounding: Grounding?
    var citations: Citations?
    /// Addresses that the model was given to read.
    var readURLs: [String] = []
    /// Alternatives to tell for each token; `nil` when none were asked for.
    var logprobs: Int?
    /// Tokens of the thoughts, shown or not.
    var thoughtTokens = 0

    /// Tokens of the answer without its thoughts.
    var tokens: Int {
        parts.reduce(0) { $0 + $1.tokens }
    }

    /// The text of all parts that are no thoughts.
    var text: String {
        var text = ""
        for part in parts {
            if case .text(let piece) = part.content { text += piece }
        }
        return text
    }
}

/// One part of an answer.
struct AnswerPart: Sendable {
    enum Content: Sendable {
        case thought(String)
        case text(String)
        /// `arguments` is the text of a JSON object.
        case functionCall(name: String, arguments: [UInt8], id: String?)
        /// In streams only, where the request asks for it.
        case callPiece(CallPiece)
        case media(mimeType: String, base64: [UInt8], tokens: Int)
        /// Python that the service ran, and what it printed.
        case code(String)
        case codeResult(String)
    }

    var content: Content
    var signature: String?

    /// Tokens that count as answer; thoughts are counted for themselves.
    var tokens: Int {
        switch content {
        case .thought, .codeResult, .callPiece: 0
        case .text(let text), .code(let text): Tokens.count(text)
        case .functionCall(let name, let arguments, _): (name.utf8.count + arguments.count + 3) / 4
        case .media(_, _, let tokens): tokens
        }
    }
}
