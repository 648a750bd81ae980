/// The opaque bytes by which a thinking model knows its own thoughts again.
///
///     0   "Pollux"           6 bytes
///     6   format, 1          1 byte
///     7   nonce              27 bytes
///     34  checksum of 0..<34 8 bytes
///
/// 42 bytes are 56 characters of base64 without padding.
enum ThoughtSignature {
    private static let magic = Array("Pollux".utf8) + [1]
    private static let nonceLength = 27
    private static let length = 42
    /// A signature of the live service is longer than this.
    private static let minimumForeignLength = 16

    /// Makes a signature, as base64.
    static func issue(_ chance: inout Chance) -> String {
        var bytes = magic
        for _ in 0..<nonceLength { bytes.append(UInt8(truncatingIfNeeded: chance.next())) }
        bytes += checksum(of: bytes[...])
        return String(decoding: Base64.encoded(bytes), as: UTF8.self)
    }

    /// Whether a signature, in base64, is one of our own and unchanged, a documented placeholder, or one
    /// that has the form of the live service's (only that service can look inside).
    static func isAccepted(_ text: [UInt8], by backend: Backend) -> Bool {
        if isPlaceholder(text, backend) { return true }
        guard let bytes = Base64.decoded(text) else { return false }
        if isPlaceholder(bytes, backend) { return true }
        if bytes.starts(with: magic) {
            return bytes.count == length && bytes[34...].elementsEqual(checksum(of: bytes[..<34]))
        }
        return bytes.count >= minimumForeignLength && resemblesProtocolBuffer(bytes)
    }

    /// `skip_thought_signature_validator` everywhere, `context_engineering_is_the_way_to_go` on the
    /// Developer API.
    private static func isPlaceholder(_ bytes: [UInt8], _ backend: Backend) -> Bool {
        if bytes.elementsEqual("skip_thought_signature_validator".utf8) { return true }
        return backend == .developer && bytes.elementsEqual("context_engineering_is_the_way_to_go".utf8)
    }

    private static func checksum(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        var hash = Hash()
        for byte in bytes { hash.add(byte) }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash.value >> (8 * UInt64($0))) }
    }

    /// Whether the bytes begin as fields 1 or 2 with lengths, to the end. The last field may be cut: recorded
    /// conversations hold long signatures only in part.
    private static func resemblesProtocolBuffer(_ bytes: [UInt8]) -> Bool {
        var at = 0
        while at < bytes.count {
            guard bytes[at] == 0x0A || bytes[at] == 0x12 else { return false }
            at += 1
            var length = 0
            var shift = 0
            while true {
                guard at < bytes.count, shift < 28 else { return false }
                length |= Int(bytes[at] & 0x7F) << shift
                shift += 7
                at += 1
                if bytes[at - 1] < 0x80 { break }
            }
            at += length
        }
        return true
    }
}
