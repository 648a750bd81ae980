#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The right to write usage: one process has it, until it ends.
///
/// A lock of the system's on a file beside the database, `pollux.db.lock`, so that it is free again whatever the process
/// died of. Not on the database itself: closing a second descriptor of it would lose SQLite's own locks.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// `nil` when another process has it.
    init?(of path: String) throws(StoreError) {
        descriptor = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw errno == ENOSPC ? .full : .readOnly }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}
