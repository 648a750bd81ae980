internal import PolluxGeminiWire
internal import PolluxJSON

/// Generated images and speech (07 § 6, § 7).
enum MediaAnswer {
    static func isAudio(_ inlineData: JSONNode, of json: borrowing JSONDocument) -> Bool {
        json.value("mimeType", of: inlineData).map { json.string($0).hasPrefix("audio/") } ?? false
    }

    /// What `images` lists: inline data that is not in `audio`, and files that are images (RESP-015, IMG-002).
    enum Image {
        case inline(JSONNode)
        case file(JSONNode)
    }

    static func image(_ part: Part, of json: borrowing JSONDocument, listsSpeech: Bool) -> Image? {
        if let data = part.inlineData, listsSpeech || !isAudio(data, of: json) { return .inline(data) }
        if let file = part.fileData, let mimeType = json.value("mimeType", of: file),
            json.string(mimeType).hasPrefix("image/")
        {
            return .file(file)
        }
        return nil
    }
}

extension JSONWriter {
    mutating func writeImage(_ image: MediaAnswer.Image, index: Int, of json: borrowing JSONDocument) {
        beginObject()
        key("image_url")
        raw("{\"url\":")
        switch image {
        case .inline(let data):
            beginString()
            output.append("data:" as StaticString)
            if let mimeType = json.value("mimeType", of: data), json.isString(mimeType) {
                fragment(copying: mimeType, of: json)
            }
            output.append(";base64," as StaticString)
            if let base64 = json.value("data", of: data), json.isString(base64) {
                fragment(copying: base64, of: json)
            }
            endString()
        case .file(let file):
            if let uri = json.value("fileUri", of: file), json.isString(uri) { copy(uri, of: json) } else { string("") }
        }
        endObject()
        key("index")
        integer(index)
        key("type")
        string("image_url")
        endObject()
    }

    /// Google's shape for the first image (IMG-001), completed with what OpenAI requires.
    mutating func writeImageAsAudio(_ data: JSONNode, id: String, created: Int, of json: borrowing JSONDocument) {
        beginObject()
        key("data")
        if let base64 = json.value("data", of: data), json.isString(base64) {
            copy(base64, of: json)
        } else {
            string("")
        }
        let mimeType = json.value("mimeType", of: data).flatMap { json.isString($0) ? json.string($0) : nil }
        writeAudioTail(id: id, encoding: mimeType ?? "", created: created)
    }

    /// Writes `expires_at`, `id` and `transcript`, and closes the object.
    ///
    /// - Parameter encoding: the type of what is no sound in the format that was asked for.
    mutating func writeAudioTail(id: String, encoding: String?, created: Int) {
        key("expires_at")
        integer(created + 3600)
        if let encoding { writeEncoding(encoding) }
        key("id")
        string(text: id)
        key("transcript")
        string("")
        endObject()
    }
}

extension JSONWriter {
    /// The type of sound or of an image in `audio`, in Google's shape (IMG-001).
    mutating func writeEncoding(_ mimeType: String) {
        key("extra_content")
        raw("{\"google\":{\"mime_type\":")
        string(text: mimeType)
        output.append("}}" as StaticString)
    }
}

/// Speech of one choice: PCM as it comes, in the format that was asked for (AUD-003, AUD-004, AUD-006). Sound that a
/// model encodes itself, such as music, goes out as it is.
struct AudioAnswer {
    let format: ResponsePlan.AudioFormat
    /// All samples so far, when they are to be remembered.
    private var kept: [UInt8]?
    private var samples: [UInt8] = []
    private var rate = 24000
    /// The type of sound that is no PCM.
    private(set) var encoding: String?
    private var isFirst = true
    private var wroteHeader = false

    init(format: ResponsePlan.AudioFormat, remembers: Bool) {
        self.format = format
        if remembers { kept = [] }
    }

    mutating func append(_ data: JSONNode, of json: borrowing JSONDocument) {
        if let mimeType = json.value("mimeType", of: data).map({ json.string($0) }) {
            rate = Self.rate(mimeType) ?? rate
            if isFirst, !Self.isPCM(mimeType) { encoding = mimeType }
        }
        isFirst = false
        if let base64 = json.value("data", of: data), json.isString(base64) {
            let bytes = json.withText(base64) { Base64.decode($0) }
            samples += bytes
            kept?.append(contentsOf: bytes)
            if let count = kept?.count, count > RememberedAudio.maximumBytes { kept = nil }
        }
    }

    /// What went to the client under this id, to be remembered.
    func remembered(id: String) -> RememberedAudio? {
        guard let kept, !kept.isEmpty else { return nil }
        if let encoding { return RememberedAudio(id: id, content: kept, mimeType: encoding) }
        let header = Self.header(rate: rate, bytes: UInt32(truncatingIfNeeded: kept.count))
        return RememberedAudio(id: id, content: header + kept)
    }

    /// Everything, for a whole answer.
    func wholeBase64() -> [UInt8] {
        switch format {
        case .wav where encoding == nil:
            Base64.encode((Self.header(rate: rate, bytes: UInt32(truncatingIfNeeded: samples.count)) + samples).span)
        case .pcm16, .wav: Base64.encode(samples.span)
        }
    }

    /// What can be sent of a stream: whole samples without padding in between, the rest stays.
    mutating func nextBase64(isLast: Bool) -> [UInt8] {
        if format == .wav, encoding == nil, !wroteHeader, !samples.isEmpty {
            wroteHeader = true
            samples = Self.header(rate: rate, bytes: nil) + samples
        }
        let count = isLast ? samples.count : samples.count / 6 * 6
        let encoded = Base64.encode(Array(samples.prefix(count)).span)
        samples.removeFirst(count)
        return encoded
    }

    private static func isPCM(_ mimeType: String) -> Bool {
        let type = mimeType.prefix { $0 != ";" && $0 != " " }.lowercased()
        return type == "audio/l16" || type == "audio/pcm"
    }

    /// The `rate` of `audio/L16;codec=pcm;rate=24000`.
    private static func rate(_ mimeType: String) -> Int? {
        for field in mimeType.split(separator: ";").dropFirst() {
            let pair = field.split(separator: "=")
            if pair.count == 2, pair[0].filter({ $0 != " " }) == "rate", let rate = Int(pair[1]), rate > 0 {
                return rate
            }
        }
        return nil
    }

    /// A RIFF header for 16-bit mono PCM; of unknown length in a stream.
    private static func header(rate: Int, bytes: UInt32?) -> [UInt8] {
        func little(_ value: UInt32, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
        }
        let rate = UInt32(truncatingIfNeeded: rate)
        return Array("RIFF".utf8) + little(bytes.map { $0 &+ 36 } ?? .max, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
            + little(1, 2) + little(1, 2) + little(rate, 4) + little(rate &* 2, 4) + little(2, 2) + little(16, 2)
            + Array("data".utf8) + little(bytes ?? .max, 4)
    }
}
