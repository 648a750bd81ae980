public import PolluxOpenAIWire

/// How long a client says that it waits.
///
///     x-request-timeout             seconds; for people and programs: anything else is refused
///     x-stainless-timeout           seconds; OpenAI's SDK for TypeScript
///     x-stainless-read-timeout      seconds; OpenAI's SDK for Python
///
/// The SDKs send theirs by themselves, and sometimes a word: what is no number is ignored.
public enum ClientPatience {
    public static let own = "x-request-timeout"
    public static let ofSDKs = ["x-stainless-timeout", "x-stainless-read-timeout"]
    /// An answer must be on its way before the client gives up: a tenth of its time, within these.
    private static let margins: ClosedRange<Duration> = .milliseconds(150)...(.seconds(1))
    private static let longest = 86_400.0

    /// When the answer must have been sent, counted from the request's arrival; `nil` when nothing was said.
    ///
    /// - Throws: 400 for an `x-request-timeout` that is no positive number of seconds.
    public static func duration(_ request: ClientRequest) throws(APIError) -> Duration? {
        if let text = request.header(own) {
            guard let found = seconds(text) else {
                throw .badRequest(
                    "Invalid '\(own)': expected a positive number of seconds.", param: own, code: "invalid_value"
                )
            }
            return shortened(found)
        }
        for name in ofSDKs {
            if let found = request.header(name).flatMap(seconds) { return shortened(found) }
        }
        return nil
    }

    private static func seconds(_ text: String) -> Double? {
        guard text.utf8.count <= 32, let value = Double(text), value.isFinite, value > 0 else { return nil }
        return min(value, longest)
    }

    private static func shortened(_ seconds: Double) -> Duration {
        let whole = Duration.seconds(seconds)
        let margin = min(max(whole / 10, margins.lowerBound), margins.upperBound)
        return max(whole - margin, whole / 2)
    }
}
