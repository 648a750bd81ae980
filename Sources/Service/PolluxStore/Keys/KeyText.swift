internal import Crypto
public import PolluxSecret

/// The text of a key: `sk-pollux-` and 43 letters and digits, some 256 bits of chance.
///
/// - Limit: 53 bytes, which SHA-256 takes in one block.
public enum KeyText {
    private static let prefix = "sk-pollux-"
    private static let length = 43
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    public static func new() -> Secret {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return Secret(prefix + String(decoding: bytes, as: UTF8.self))
    }

    public static func digest(_ key: Secret) -> [UInt8] {
        key.withText { Array(SHA256.hash(data: Array($0.utf8))) }
    }
}
