/// One rule of a ``Script``.
struct ScriptRule: Sendable {
    /// The name by which the request log tells it; its place in the script when it has none.
    var name: String
    var match = RequestMatch()
    /// Requests that it lets pass before it begins.
    var skip = 0
    /// Requests that it is for; `nil` is all.
    var times: Int?
    /// How likely it is to act on a request, from 0 to 1.
    var chance = 1.0
    var latency: Latency?
    var outcome = ScriptOutcome.usual
    /// Words as in a prompt's ``Directives``.
    var directives: Directives?
    var fault: (kind: Delivery.Fault, place: Delivery.Place)?
    var drip: Delivery.Drip?
    var pace: Pace?
}

/// What a request gets.
enum ScriptOutcome: Sendable {
    /// What it would get without the rule.
    case usual
    /// This error, whatever was asked.
    case error(GoogleError)
    /// This answer, if the request is one that the service takes.
    case answer(FixedAnswer)
}
