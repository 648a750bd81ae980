#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// All addresses of a host name.
///
/// Invariant: the list of `getaddrinfo` is walked only while it is held, and freed once; each address is read
/// by the type that its family says. There is no safe form of this call.
enum Resolver {
    /// Four or sixteen bytes each; empty when the name cannot be resolved. Waits for the name service: not to
    /// be called on an event loop.
    static func addresses(of host: String) -> [[UInt8]] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var found: [[UInt8]] = []
        var next = unsafe list
        while let info = unsafe next {
            if let address = unsafe info.pointee.ai_addr {
                switch unsafe info.pointee.ai_family {
                case AF_INET:
                    let ipv4 = unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        unsafe $0.pointee.sin_addr
                    }
                    found.append(unsafe withUnsafeBytes(of: ipv4) { unsafe Array($0) })
                case AF_INET6:
                    let ipv6 = unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        unsafe $0.pointee.sin6_addr
                    }
                    found.append(unsafe withUnsafeBytes(of: ipv6) { unsafe Array($0) })
                default: break
                }
            }
            unsafe next = info.pointee.ai_next
        }
        return found
    }

    /// `192.0.2.1` or `2001:db8::1`.
    static func text(_ address: [UInt8]) -> String {
        if address.count == 4 { return address.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { index in
            String(Int(address[index]) << 8 | Int(address[index + 1]), radix: 16)
        }.joined(separator: ":")
    }
}
