/// How fast the events of a stream come.
public struct Pace: Sendable {
    /// Milliseconds before the first event.
    public var firstEventMilliseconds = 0
    /// Milliseconds between two events.
    public var eventMilliseconds = 0
    /// Tokens of an answer that come in a second, at four bytes each; 0 is as fast as they can be written.
    public var tokensPerSecond = 0

    public init() {}

    /// What users of the service see: half a second, then some 150 tokens a second.
    public static var realistic: Pace {
        var pace = Pace()
        pace.firstEventMilliseconds = 500
        pace.tokensPerSecond = 150
        return pace
    }

    var isImmediate: Bool { firstEventMilliseconds == 0 && eventMilliseconds == 0 && tokensPerSecond == 0 }
}
