/// What a model family accepts: the facts by which a request is shaped.
public struct ModelProfile: Sendable, Equatable {
    /// How reasoning is controlled.
    public enum Thinking: Sendable, Equatable {
        case none
        /// `thinkingBudget`, in tokens.
        case budget(ClosedRange<Int>)
        /// `thinkingLevel`, by the levels the model lists.
        case level([ThinkingLevel])
    }

    /// Qualitative levels of reasoning, least first.
    public enum ThinkingLevel: String, Sendable, CaseIterable {
        case minimal, low, medium, high
    }

    /// The pattern that chose this profile.
    public var match = "*"
    public var thinking = Thinking.none
    /// Can reasoning be switched off?
    public var canSwitchThinkingOff = false
    /// Are `temperature`, `topP` and `topK` honoured?
    public var takesSampling = true
    /// Send sampling parameters, and drop them when the upstream names one of them in a 400.
    public var retriesWithoutSampling = false
    /// Are frequency and presence penalties accepted?
    public var takesPenalties = true
    /// Does `candidateCount` above 1 work?
    public var takesCandidateCount = true
    /// Are `functionCall.id` and `functionResponse.id` sent?
    public var takesFunctionCallIDs = false
    /// Does each part have its own media resolution (else one for the request)?
    public var hasPartMediaResolution = false
    /// May the conversation end with a model turn?
    public var mayEndWithModelTurn = true
    /// May built-in tools, functions and JSON output be combined?
    public var combinesTools = false
    /// Gemini 3 and later: function calls need their thought signatures.
    public var needsSignatures = false
    /// Tokens that one answer can have, thoughts included.
    public var outputTokens = 65_536
    /// Answers with images: no placeholder signatures.
    public var makesImages = false
    /// Answers with speech only.
    public var makesSpeech = false

    public init() {}

    /// Does this family reason at all?
    public var thinks: Bool { thinking != .none }
}
