/// A call of a context cache.
///
///     POST, GET           /{v}/projects/{p}/locations/{l}/cachedContents          Vertex AI
///     GET, PATCH, DELETE  /{v}/projects/{p}/locations/{l}/cachedContents/{id}
///     the same without project and location                                       Developer API
struct CacheCall: Sendable, Equatable {
    enum Operation: Sendable, Equatable {
        case create
        case list
        case get(String)
        case update(String)
        case delete(String)
    }

    var backend: Backend
    var version: String
    var operation: Operation
    /// `projects/{p}/locations/{l}/` on Vertex AI.
    var parent = ""

    init?(method: String, version: String, path: [String]) {
        let rest: ArraySlice<String>
        if path.first == "cachedContents" {
            backend = .developer
            rest = path.dropFirst()
        } else if path.count >= 5, path[0] == "projects", path[2] == "locations", path[4] == "cachedContents" {
            backend = .vertex
            parent = path[..<4].joined(separator: "/") + "/"
            rest = path.dropFirst(5)
        } else {
            return nil
        }
        switch (method, rest.count) {
        case ("POST", 0): operation = .create
        case ("GET", 0): operation = .list
        case ("GET", 1): operation = .get(rest[rest.startIndex])
        case ("PATCH", 1): operation = .update(rest[rest.startIndex])
        case ("DELETE", 1): operation = .delete(rest[rest.startIndex])
        default: return nil
        }
        self.version = version
    }
}
