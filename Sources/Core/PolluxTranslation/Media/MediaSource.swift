internal import PolluxJSON
internal import PolluxOpenAIWire

/// Media that the gateway fetched because the upstream cannot (MM-003, MM-040).
public struct FetchedMedia: Sendable {
    public var mimeType: String
    /// Standard base64, padded.
    public var base64: [UInt8]

    public init(mimeType: String, base64: [UInt8]) {
        self.mimeType = mimeType
        self.base64 = base64
    }
}

/// Where a media part's bytes are.
enum MediaSource {
    /// Standard base64 in the request's own bytes.
    case inline(mimeType: String?, range: Range<Int>)
    /// Base64 that had to be mended or made.
    case bytes(mimeType: String?, base64: [UInt8])
    /// Something at an address.
    case file(uri: String, Reader)

    /// Who fetches what is at an address.
    enum Reader {
        /// Google alone: Cloud Storage, the Files API, YouTube.
        case upstream
        /// Google, and where it cannot the gateway (MM-006).
        case anyone
        /// The gateway, before the body can be written (MM-003).
        case gateway
    }

    var mimeType: String? {
        switch self {
        case .inline(let mimeType, _), .bytes(let mimeType, _): mimeType
        default: nil
        }
    }

    /// The type, unless it is "some bytes": that is what browsers say of files that they do not know.
    var tellingMIMEType: String? { mimeType.flatMap { $0 == "application/octet-stream" ? nil : $0 } }
}

extension RequestTranslation {
    /// Reads a source string (07 § 1).
    ///
    ///     data:image/png;base64,…      inline
    ///     gs://…                       file on Vertex, refused elsewhere
    ///     https://…                    file, or fetched by us
    ///     bare base64                  inline
    ///     anything with another scheme refused
    ///
    /// - Parameter untyped: the type of a data URL that names none.
    mutating func mediaSource(
        _ node: JSONNode, path: String, untyped: String = "text/plain"
    ) throws(APIError) -> MediaSource {
        if json.length(node) == 0 {
            throw .badRequest("Invalid '\(path)': empty string.", param: path, code: "invalid_value")
        }
        if startsWith("data:", node) { return try dataURL(node, path: path, untyped: untyped) }
        guard let scheme = scheme(node) else {
            let range = json.range(node)
            return try base64Source(node, range: range, mimeType: nil, path: path)
        }
        let uri = json.string(node)
        switch scheme {
        case "gs":
            guard target.service == .vertex else {
                throw .badRequest(
                    "Cloud Storage URIs are only supported with the Vertex AI backend.", param: path,
                    code: "invalid_value"
                )
            }
            return .file(uri: uri, .upstream)
        case "http", "https": return try webSource(uri, scheme: scheme, path: path)
        default:
            throw .badRequest(
                "Invalid '\(path)': unsupported URL scheme '\(APIError.shortened(scheme, to: 20))'.", param: path,
                code: "invalid_value"
            )
        }
    }

    private mutating func webSource(_ uri: String, scheme: String, path: String) throws(APIError) -> MediaSource {
        if Self.isFilesAPI(uri) {
            guard target.service == .developer else {
                throw .badRequest(
                    "Files API URIs are only supported with the Gemini Developer API backend.", param: path,
                    code: "invalid_value"
                )
            }
            return .file(uri: uri, .upstream)
        }
        if Self.isYouTube(uri) { return .file(uri: uri, .upstream) }
        if let fetched = media[uri] { return .bytes(mimeType: fetched.mimeType, base64: fetched.base64) }
        let mustFetch =
            settings.mediaMode == .fetch
            || target.service == .developer && (scheme == "http" || target.model.hasPrefix("gemini-2.0"))
        return .file(uri: uri, mustFetch ? .gateway : .anyone)
    }

