/// What requests get instead of the usual answer, or beside it.
///
/// Rules are looked at in their order; the first one that is for a request and not used up decides. Quotas come before
/// rules.
public struct Script: Sendable {
    /// Seeds chance and latencies; absent, the emulator's seed does.
    var seed: UInt64?
    var rules: [ScriptRule] = []
    var quotas: [Quota] = []

    /// A script that changes nothing.
    public init() {}
}
