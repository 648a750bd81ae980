internal import PolluxJSON
internal import PolluxOpenAIWire

/// Media parts → `inlineData` and `fileData` (07 § 2–4).
extension RequestTranslation {
    static let userPartTypes = ["text", "image_url", "input_audio", "file", "video_url"]

    /// What stands beside a part's data.
    struct MediaOptions {
        /// `detail`, as a resolution word.
        var resolution: String?
        var resolutionPath = ""
        var displayName: String?
    }

    mutating func writeMediaPart(_ part: JSONNode, type: String, path: () -> String) throws(APIError) {
        switch type {
        case "image_url": try writeURLPart(part, "image_url", fallback: "image/*", path())
        case "video_url": try writeURLPart(part, "video_url", fallback: "video/mp4", path())
        case "input_audio": try writeAudioPart(part, path())
        case "file": try writeFilePart(part, path())
        default: throw .invalidValue("\(path()).type", found: type, supported: Self.userPartTypes)
        }
    }

    // MARK: image_url, video_url

    /// The URL of an `image_url` that is an object or a string (MM-010, MM-014).
    private func url(_ part: JSONNode, _ name: StaticString, _ path: String) throws(APIError) -> JSONNode {
        let holder = try payload(name, of: part, path, isString: false)
        if json.isString(holder) { return holder }
        guard json.isObject(holder) else { throw invalidType("\(path).\(name)", "an object or a string", holder) }
        guard let url = json.value("url", of: holder) else { throw .missing("\(path).\(name).url") }
        guard json.isString(url) else { throw invalidType("\(path).\(name).url", "a string", url) }
        return url
    }

    private mutating func writeURLPart(
        _ part: JSONNode, _ name: StaticString, fallback: String, _ path: String
    ) throws(APIError) {
        let node = try url(part, name, path)
        let urlPath = "\(path).\(name).url"
        let source = try mediaSource(node, path: urlPath)
        var options = MediaOptions()
        if let holder = json.value(name, of: part), let detail = json.value("detail", of: holder) {
            options.resolutionPath = "\(path).\(name).detail"
            options.resolution = try resolution(detail, options.resolutionPath)
        }
        try writeSource(source, mimeType: try mimeType(of: source, fallback: fallback, urlPath), part, options, path)
    }

    private func mimeType(of source: MediaSource, fallback: String, _ path: String) throws(APIError) -> String {
        switch source {
        case .file(let uri, _):
            if Self.isYouTube(uri) { return "video/mp4" }
            return MIMEType.ofPath(uri) ?? fallback
        default:
            if let known = source.tellingMIMEType ?? sniffed(source) ?? source.mimeType { return known }
            throw .badRequest(
                "Invalid '\(path)': the media type could not be recognised. Send a data URL.", param: path,
                code: "invalid_value"
            )
        }
    }

    // MARK: input_audio

    private mutating func writeAudioPart(_ part: JSONNode, _ path: String) throws(APIError) {
        let holder = try payload("input_audio", of: part, path, isString: false)
        guard json.isObject(holder) else { throw invalidType("\(path).input_audio", "an object", holder) }
        guard let data = json.value("data", of: holder) else { throw .missing("\(path).input_audio.data") }
        guard json.isString(data) else { throw invalidType("\(path).input_audio.data", "a string", data) }
        let format = json.value("format", of: holder)
        if let format, !json.isString(format) { throw invalidType("\(path).input_audio.format", "a string", format) }
        let named = format.flatMap { json.length($0) > 0 ? MIMEType.ofAudioFormat(json.string($0)) : nil }
        let source = try mediaSource(data, path: "\(path).input_audio.data", untyped: named ?? "text/plain")
        let mimeType: String
        switch source {
        case .file(let uri, _):
            mimeType = Self.isYouTube(uri) ? "video/mp4" : named ?? MIMEType.ofPath(uri) ?? "audio/*"
        default:
            // `format` counts for an address, also for one that was fetched, but not for a data URL (MM-022).
            let isFetched = !media.isEmpty && media[json.string(data)] != nil
            let told = (isFetched ? named : nil) ?? source.tellingMIMEType ?? named
            guard let known = told ?? sniffed(source) ?? source.mimeType else {
                throw .missing("\(path).input_audio.format")
            }
            mimeType = known
        }
        try writeSource(source, mimeType: mimeType, part, MediaOptions(), path)
    }

    // MARK: file

    private mutating func writeFilePart(_ part: JSONNode, _ path: String) throws(APIError) {
        let holder = try payload("file", of: part, path, isString: false)
        guard json.isObject(holder) else { throw invalidType("\(path).file", "an object", holder) }
        let name = json.value("filename", of: holder)
        if let name, !json.isString(name) { throw invalidType("\(path).file.filename", "a string", name) }
        let filename = name.flatMap { json.length($0) > 0 ? json.string($0) : nil }
        var options = MediaOptions()
        if target.service == .vertex { options.displayName = filename }
        if let data = json.value("file_data", of: holder) {
            guard json.isString(data) else { throw invalidType("\(path).file.file_data", "a string", data) }
            let named = filename.flatMap(MIMEType.ofPath)
            let source = try mediaSource(data, path: "\(path).file.file_data", untyped: named ?? "text/plain")
            switch source {
            case .file(let uri, _):
                return try writeSource(source, mimeType: Self.fileType(uri, filename), part, options, path)
            default:
                guard let known = source.tellingMIMEType ?? named ?? sniffed(source) else {
                    throw .badRequest(
                        "Invalid file: its type could not be recognised. Send a data URL with a MIME type, or a filename.",
                        param: "\(path).file.file_data", code: "unsupported_file"
                    )
                }
                return try writeSource(source, mimeType: Self.textual(known), part, options, path)
            }
        }
        guard let id = json.value("file_id", of: holder) else { throw .missing("\(path).file.file_data") }
        guard json.isString(id) else { throw invalidType("\(path).file.file_id", "a string", id) }
        try writeFileID(id, filename: filename, part, options, path)
    }

