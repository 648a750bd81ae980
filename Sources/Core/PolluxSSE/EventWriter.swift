/// The fixed text of our own event streams beside their events: a comment (STREAM-006).
public enum EventWriter {
    public static let keepAlive: StaticString = ": keep-alive\n\n"
}
