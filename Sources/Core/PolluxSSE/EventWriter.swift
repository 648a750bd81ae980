/// The fixed texts of our own event streams (STREAM-002, STREAM-003, STREAM-006).
///
///     data: {…}\n\n
///     : keep-alive\n\n
///     data: [DONE]\n\n
public enum EventWriter {
    public static let eventStart: StaticString = "data: "
    public static let eventEnd: StaticString = "\n\n"
    public static let done: StaticString = "data: [DONE]\n\n"
    public static let keepAlive: StaticString = ": keep-alive\n\n"
}
