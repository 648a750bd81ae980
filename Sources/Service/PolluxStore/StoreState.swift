/// How the store is, in one word and a reason.
public enum StoreState: Sendable, Hashable {
    /// It was not reached yet.
    case opening
    case writing
    /// Keys are read; another process has the right to write usage.
    case reading
    /// Keys and limits hold from memory, usage waits.
    case away(StoreError)

    /// Every ``word`` that there is.
    public static let words: [StaticString] = ["opening", "writing", "reading", "away"]

    /// A word for metrics and `/readyz`.
    public var word: StaticString {
        switch self {
        case .opening: "opening"
        case .writing: "writing"
        case .reading: "reading"
        case .away: "away"
        }
    }
}

/// What the store's keeper knows of itself.
public struct StoreStatus: Sendable, Hashable {
    public var state = StoreState.opening
    /// When that began, in Unix seconds.
    public var since = 0
    /// Whether the keys were read at least once: before, nobody can say that a key is wrong.
    public var knowsKeys = false
    /// Rows that wait, those that may, and rows that found no place to wait.
    public var pending = 0
    public var maximumPending = 0
    public var dropped = 0
    /// Rows that were written since the start.
    public var written = 0
}

/// What an operator should be told, once.
public enum StoreEvent: Sendable, Hashable {
    case changed(StoreState)
    /// Usage is lost: so many rows more, since the last time it was told.
    case dropped(Int)
    /// The file was gone; a new one was made, with the keys that were known.
    case remade(keys: Int)
}
