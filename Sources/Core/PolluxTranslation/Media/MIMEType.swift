internal import PolluxJSON

/// Media types by file ending, by the word of `input_audio.format`, and by the first bytes (07 § 5).
public enum MIMEType {
    private static let byExtension: [String: String] = [
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif",
        "bmp": "image/bmp", "heic": "image/heic", "heif": "image/heif", "tif": "image/tiff", "tiff": "image/tiff",
        "svg": "image/svg+xml", "avif": "image/avif",
        "mp3": "audio/mp3", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg",
        "opus": "audio/opus", "aac": "audio/aac", "aiff": "audio/aiff", "aif": "audio/aiff", "m4a": "audio/m4a",
        "weba": "audio/webm", "pcm16": "audio/pcm",
        "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "mpeg": "video/mpeg", "mpg": "video/mpeg",
        "webm": "video/webm", "avi": "video/x-msvideo", "wmv": "video/wmv", "flv": "video/x-flv", "3gp": "video/3gpp",
        "3gpp": "video/3gpp", "mkv": "video/x-matroska",
        "pdf": "application/pdf", "txt": "text/plain", "md": "text/plain", "log": "text/plain", "html": "text/html",
        "htm": "text/html", "css": "text/css", "csv": "text/csv", "xml": "text/xml", "rtf": "text/rtf",
        "js": "text/javascript", "py": "text/x-python", "json": "application/json",
    ]

    private static let aliases: [String: String] = [
        "image/jpg": "image/jpeg", "audio/mpeg": "audio/mp3", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav",
        "audio/x-m4a": "audio/m4a",
    ]

    /// The name that Gemini knows, in lower case and without parameters.
    public static func canonical(_ name: String) -> String {
        let bare = name.split(separator: ";", omittingEmptySubsequences: false).first ?? ""
        let words = bare.lowercased().split(separator: " ")
        let name = words.first.map(String.init) ?? ""
        return aliases[name] ?? name
    }

    /// By the ending of a path or a URL's path; host, query and fragment do not count.
    public static func ofPath(_ path: String) -> String? {
        let end = path.firstIndex { $0 == "?" || $0 == "#" } ?? path.endIndex
        var segments = path[..<end].split(separator: "/", omittingEmptySubsequences: false)
        if segments.count >= 3, segments[0].hasSuffix(":"), segments[1].isEmpty { segments.removeFirst(3) }
        let last = segments.last ?? ""
        guard let dot = last.lastIndex(of: ".") else { return nil }
        return byExtension[last[last.index(after: dot)...].lowercased()]
    }

    /// By `input_audio.format` (MM-021). A whole type stays as it is, with its parameters: raw samples mean
    /// nothing without their rate.
    public static func ofAudioFormat(_ format: String) -> String {
        if format.contains("/") { return aliases[format.lowercased()] ?? format }
        let word = format.lowercased()
        switch word {
        case "webm": return "audio/webm"
        case _ where byExtension[word]?.hasPrefix("audio/") == true: return byExtension[word] ?? "audio/\(word)"
        default: return aliases["audio/\(word)"] ?? "audio/\(word)"
        }
    }

    /// By the first bytes; 24 of them are enough.
    public static func sniffed(_ bytes: [UInt8]) -> String? {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool { bytes.span.matches(text, at: offset) }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if has("GIF8") { return "image/gif" }
        if has("RIFF") && has("WEBP", at: 8) { return "image/webp" }
        if has("RIFF") && has("WAVE", at: 8) { return "audio/wav" }
        if has("%PDF") { return "application/pdf" }
        if has("ID3") { return "audio/mp3" }
        if bytes.count >= 2, bytes[0] == 0xFF, [0xFB, 0xF3, 0xF2].contains(bytes[1]) { return "audio/mp3" }
        if has("fLaC") { return "audio/flac" }
        if has("OggS") { return "audio/ogg" }
        if has("ftyp", at: 4) {
            if has("heic", at: 8) || has("heix", at: 8) || has("mif1", at: 8) { return "image/heic" }
            if has("avif", at: 8) { return "image/avif" }
            if has("M4A ", at: 8) { return "audio/m4a" }
            return "video/mp4"
        }
        if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return "video/webm" }
        return nil
    }
}
