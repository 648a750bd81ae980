/// A key's name, as names are compared: those that differ by nothing but the case of letters are one.
public struct KeyName: Sendable, Hashable {
    private let text: String

    public init(_ name: String) { text = name.lowercased() }
}

extension Configuration.Auth {
    /// The configuration's key of this name.
    public func key(named name: String) -> Key? { keys.first { KeyName($0.name) == KeyName(name) } }
}
