/// What was found where, without secrets: `service account x@y (from /path, GOOGLE_APPLICATION_CREDENTIALS)`.
public struct CredentialDescription: Sendable, Hashable, CustomStringConvertible {
    /// What it is, with its name where it has one: `service account x@y`.
    public let identity: String
    /// The file or host it comes from.
    public let place: String?
    /// Why that place was looked at: a variable's or setting's name.
    public let origin: String?
    /// The service account that `credentials.impersonate` names.
    public let impersonating: String?

    init(identity: String, place: String? = nil, origin: String? = nil, impersonating: String? = nil) {
        self.identity = identity
        self.place = place
        self.origin = origin
        self.impersonating = impersonating
    }

    public var description: String {
        var text = identity
        let found = [place.map { "from \($0)" }, origin].compactMap(\.self)
        if !found.isEmpty { text += " (\(found.joined(separator: ", ")))" }
        if let impersonating { text += ", impersonating \(impersonating)" }
        return text
    }
}
