/// Which requests a rule is for; what is absent is not looked at.
struct RequestMatch: Sendable {
    var service: RequestFacts.Service?
    /// Patterns, in which `*` stands for any run of characters.
    var model: String?
    var region: String?
    var project: String?
    var path: String?
    /// `generateContent`, `streamGenerateContent`, `countTokens`, …
    var method: String?
    /// Text that stands in the body, byte for byte.
    var body: [UInt8]?

    func fits(_ facts: RequestFacts, _ bytes: Span<UInt8>) -> Bool {
        if let service, service != facts.service { return false }
        if let method, method != facts.method { return false }
        if let model, !Glob.fits(facts.model, model) { return false }
        if let region, !Glob.fits(facts.region, region) { return false }
        if let project, !Glob.fits(facts.project, project) { return false }
        if let path, !Glob.fits(facts.path, path) { return false }
        if let body, !Self.contains(bytes, body) { return false }
        return true
    }

    private static func contains(_ bytes: Span<UInt8>, _ part: [UInt8]) -> Bool {
        guard !part.isEmpty else { return true }
        guard bytes.count >= part.count else { return false }
        for start in 0...bytes.count - part.count where bytes[start] == part[0] {
            var length = 1
            while length < part.count, bytes[start + length] == part[length] { length += 1 }
            if length == part.count { return true }
        }
        return false
    }
}
