#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file, whatever it is called.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt
    private let node: UInt
    private let kind: mode_t

    /// `nil` when there is none.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        node = UInt(status.st_ino)
        kind = status.st_mode & S_IFMT
    }

    /// Looks whether a database may be at the path: no folder is one, and whoever opens a pipe waits for ever.
    ///
    /// - Returns: whether there is a file.
    /// - Throws: for what is no file, for a file that may not be read, and when the system does not say.
    static func isFile(_ path: String) throws(StoreError) -> Bool {
        guard let identity = FileIdentity(path: path) else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw .other(unsafe String(cString: strerror(errno)))
        }
        switch identity.kind {
        case S_IFREG:
            guard unsafe access(path, R_OK) == 0 else { throw .other("this user may not read the file") }
            return true
        case S_IFDIR: throw .other("this is a folder, and no file")
        default: throw .other("this is a device or a pipe, and no file")
        }
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
