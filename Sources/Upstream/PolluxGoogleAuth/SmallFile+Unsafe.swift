#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Files of credentials: small, read whole, and read again when they have been replaced.
///
/// Invariant of the unsafe calls: `open`, `fstat` and `stat` get a string and a structure that live for the
/// call, and `read` gets the memory of an array together with its size.
/// Gain: no Foundation, and a limit that holds also for pipes and devices.
enum SmallFile {
    /// The longest file that is read.
    static let maximumBytes = 256 * 1024

    /// Which state of a file was read. A file that is replaced or written to has another one.
    struct Stamp: Equatable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init(_ info: stat) {
            device = UInt64(truncatingIfNeeded: info.st_dev)
            inode = UInt64(truncatingIfNeeded: info.st_ino)
            size = Int64(info.st_size)
            #if canImport(Darwin)
                seconds = info.st_mtimespec.tv_sec
                nanoseconds = info.st_mtimespec.tv_nsec
            #else
                seconds = info.st_mtim.tv_sec
                nanoseconds = info.st_mtim.tv_nsec
            #endif
        }
    }

    /// The state of the file now; `nil` when there is none. Follows links, as Kubernetes replaces those.
    static func stamp(_ path: String) -> Stamp? {
        var info = stat()
        return unsafe stat(path, &info) == 0 ? Stamp(info) : nil
    }

    /// The file's bytes, and the state they were read in.
    static func read(_ path: String) throws(CredentialError) -> (bytes: [UInt8], stamp: Stamp) {
        // Not blocking, or a named pipe would hold us up in `open` for ever.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure(path, errno) }
        defer { close(file) }
        var info = stat()
        guard unsafe fstat(file, &info) == 0 else { throw failure(path, errno) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .invalid("\(path) is not a file.") }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        var used = 0
        while used < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { memory in
                unsafe systemRead(file, memory.baseAddress, from: used, to: memory.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, errno) }
            if count == 0 { break }
            used += count
        }
        guard used <= maximumBytes else { throw .invalid("\(path) is longer than \(maximumBytes) bytes.") }
        return (Array(bytes[..<used]), Stamp(info))
    }

    private static func systemRead(
        _ file: Int32, _ memory: UnsafeMutableRawPointer?, from start: Int, to end: Int
    ) -> Int {
        guard let memory = unsafe memory else { return 0 }
        #if canImport(Darwin)
            return unsafe Darwin.read(file, memory + start, end - start)
        #elseif canImport(Musl)
            return unsafe Musl.read(file, memory + start, end - start)
        #else
            return unsafe Glibc.read(file, memory + start, end - start)
        #endif
    }

    private static func failure(_ path: String, _ code: Int32) -> CredentialError {
        switch code {
        case ENOENT, ENOTDIR: CredentialError(.notFound, "\(path) does not exist.", isPermanent: true)
        case EACCES, EPERM: .invalid("\(path) may not be read by this process.")
        default: .invalid("\(path) cannot be read (error \(code)).")
        }
    }
}
