import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lets a connection end with a reset instead of a farewell.
enum ConnectionReset {
    /// Closing `channel` after this throws away what is unsent and sends RST.
    static func prepare(_ channel: any Channel) {
        // Without the option the connection still ends, only politely.
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
}