    private mutating func writeFileID(
        _ id: JSONNode, filename: String?, _ part: JSONNode, _ options: MediaOptions, _ partPath: String
    ) throws(APIError) {
        let path = "\(partPath).file.file_id"
        let text = json.string(id)
        let source: MediaSource
        if text.hasPrefix("files/") {
            guard target.service == .developer else {
                throw .badRequest(
                    "Files API files are only supported with the Gemini Developer API backend.", param: path,
                    code: "invalid_value"
                )
            }
            source = .file(uri: "https://generativelanguage.googleapis.com/v1beta/\(text)", .upstream)
        } else if text.contains("://") {
            source = try mediaSource(id, path: path)
        } else {
            throw .badRequest("Invalid file_id: \(APIError.shortened(text)).", param: path, code: "invalid_value")
        }
        try writeSource(source, mimeType: source.mimeType ?? Self.fileType(text, filename), part, options, partPath)
    }

    /// The type of a file that is only named (MM-004, MM-012). The Files API knows its files' types itself: where
    /// nothing tells one, none is sent. Elsewhere a file is what OpenAI's are.
    private static func fileType(_ name: String, _ filename: String?) -> String {
        if isYouTube(name) { return "video/mp4" }
        if let known = MIMEType.ofPath(name) ?? filename.flatMap(MIMEType.ofPath) { return textual(known) }
        return name.hasPrefix("files/") || isFilesAPI(name) ? "" : "application/pdf"
    }

    /// MM-034: text that Gemini has no name for is plain text to it.
    private static func textual(_ mimeType: String) -> String {
        if mimeType.hasPrefix("text/") { return knownTexts.contains(mimeType) ? mimeType : "text/plain" }
        guard mimeType.hasPrefix("application/") else { return mimeType }
        let name = mimeType.dropFirst("application/".count)
        switch name {
        case "javascript", "x-javascript", "ecmascript": return "text/javascript"
        case "rtf": return "text/rtf"
        case _ where name.hasSuffix("+json") || name.hasSuffix("+xml") || name.hasSuffix("+yaml"): return "text/plain"
        default: return applicationTexts.contains(String(name)) ? "text/plain" : mimeType
        }
    }

    private static let knownTexts: Set<String> = [
        "text/plain", "text/html", "text/css", "text/csv", "text/xml", "text/rtf", "text/javascript", "text/x-python",
    ]

    /// What stands behind `application/` and is text.
    private static let applicationTexts: Set<String> = [
        "json", "jsonl", "x-ndjson", "x-jsonlines", "json5", "xml", "yaml", "x-yaml", "toml", "x-toml", "sql",
        "graphql", "typescript", "x-typescript", "x-sh", "x-shellscript", "x-tex", "x-latex", "x-httpd-php",
    ]

    // MARK: Writing

    private mutating func writeSource(
        _ source: MediaSource, mimeType: String, _ part: JSONNode, _ options: MediaOptions, _ path: String
    ) throws(APIError) {
        writer.beginObject()
        writeData(source, mimeType: mimeType, displayName: options.displayName)
        if isInsideResponse {
            if options.resolution != nil {
                notes.note(.ignored, options.resolutionPath, rule: "TOOL-038", "a result's parts have none")
            }
            return writer.endObject()
        }
        try writeResolution(options, part, path: path)
        if let metadata = extra("video_metadata", "videoMetadata", of: part), json.isObject(metadata) {
            writeVideoMetadata(metadata)
        }
        writer.endObject()
    }

    /// Writes `inlineData` or `fileData` into the open object.
    ///
    /// - Parameter mimeType: `""` for a file whose type the service knows.
    mutating func writeData(_ source: MediaSource, mimeType: String, displayName: String? = nil) {
        writtenMIMEType = mimeType
        switch source {
        case .inline(_, let range):
            beginInlineData(mimeType, displayName)
            writer.fragment(copying: range, of: json)
            writer.endString()
            writer.endObject()
        case .bytes(_, let base64):
            beginInlineData(mimeType, displayName)
            writer.output.append(base64.span)
            writer.endString()
            writer.endObject()
        case .file(let uri, let reader):
            switch reader {
            case .upstream: break
            case .anyone: plan.mayFetch(uri)
            case .gateway: plan.fetch(uri)
            }
            writer.key("fileData")
            writer.beginObject()
            writer.member("displayName", displayName)
            writer.member("fileUri", uri)
            if !mimeType.isEmpty {
                writer.member("mimeType", mimeType)
            }
            writer.endObject()
        }
    }

    private mutating func beginInlineData(_ mimeType: String, _ displayName: String?) {
        writer.key("inlineData")
        writer.beginObject()
        writer.member("displayName", displayName)
        writer.member("mimeType", mimeType)
        writer.key("data")
        writer.beginString()
    }

    /// `videoMetadata`: offsets are `"12s"`; a number means seconds (MM-035).
    private mutating func writeVideoMetadata(_ metadata: JSONNode) {
        writer.key("videoMetadata")
        writer.beginObject()
        for (name, value) in camelCasedMembers(metadata, of: json) {
            writer.key(text: name)
            if name.hasSuffix("Offset"), json.isNumber(value) {
                writer.string(text: json.string(value) + "s")
            } else {
                writer.copy(value, of: json)
            }
        }
        writer.endObject()
    }
}
