public import PolluxJSON

/// One page of an upstream's list of models (10 § 7).
///
///     Developer API   {"models":[{"name":"models/M","supportedGenerationMethods":[…]}],"nextPageToken":…}
///     Vertex AI       {"publisherModels":[{"name":"publishers/google/models/M"}],"nextPageToken":…}
///     vLLM, TGI, …    {"object":"list","data":[{"id":"M"}]}
public struct UpstreamModels: Sendable, Equatable {
    /// Bare ids of the models that we can serve (MOD-006); of a server of one's own, its names.
    public var ids: [String] = []
    /// `nil`: this is the last page.
    public var nextPageToken: String?

    /// - Returns: `nil` when the document is no such page.
    public init?(_ json: borrowing JSONDocument, from service: TranslationTarget.Service) {
        guard json.isObject(.root) else { return nil }
        let list =
            switch service {
            case .developer: json.value("models", of: .root)
            case .vertex: json.value("publisherModels", of: .root)
            }
        if let list, !json.isArray(list) { return nil }
        var elements = json.elements(list ?? .root)
        while let element = elements.next(in: json) {
            guard let name = json.value("name", of: element), json.isString(name) else { return nil }
            let id = String(json.string(name).split(separator: "/").last ?? "")
            let isServed =
                switch service {
                case .developer: Self.supports(element, of: json)
                case .vertex: Self.isServedByVertex(id)
                }
            if isServed, !id.isEmpty { ids.append(id) }
        }
        let token = json.value("nextPageToken", of: .root).map { json.string($0) } ?? ""
        nextPageToken = token.isEmpty ? nil : token
    }

    /// The list of a server that speaks Chat Completions itself (09 § 7); it has one page.
    public init?(ofServer json: borrowing JSONDocument) {
        guard json.isObject(.root), let list = json.value("data", of: .root), json.isArray(list) else { return nil }
        var elements = json.elements(list)
        while let element = elements.next(in: json) {
            guard let id = json.value("id", of: element), json.isString(id) else { return nil }
            ids.append(json.string(id))
        }
    }

    /// Whether one of the methods is what Chat Completions or embeddings need.
    private static func supports(_ model: JSONNode, of json: borrowing JSONDocument) -> Bool {
        var methods = json.elements(json.value("supportedGenerationMethods", of: model) ?? .root)
        while let method = methods.next(in: json) {
            switch json.string(method) {
            case "generateContent", "embedContent", "batchEmbedContents": return true
            default: break
            }
        }
        return false
    }

    /// Vertex AI does not say what a model can do, so its name must.
    private static func isServedByVertex(_ id: String) -> Bool {
        if ["text-embedding-", "text-multilingual-embedding-"].contains(where: { id.hasPrefix($0) }) { return true }
        return id.hasPrefix("gemini-") && !["tts", "live", "audio"].contains { id.contains($0) }
    }

    // MARK: Asking

    /// Path and query that ask for a page.
    public static func target(_ service: TranslationTarget.Service, pageToken: String?) -> String {
        var target =
            switch service {
            case .developer: "/v1beta/models?pageSize=1000"
            case .vertex: "/v1beta1/publishers/google/models?pageSize=100"
            }
        if let pageToken { target += "&pageToken=" + escaped(pageToken) }
        return target
    }

    /// A token comes from outside: what is not a letter, a digit or one of `-._~` is written as `%41`.
    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
