extension Configuration {
    /// Which backend serves a request (EP-001…005, EP-013).
    public struct Routing: Sendable, Hashable {
        /// The name of a backend or a pool; the first backend unless written.
        public var defaultBackend: String
        /// Whether a backend's project and location win over the path's.
        public var override: Bool
        /// `nil`: any. Never empty.
        public var allowedProjects: [String]?
        /// `nil`: any. Never empty.
        public var allowedLocations: [String]?
        public var forwardPublishers: Bool
        public var forwardUnknownEndpoints: Bool

        init(_ section: Section, firstBackend: String) {
            defaultBackend = section.text("default_backend") ?? firstBackend
            override = section.boolean("override")
            allowedProjects = section.texts("allowed_projects", matching: .project)
            allowedLocations = section.texts("allowed_locations", matching: .location)
            forwardPublishers = section.boolean("forward_publishers")
            forwardUnknownEndpoints = section.boolean("forward_unknown_endpoints")
        }
    }

    /// Names clients may use, and what Pollux knows about models (MOD-001, MOD-006).
    public struct Models: Sendable, Hashable {
        /// By the exact name that clients send.
        public var aliases: [String: Alias]
        public var list: [String]
        public var discover: Bool
        public var cacheTTL: Duration
        /// In the order of the file; patterns are unique.
        public var profiles: [Profile]

        /// Where a name leads.
        public struct Alias: Sendable, Hashable {
            public var backend: String
            /// Empty only where the endpoint itself selects the model.
            public var model: String

            init(_ section: Section) {
                backend = section.text("backend") ?? ""
                model = section.text("model") ?? ""
            }
        }

        init(_ section: Section) {
            aliases = Dictionary(
                section.entries("aliases").map { ($0.name, Alias($0.section)) },
                uniquingKeysWith: { _, last in last }
            )
            list = section.texts("list") ?? []
            discover = section.boolean("discover")
            cacheTTL = section.duration("cache_ttl")
            profiles = section.elements("profiles").map(Profile.init)
        }
    }
}
