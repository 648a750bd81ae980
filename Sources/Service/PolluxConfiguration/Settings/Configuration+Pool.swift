extension Configuration {
    /// Several backends that stand in for each other under one name.
    public struct Pool: Sendable, Hashable {
        public var name: String
        /// At least one; names of backends, each once.
        public var members: [Share]

        init(_ section: Section) {
            name = section.text("name", matching: .name) ?? ""
            members = Share.list(section, "members", matching: .name)
        }
    }

    /// One of several places, and how many of the requests it gets.
    public struct Share: Sendable, Hashable {
        /// A location, or a backend.
        public var name: String
        /// `nil` in a list without weights, whose order counts: the first that is well gets all.
        public var weight: Int?
        /// A location's own address; `nil`: the backend's.
        public var baseURL: BaseURL?

        static let weights = 0...1000
        static let maximumCount = 16
        /// Members of a pool, each in all of its locations.
        public static let maximumPlaces = 64
    }
}

extension Configuration.Share {
    static func locations(_ section: Section, kind: Configuration.Backend.Kind) -> [Self] {
        guard section.has("locations") else { return [] }
        if kind != .vertex, kind != .vertexOpenAPI {
            section.error("locations", "kind \(kind.rawValue) has one address; name several backends in pools")
        }
        if section.has("location") { section.error("location", "write it as the first of locations") }
        return list(section, "locations", matching: .location)
    }

    /// The list, each name once; all with weights, or none.
    static func list(_ owner: Section, _ name: String, matching pattern: Pattern) -> [Self] {
        let sections = owner.elements(name)
        if owner.isEmpty(name) { owner.missing(name, "at least one is needed") }
        if sections.count > maximumCount { owner.error(name, "holds more than \(maximumCount)") }
        var seen: Set<String> = []
        var shares: [Self] = []
        for section in sections {
            guard let found = section.text("name", matching: pattern) else { continue }
            if !seen.insert(found).inserted { section.error("name", "'\(found)' stands in this list twice") }
            let baseURL = section.has("base_url") ? section.baseURL("base_url", takesPath: false) : nil
            shares.append(Self(name: found, weight: section.optionalInteger("weight"), baseURL: baseURL))
        }
        guard shares.contains(where: { $0.weight != nil }) else { return shares }
        for index in shares.indices { shares[index].weight = shares[index].weight ?? 1 }
        if shares.allSatisfy({ $0.weight == 0 }) { owner.error(name, "every weight is 0: nothing would get requests") }
        return shares
    }
}
