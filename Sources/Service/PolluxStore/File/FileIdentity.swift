#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file, whatever it is called.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt
    private let node: UInt

    /// `nil` when there is none.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        node = UInt(status.st_ino)
    }

    /// Makes the file, readable for its owner only, unless it is there.
    static func make(_ path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor < 0 else {
            close(descriptor)
            return
        }
        switch errno {
        case EROFS, EACCES, EPERM: throw .readOnly
        case ENOSPC, EDQUOT: throw .full
        case ENOENT: throw .other("the file's folder does not exist")
        default: throw .other(unsafe String(cString: strerror(errno)))
        }
    }
}
