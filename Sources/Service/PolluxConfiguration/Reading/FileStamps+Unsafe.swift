#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The state in which some files were read: another state later means that one was written to or replaced.
///
/// Invariant of the unsafe call: `stat` gets a string and a structure that live for the call.
public struct FileStamps: Sendable, Hashable {
    private struct Stamp: Sendable, Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private struct File: Sendable, Hashable {
        var path: String
        /// `nil`: it was not there.
        var stamp: Stamp?
    }

    private var files: [File] = []

    /// The same files as they are now.
    public var now: FileStamps {
        var stamps = self
        for index in files.indices { stamps.files[index].stamp = Self.stamp(files[index].path) }
        return stamps
    }

    /// These files, and others as they are now.
    public func with(_ paths: [String]) -> FileStamps {
        var stamps = self
        for path in paths { stamps.add(path) }
        return stamps
    }

    /// To be called before the file is read.
    mutating func add(_ path: String) {
        if !files.contains(where: { $0.path == path }) { files.append(File(path: path, stamp: Self.stamp(path))) }
    }

    /// Follows links: Kubernetes replaces those.
    private static func stamp(_ path: String) -> Stamp? {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { return nil }
        #if canImport(Darwin)
            let time = info.st_mtimespec
        #else
            let time = info.st_mtim
        #endif
        return Stamp(
            device: UInt64(truncatingIfNeeded: info.st_dev), inode: UInt64(truncatingIfNeeded: info.st_ino),
            size: Int64(info.st_size), seconds: time.tv_sec, nanoseconds: time.tv_nsec
        )
    }
}
