/// A call of a server of Chat Completions: a container on an endpoint of Vertex AI, or one that stands alone.
///
///     /vllm/v1/chat/completions, /vllm/v1/models                        a server like vLLM
///     /tgi/v1/chat/completions, /tgi/v1/models                          a server like TGI
///     /v1/chat/completions                                              vLLM
///     /{v}/projects/{p}/locations/{l}/endpoints/{id}/chat/completions   TGI where the id begins with "tgi"
///     /{v}/endpoints/{id}/chat/completions                              the same
struct ChatCall: Sendable, Equatable {
    enum Dialect: String, Sendable {
        case vllm
        case tgi
    }

    var dialect: Dialect
    /// The model list is asked for.
    var isList = false
    /// An endpoint of Vertex AI, where Google checks the credential.
    var endpoint: String?
    var project = ""
    var location = ""

    init?(method: String, segments: [String]) {
        if let first = segments.first, let dialect = Dialect(rawValue: first) {
            self.dialect = dialect
            switch (method, segments.dropFirst()) {
            case ("POST", ["v1", "chat", "completions"]): return
            case ("GET", ["v1", "models"]): isList = true
            default: return nil
            }
            return
        }
        guard method == "POST", segments.count >= 3, segments.suffix(2) == ["chat", "completions"] else { return nil }
        dialect = .vllm
        let path = segments.dropLast(2)
        if path == ["v1"] { return }
        if path.count == 3, path[1] == "endpoints" {
            endpoint = path[2]
        } else if path.count == 7, path[1] == "projects", path[3] == "locations", path[5] == "endpoints" {
            (project, location, endpoint) = (path[2], path[4], path[6])
        } else {
            return nil
        }
        if endpoint?.hasPrefix("tgi") == true { dialect = .tgi }
    }
}
