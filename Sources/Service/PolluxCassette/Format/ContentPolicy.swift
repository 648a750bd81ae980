import Crypto
import PolluxJSON

/// What becomes of contents in a recording. Secrets are left out in any case.
///
/// Contents are all strings but those under the names of ``structural``, and in what calls and functions hand over
/// every scalar. Names, roles, models, reasons, counts and the shape of everything stay.
public enum ContentPolicy: String, Sendable, CaseIterable {
    case keep
    /// `[sha256 9f86d081884c7d65, 11 bytes]`: equal contents can still be told from others.
    case hash
    /// `[11 bytes]`
    case remove

    /// Members whose strings are words of a protocol or names.
    static let structural: Set<String> = [
        "allowedFunctionNames", "blockReason", "category", "code", "createTime", "finishReason", "finish_reason",
        "id", "language", "mediaResolution", "mimeType", "mime_type", "modalities", "modality", "mode", "model",
        "modelVersion", "name", "object", "outcome", "param", "probability", "reasoning_effort",
        "responseMimeType", "responseModalities", "response_format", "role", "serviceTier", "service_tier", "severity",
        "status", "system_fingerprint", "thinkingLevel", "threshold", "tool_call_id", "tool_choice", "trafficType",
        "type",
    ]

    /// Members that hold a caller's own data: of these every scalar is contents.
    private static let userData: Set<String> = ["args", "response", "partialArgs", "default", "enum", "example"]

    func apply(to value: JSONValue) -> JSONValue {
        self == .keep ? value : redacted(value, under: nil, isUserData: false)
    }

    private func redacted(_ value: JSONValue, under name: String?, isUserData: Bool) -> JSONValue {
        switch value {
        case .null: .null
        case .boolean, .number: isUserData ? .string(placeholder(value.bytes)) : value
        case .string(let text):
            !isUserData && name.map(Self.structural.contains) == true ? value : .string(placeholder(Array(text.utf8)))
        case .array(let values): .array(values.map { redacted($0, under: name, isUserData: isUserData) })
        case .object(let members):
            .object(
                members.map {
                    JSONValue.Member(
                        $0.name,
                        redacted($0.value, under: $0.name, isUserData: isUserData || Self.userData.contains($0.name))
                    )
                }
            )
        }
    }

    func apply(to piece: Cassette.Piece) -> Cassette.Piece {
        guard self != .keep else { return piece }
        var piece = piece
        switch piece.content {
        case .json(let value): piece.content = .json(apply(to: value))
        case .event(let value, let lineEnd): piece.content = .event(apply(to: value), lineEnd: lineEnd)
        case .text(let text):
            // Comments and the end of a stream say nothing.
            if text.hasPrefix(":") || text == "data: [DONE]\n\n" { break }
            piece.content = .text(placeholder(Array(text.utf8)))
        case .bytes(let bytes): piece.content = .text(placeholder(bytes))
        }
        return piece
    }

    private func placeholder(_ bytes: [UInt8]) -> String {
        guard self == .hash else { return "[\(bytes.count) bytes]" }
        let digits = SHA256.hash(data: bytes).prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        return "[sha256 \(digits.joined()), \(bytes.count) bytes]"
    }
}
