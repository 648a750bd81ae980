/// How requests to one self-deployed model travel, and what of its answers is repaired (09 § 3…5).
public struct RelaySettings: Sendable, Hashable {
    /// What becomes of the request's `model` (SELF-010, SELF-011).
    public enum Model: Sendable, Hashable {
        case asReceived
        /// `""` when there is none: the address selects the model.
        case emptyWhenAbsent
        case replaced(by: String)
    }

    public var model = Model.asReceived
    /// Text Generation Inference: it takes `stop` only as an array (SELF-016).
    public var isTGI = false
    /// `developer` becomes `system` (SELF-014).
    public var mapsDeveloperRole = false
    /// `max_completion_tokens` becomes `max_tokens` (SELF-015).
    public var usesLegacyMaxTokens = false
    /// `response_format` in the form of TGI before 3.2 (SELF-021).
    public var usesLegacyGrammar = false
    /// Answers are repaired (SELF-031, SELF-042).
    public var normalizes = false
    /// Answers have the client's own model name (SELF-033).
    public var echoesModel = false

    public init() {}
}
