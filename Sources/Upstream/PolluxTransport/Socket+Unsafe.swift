import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Hands bytes to the system without waiting.
///
/// Invariant: `socket` is open and does not block, and belongs to the connection that the bytes are for. Only
/// ``ConnectionWriter`` calls this, which says how it knows.
/// Gain: 8,100 of the 90,300 instructions of a small request, beside NIO's way (docs/performance-changes.md).
///
/// - Returns: how many bytes the system took; none also when it has no room, or when the peer is gone.
func send(_ bytes: ByteBuffer, on socket: NIOBSDSocket.Handle) -> Int {
    let taken = unsafe bytes.withUnsafeReadableBytes { memory in
        unsafe send(socket, memory.baseAddress, memory.count, Int32(MSG_NOSIGNAL))
    }
    return max(0, taken)
}
