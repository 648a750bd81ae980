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

/// What rules and quotas may ask about a request.
struct RequestFacts: Sendable {
    enum Service: String, Sendable, CaseIterable {
        case vertex
        case developer
        /// A server of Chat Completions.
        case container
        /// The services that give tokens.
        case token
        case unknown
    }

    var service = Service.unknown
    var method = ""
    var model = ""
    var region = ""
    var project = ""
    private let segments: [String]

    var path: String { "/" + segments.joined(separator: "/") }

    init(_ route: Route, _ head: RequestHead) {
        segments = head.target.segments
        switch route {
        case .call(let call):
            service = call.backend == .vertex ? .vertex : .developer
            method = call.method.rawValue
            model = call.model
            region = call.location
            project = call.project
        case .cache(let call):
            service = call.backend == .vertex ? .vertex : .developer
            method = "cachedContents"
            let parent = call.parent.split(separator: "/")
            if parent.count == 4 { (project, region) = (String(parent[1]), String(parent[3])) }
        case .listModels(let backend), .listTunedModels(let backend):
            service = backend == .vertex ? .vertex : .developer
            method = "models"
        case .model(let backend, let name, _):
            service = backend == .vertex ? .vertex : .developer
            method = "models"
            model = name
        case .token: service = .token
        case .chat(let call):
            service = .container
            method = call.isList ? "models" : "chatCompletions"
            region = call.location
            project = call.project
        case .control, .unknown: break
        }
    }
}

/// Patterns in which `*` stands for any run of characters.
enum Glob {
    static func fits(_ text: String, _ pattern: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1 else { return text == pattern }
        guard text.hasPrefix(pieces[0]) else { return false }
        var rest = text.dropFirst(pieces[0].count)
        for piece in pieces[1..<pieces.count - 1] where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(pieces[pieces.count - 1])
    }
}
