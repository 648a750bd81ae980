/// A value that must never be read by a person: a key, a token, a password.
///
/// It has no printable form: interpolating, dumping or reflecting it shows `<secret>`. Whoever needs
/// the text says so with ``withText(_:)``, so that every use can be found by its name.
public struct Secret: Sendable, Hashable {
    private let text: String

    public init(_ text: String) { self.text = text }

    public var isEmpty: Bool { text.isEmpty }

    /// Hands the text to `body`, which puts it where it belongs: a header, a request, a signature.
    public func withText<Result, Failure: Error>(
        _ body: (String) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(text)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [:] as KeyValuePairs<String, Any>) }
}
