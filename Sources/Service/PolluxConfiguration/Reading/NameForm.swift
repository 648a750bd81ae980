/// The form of a name: ASCII letters and digits, and behind the first of them a few other characters.
///
/// Names that clients choose become part of an upstream's host and path; in another form they could lead a credential
/// to a foreign host.
public struct NameForm: Sendable {
    enum Letters {
        case lowercase, lowercaseAndDigits, all

        func contains(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self != .lowercase
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): self == .all
            default: false
            }
        }
    }

    let letters: Letters
    let punctuation: String
    let maximum: Int
    /// Whether punctuation may not end it.
    var endsPlain = false

    public func matches(_ name: String) -> Bool { matches(name.utf8Span.span) }

    public func matches(_ name: Substring) -> Bool { matches(name.utf8Span.span) }

    private func matches(_ name: Span<UInt8>) -> Bool {
        guard (1...maximum).contains(name.count), letters.contains(name[0]),
            !endsPlain || letters.contains(name[name.count - 1])
        else { return false }
        for index in name.indices where !letters.contains(name[index]) && !punctuation.utf8.contains(name[index]) {
            return false
        }
        return true
    }
}

extension NameForm {
    /// `^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`: what the operator calls backends and keys, in logs and metrics.
    static let name = NameForm(letters: .all, punctuation: "._-", maximum: 63)

    /// `^[a-z0-9][a-z0-9:.-]{0,62}$` (EP-013)
    public static let project = NameForm(letters: .lowercaseAndDigits, punctuation: ":.-", maximum: 63)

    /// `^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$` (EP-013)
    public static let location = NameForm(
        letters: .lowercaseAndDigits, punctuation: "-", maximum: 40, endsPlain: true)

    /// `^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$` (EP-013)
    public static let endpointID = NameForm(letters: .all, punctuation: "_-", maximum: 63)

    /// `^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$` (MOD-002)
    public static let modelID = NameForm(letters: .all, punctuation: "._@:-", maximum: 128)

    /// `^[a-z0-9][a-z0-9-]{0,62}$` (MOD-005)
    public static let publisher = NameForm(letters: .lowercaseAndDigits, punctuation: "-", maximum: 63)

    /// Google's word in lower case.
    static let level = NameForm(letters: .lowercase, punctuation: "_", maximum: 32)

    /// What stands between two dots of a host's name. Underscores occur in container networks.
    static let dnsLabel = NameForm(letters: .all, punctuation: "-_", maximum: 63, endsPlain: true)
}
