import PolluxJSON

extension RequestRules {
    /// Bytes of one image inside a request to Vertex AI.
    ///
    /// - Source: Vertex AI, "Image understanding", limits.
    static let maximumInlineImageBytes = 7 << 20
    /// Images in one request.
    static let maximumImages = 3000

    /// Types that the services name when they refuse them. Others may be taken by some model: they pass.
    private static let refusedTypes: Set<String> = [
        "image/gif", "image/svg+xml", "image/bmp", "image/tiff", "image/avif", "image/x-icon",
        "application/octet-stream", "application/zip", "application/gzip", "application/msword", "application/json",
        "application/x-tar", "font/woff2",
    ]
    private static let refusedFamilies = ["application/vnd."]

    /// Media that no model takes, too large ones, and too many.
    func checkMedia(_ json: borrowing JSONDocument) throws(GoogleError) {
        var images = 0
        for content in request.contents {
            for part in content.parts {
                let type: String
                switch part.data {
                case .inlineData(let mimeType, let data):
                    type = json.text(of: mimeType)?.lowercased() ?? ""
                    if isVertex, type.hasPrefix("image/"), let data,
                        Base64.byteCount(data, of: json) > Self.maximumInlineImageBytes
                    {
                        throw .invalid(
                            "Unable to submit request because an inline image is larger than the limit of "
                                + "\(Self.maximumInlineImageBytes) bytes. Use a Cloud Storage URI instead.")
                    }
                case .fileData(let mimeType, _):
                    type = json.text(of: mimeType)?.lowercased() ?? ""
                default: continue
                }
                if type.hasPrefix("image/") { images += 1 }
                guard !Self.refusedTypes.contains(type), !Self.refusedFamilies.contains(where: type.hasPrefix) else {
                    throw refusal(ofType: type)
                }
            }
        }
        guard images <= Self.maximumImages else {
            throw .invalid("Unable to submit request because it has more than \(Self.maximumImages) images.")
        }
    }

    private func refusal(ofType type: String) -> GoogleError {
        .invalid(
            isVertex
                ? "Unable to submit request because it has a mimeType parameter with value \(type), which is not "
                    + "supported. Update the mimeType and try again. Learn more: "
                    + "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
                : "Unsupported MIME type: \(type)"
        )
    }

    /// A model answers in the modalities that it has.
    func checkModalities() throws(GoogleError) {
        let wanted = Set(request.generation.responseModalities).subtracting(["MODALITY_UNSPECIFIED"])
        guard !wanted.isEmpty else { return }
        let accepted: [Set<String>] =
            traits.makesSpeech
            ? [["AUDIO"]] : traits.makesImages ? [["TEXT"], ["IMAGE"], ["IMAGE", "TEXT"]] : [["TEXT"]]
        guard !accepted.contains(wanted) else { return }
        let lines = accepted.map { "* \($0.sorted().joined(separator: ", "))\n" }.joined()
        throw .invalid(
            "The requested combination of response modalities (\(wanted.sorted().joined(separator: ", "))) is not "
                + "supported by the model. models/\(model) accepts the following combination of response "
                + "modalities:\n\(lines)")
    }
}
