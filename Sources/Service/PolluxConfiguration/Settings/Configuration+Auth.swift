public import PolluxLimits

extension Configuration {
    /// Who may call (AUTH-001…005).
    public struct Auth: Sendable, Hashable {
        public var mode: Mode
        public var keys: [Key]
        public var allowAnonymous: Bool
        public var allowQueryKey: Bool
        public var revokedStreams: RevokedStreams

        /// What becomes of a stream whose key was revoked.
        public enum RevokedStreams: String, Sendable, Hashable, CaseIterable {
            case finish, cut
        }

        public enum Mode: String, Sendable, Hashable, CaseIterable {
            /// The client's Google token goes upstream (AUTH-001).
            case passthrough
            /// Clients have keys of this gateway (AUTH-002).
            case gateway
            /// Everybody (AUTH-003).
            case none
        }

        /// A client's key, known only by its digest (AUTH-005).
        public struct Key: Sendable, Hashable {
            public var name: String
            /// SHA-256 of the key's UTF-8 text, 32 bytes.
            public var sha256: [UInt8]
            /// Patterns with `*`; `nil`: every model.
            public var models: [String]?
            /// `nil`: every project.
            public var projects: [String]?
            public var limits: KeyLimits

            init(_ section: Section) {
                name = section.text("name", matching: .name) ?? ""
                sha256 = section.digest("sha256") ?? []
                models = section.texts("models")
                projects = section.texts("projects", matching: .project)
                limits = KeyLimits(section)
            }
        }

        init(_ section: Section, backends: [Section]) {
            mode = Mode.chosen(section, backends: backends)
            keys = section.elements("keys").map(Key.init)
            allowAnonymous = section.boolean("allow_anonymous")
            allowQueryKey = section.boolean("allow_query_key")
            revokedStreams = section.word("revoked_streams", fallback: .finish)
        }
    }
}

extension Configuration.Auth.Mode {
    /// `auth.mode` as written, else by the backends:
    ///
    ///     one backend, on Vertex AI, without credentials    passthrough
    ///     anything else                                     gateway
    static func chosen(_ section: Section, backends: [Section]) -> Self {
        if let written: Self = section.optionalWord("mode") { return written }
        guard backends.count == 1, !backends[0].has("credentials"),
            let kind: Configuration.Backend.Kind = backends[0].optionalWord("kind"), kind.isVertex
        else { return .gateway }
        return .passthrough
    }
}

extension KeyLimits {
    fileprivate init(_ section: Section) {
        self.init()
        requestsPerMinute = section.optionalInteger("rpm")
        tokensPerMinute = section.optionalInteger("tpm")
        concurrentRequests = section.optionalInteger("concurrent")
        dailyMoney = section.dollars("budget_day")
        monthlyMoney = section.dollars("budget_month")
        dailyTokens = section.optionalInteger("budget_day_tokens")
        monthlyTokens = section.optionalInteger("budget_month_tokens")
    }
}
