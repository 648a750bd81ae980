import FoundationEssentials
import PolluxHTTPClient

/// Files that fit into memory, read and written at the program's start.
enum SmallFile {
    /// The longest that is read.
    static let maximumBytes = 64 << 20

    /// - Throws: ``Failure``, with the path and the system's reason.
    static func bytes(of path: String) throws(Failure) -> [UInt8] {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            guard data.count <= maximumBytes else { throw Failure("is larger than \(maximumBytes) bytes") }
            return Array(data)
        } catch {
            throw Failure("Cannot read \(path): \(SystemReason.text(error))")
        }
    }

    /// Writes a file that only its owner may read, and its folder where there is none.
    static func write(_ text: String, to path: String) throws(Failure) {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw Failure("Cannot write \(path): \(SystemReason.text(error))")
        }
        let isWritten = manager.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw Failure("Cannot write \(path).") }
    }

    /// The path from the root.
    static func absolute(_ path: String) -> String { URL(filePath: path).path }
}
