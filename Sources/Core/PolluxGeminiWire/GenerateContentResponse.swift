public import PolluxJSON

/// An answer of `generateContent`, or one event of `streamGenerateContent`, as it was written: where
/// each known member stands.
public struct GenerateContentResponse: Sendable {
    public var candidates: JSONNode?
    public var promptFeedback: JSONNode?
    public var usageMetadata: JSONNode?
    public var modelVersion: JSONNode?
    public var createTime: JSONNode?
    public var responseId: JSONNode?
    public var error: JSONNode?

    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            let key = json.raw(member.key)
            switch key.count {
            case 10 where key.matches("candidates"): candidates = member.value
            case 10 where key.matches("createTime"): createTime = member.value
            case 10 where key.matches("responseId"): responseId = member.value
            case 13 where key.matches("usageMetadata"): usageMetadata = member.value
            case 12 where key.matches("modelVersion"): modelVersion = member.value
            case 14 where key.matches("promptFeedback"): promptFeedback = member.value
            case 5 where key.matches("error"): error = member.value
            default: break
            }
        }
    }
}

/// One alternative answer.
public struct Candidate: Sendable {
    public var index = 0
    public private(set) var hasIndex = false
    public var content: JSONNode?
    public var finishReason: JSONNode?
    public var finishMessage: JSONNode?
    public var safetyRatings: JSONNode?
    public var citationMetadata: JSONNode?
    public var groundingMetadata: JSONNode?
    public var urlContextMetadata: JSONNode?
    public var logprobsResult: JSONNode?
    /// Of the call that made this candidate, where several calls' answers became one.
    public var promptFeedback: JSONNode?

    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            let key = json.raw(member.key)
            switch key.count {
            case 5 where key.matches("index"):
                if let number = json.integer(member.value) { (index, hasIndex) = (number, true) }
            case 7 where key.matches("content"): content = member.value
            case 12 where key.matches("finishReason") && json.length(member.value) > 0: finishReason = member.value
            case 13 where key.matches("finishMessage"): finishMessage = member.value
            case 13 where key.matches("safetyRatings"): safetyRatings = member.value
            case 16 where key.matches("citationMetadata"): citationMetadata = member.value
            case 17 where key.matches("groundingMetadata"): groundingMetadata = member.value
            case 18 where key.matches("urlContextMetadata"): urlContextMetadata = member.value
            case 14 where key.matches("logprobsResult"): logprobsResult = member.value
            case 14 where key.matches("promptFeedback"): promptFeedback = member.value
            default: break
            }
        }
    }
}

/// Gives the candidates of one list their indices: Google leaves out a zero. Another one without an index stands at
/// its place in the list.
public struct CandidateIndices: Sendable {
    private var count = 0
    private var hasZero = false

    public init() {}

    /// Completes the next candidate of the list.
    public mutating func complete(_ candidate: inout Candidate) {
        if !candidate.hasIndex, hasZero { candidate.index = count }
        if candidate.index == 0 { hasZero = true }
        count += 1
    }
}

/// One typed piece of an answer.
public struct Part: Sendable {
    public var text: JSONNode?
    public var functionCall: JSONNode?
    public var inlineData: JSONNode?
    public var fileData: JSONNode?
    public var executableCode: JSONNode?
    public var codeExecutionResult: JSONNode?
    public var toolCall: JSONNode?
    public var toolResponse: JSONNode?
    public var thoughtSignature: JSONNode?
    public var isThought = false

    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            let key = json.raw(member.key)
            switch key.count {
            case 4 where key.matches("text"): text = json.isString(member.value) ? member.value : nil
            case 7 where key.matches("thought"): isThought = json.boolean(member.value) ?? false
            case 8 where key.matches("fileData"): fileData = member.value
            case 8 where key.matches("toolCall"): toolCall = member.value
            case 10 where key.matches("inlineData"): inlineData = member.value
            case 12 where key.matches("functionCall"): functionCall = member.value
            case 12 where key.matches("toolResponse"): toolResponse = member.value
            case 14 where key.matches("executableCode"): executableCode = member.value
            case 16 where key.matches("thoughtSignature"):
                thoughtSignature = json.isString(member.value) && json.length(member.value) > 0 ? member.value : nil
            case 19 where key.matches("codeExecutionResult"): codeExecutionResult = member.value
            default: break
            }
        }
    }
}
