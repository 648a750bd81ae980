import PolluxJSON
import PolluxSecret

/// Makes readable pieces of bodies, without secrets, and with contents as the policy has it.
struct BodyCleaner {
    /// Shorter ones are words that people write, not secrets.
    private static let minimumSecretBytes = 8

    let contents: ContentPolicy
    let secrets: [Secret]

    init(contents: ContentPolicy, secrets: [Secret]) {
        self.contents = contents
        self.secrets = secrets.filter { secret in secret.withText { $0.utf8.count >= Self.minimumSecretBytes } }
    }

    func pieces(_ body: ExchangeRecording.Body) -> [Cassette.Piece] {
        Pieces.make(body.arrivals).map { contents.apply(to: withoutSecrets($0)) }
    }

    func headers(_ headers: [Cassette.Header]) -> [Cassette.Header] {
        headers.map { Cassette.Header(name: $0.name, value: text($0.value)) }
    }

    func text(_ text: String) -> String {
        secrets.reduce(text) { text, secret in secret.withText { text.replacing($0, with: "[removed]") } }
    }

    private func withoutSecrets(_ piece: Cassette.Piece) -> Cassette.Piece {
        if secrets.isEmpty { return piece }
        var piece = piece
        switch piece.content {
        case .json(let value): piece.content = .json(value.mapStrings(text))
        case .event(let value, let lineEnd): piece.content = .event(value.mapStrings(text), lineEnd: lineEnd)
        case .text(let own): piece.content = .text(text(own))
        case .bytes(let bytes):
            // Looked at as if it were text: a secret is ASCII, and other bytes do not change that.
            let cleaned = text(String(decoding: bytes, as: UTF8.self))
            if cleaned.contains("[removed]") { piece.content = .text(cleaned) }
        }
        return piece
    }
}
