#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads small files whole, at start-up and on reload only: the calls block.
enum FileBytes {
    /// Why a file could not be read; the system's words.
    struct Failure: Error {
        var reason: String
    }

    private static let pieceBytes = 65_536

    /// The bytes of a file, pipe or device.
    ///
    /// - Limit: more than `maximumBytes` is a failure, so that a wrong path cannot fill the memory.
    static func contents(of path: String, maximumBytes: Int) throws(Failure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw lastFailure() }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            // The buffer is `piece`'s own and as long as the count says.
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw lastFailure() }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: piece[..<count])
            guard bytes.count <= maximumBytes else {
                throw Failure(reason: "is larger than \(maximumBytes) bytes")
            }
        }
    }

    private static func lastFailure() -> Failure {
        // `strerror` gives a terminated text that lives until the next call in this thread.
        Failure(reason: unsafe String(cString: strerror(errno)))
    }
}
