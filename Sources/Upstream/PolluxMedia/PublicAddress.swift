/// Which addresses the gateway may fetch from: those of the public internet only (MM-040).
///
/// - Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry".
public enum PublicAddress {
    /// Four bytes of IPv4 or sixteen of IPv6.
    public static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: isPublicIPv4(bytes)
        case 16: isPublicIPv6(bytes)
        default: false
        }
    }

    private static func isPublicIPv4(_ bytes: [UInt8]) -> Bool {
        let value = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for (network, length) in special where value >> (32 - length) == network >> (32 - length) { return false }
        return true
    }

    /// Networks that are not public: this, private, shared, loopback, link-local, assignments, tests,
    /// relays, benchmarks, multicast, reserved.
    private static let special: [(network: UInt32, length: UInt32)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16),
        (0xAC10_0000, 12), (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16),
        (0xC612_0000, 15), (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 4), (0xF000_0000, 4),
    ]

    private static func isPublicIPv6(_ bytes: [UInt8]) -> Bool {
        let isZero = { (range: Range<Int>) in bytes[range].allSatisfy { $0 == 0 } }
        // ::ffff:a.b.c.d, ::a.b.c.d (with :: and ::1), 64:ff9b::a.b.c.d: an IPv4 address inside.
        if isZero(0..<10), bytes[10] == 0xFF, bytes[11] == 0xFF { return isPublicIPv4(Array(bytes[12...])) }
        if isZero(0..<12) { return false }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]) { return isZero(4..<12) && isPublicIPv4(Array(bytes[12...])) }
        // 6to4 and Teredo carry IPv4 addresses; documentation is nobody's.
        if bytes[0] == 0x20, bytes[1] == 0x02 { return isPublicIPv4(Array(bytes[2..<6])) }
        if bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8]) { return false }
        if bytes.starts(with: [0x20, 0x01]), bytes[2] < 0x02 { return false }
        // Only 2000::/3 is global unicast: no unique-local, link-local, multicast.
        return bytes[0] & 0xE0 == 0x20
    }
}