    static func isYouTube(_ uri: String) -> Bool {
        var rest = Substring(uri.prefix(64).lowercased())
        for prefix in ["https://", "http://", "www.", "m."] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
        }
        return rest.hasPrefix("youtube.com/watch") || rest.hasPrefix("youtube.com/shorts/")
            || rest.hasPrefix("youtu.be/")
    }

    static func isFilesAPI(_ uri: String) -> Bool {
        uri.hasPrefix("https://generativelanguage.googleapis.com/") && uri.contains("/files/")
    }

    private func startsWith(_ prefix: StaticString, _ node: JSONNode) -> Bool {
        let raw = json.raw(node)
        guard raw.count >= prefix.utf8CodeUnitCount else { return false }
        return String(copying: raw.extracting(0..<prefix.utf8CodeUnitCount)).lowercased() == String(describing: prefix)
    }

    /// What stands before the first `:` near the beginning, in lower case.
    private func scheme(_ node: JSONNode) -> String? {
        let raw = json.raw(node)
        for index in 0..<min(raw.count, 64) {
            let byte = raw[index]
            if byte == UInt8(ascii: ":") {
                return String(copying: raw.extracting(0..<index)).lowercased()
            }
            let isSchemeByte =
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            if !isSchemeByte { return nil }
        }
        return nil
    }

    /// MM-007
    private func dataURL(_ node: JSONNode, path: String, untyped: String) throws(APIError) -> MediaSource {
        let range = json.range(node)
        guard let comma = range.first(where: { json.bytes[$0] == UInt8(ascii: ",") }) else {
            throw .badRequest("Invalid '\(path)': a data URL without a comma.", param: path, code: "invalid_value")
        }
        let header = json.withText(in: range.lowerBound + 5..<comma, of: node) { String(copying: $0) }
        var fields = header.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        let isBase64 = fields.last.map { $0.lowercased().filter { $0 != " " } == "base64" } ?? false
        if isBase64 { fields.removeLast() }
        let named = fields.first.map(MIMEType.canonical) ?? ""
        let mimeType = named.isEmpty ? untyped : named
        if isBase64 {
            return try base64Source(node, range: comma + 1..<range.upperBound, mimeType: mimeType, path: path)
        }
        guard let bytes = json.withText(in: comma + 1..<range.upperBound, of: node, { PercentEncoding.decoded($0) })
        else {
            throw Self.invalidBase64(path)
        }
        return .bytes(mimeType: mimeType, base64: Base64.encode(bytes.span))
    }

    private func base64Source(
        _ node: JSONNode, range: Range<Int>, mimeType: String?, path: String
    ) throws(APIError) -> MediaSource {
        switch json.withText(in: range, of: node, { Base64.form(of: $0) }) {
        // No bytes at all are no media, and Gemini refuses them without saying which.
        case .standard where range.isEmpty: throw Self.invalidBase64(path)
        case .normalized(let bytes) where bytes.isEmpty: throw Self.invalidBase64(path)
        case .standard where json.isPlain(node): return .inline(mimeType: mimeType, range: range)
        case .standard:
            return .bytes(mimeType: mimeType, base64: json.withText(in: range, of: node) { Array(copying: $0) })
        case .normalized(let bytes): return .bytes(mimeType: mimeType, base64: bytes)
        case .invalid:
            // In a URL `+`, `/` and `=` may stand as `%2B`, `%2F` and `%3D`.
            if mimeType != nil, let bytes = json.withText(in: range, of: node, { PercentEncoding.decoded($0) }) {
                switch Base64.form(of: bytes.span) {
                case .standard: return .bytes(mimeType: mimeType, base64: bytes)
                case .normalized(let mended): return .bytes(mimeType: mimeType, base64: mended)
                case .invalid: break
                }
            }
            throw Self.invalidBase64(path)
        }
    }

    private static func invalidBase64(_ path: String) -> APIError {
        .badRequest("Invalid base64-encoded data.", param: path, code: "invalid_base64")
    }

    /// The first bytes of inline data.
    func sniffed(_ source: MediaSource) -> String? {
        switch source {
        case .inline(_, let range):
            MIMEType.sniffed(Base64.decode(json.bytes.extracting(range.prefix(64)), limit: 24))
        case .bytes(_, let base64): MIMEType.sniffed(Base64.decode(Array(base64.prefix(64)).span, limit: 24))
        default: nil
        }
    }
}
