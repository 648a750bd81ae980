import PolluxJSON

/// A request that names a cache gets it, or learns why not.
struct CacheUse {
    let call: ModelCall
    let store: CacheStore

    /// - Throws: when there is no such cache (any more), or it belongs to another model.
    func cache(named name: String) throws(GoogleError) -> CachedContent {
        let pieces = name.split(separator: "/").map(String.init)
        let id = pieces.last ?? ""
        var parent = ""
        switch call.backend {
        case .vertex:
            guard pieces.count == 6, pieces[0] == "projects", pieces[2] == "locations", pieces[4] == "cachedContents"
            else { throw .invalid("Invalid cached content name: \(name)") }
            parent = pieces[..<4].joined(separator: "/") + "/"
        case .developer:
            guard pieces.count == 2, pieces[0] == "cachedContents" else {
                throw .invalid("* GenerateContentRequest.cached_content: the name must be cachedContents/{id}.\n")
            }
        }
        guard let cache = store.cache(id, parent, call.backend) else {
            throw CacheResponder.notFound(id, call.backend)
        }
        guard call.isTuned || cache.modelID == call.model else {
            throw .invalid(
                "Model used by GenerateContent request (models/\(call.model)) and CachedContent "
                    + "(models/\(cache.modelID)) has to be the same.")
        }
        return cache
    }
}
