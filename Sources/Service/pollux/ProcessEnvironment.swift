import FoundationEssentials
import NIOCore
import PolluxHTTPClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the program finds around itself.
enum ProcessEnvironment {
    /// Without empty ones: `${NAME:-}` in a compose file gives such, and means that there is none.
    static var variables: [String: String] { ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty } }

    /// Processors that this process may run on: one event loop for each.
    ///
    /// Read from the kernel's own list, so that `taskset` and container limits count.
    static var usableProcessors: Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
        else { return System.coreCount }  // Not Linux, or no /proc.
        let ranges = line.dropFirst("Cpus_allowed_list:".count).split(separator: ",").map { range in
            range.split(separator: "-").compactMap { Int($0.filter { $0.isNumber }) }
        }
        let count = ranges.reduce(0) { $0 + (($1.last ?? 0) - ($1.first ?? 1) + 1) }
        return max(1, min(count, System.coreCount))
    }

    /// Files and connections that this process may have open at once; as many as it is allowed to ask for.
    static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Whoever starts the program may have closed its standard input and outputs. What is opened next would take their
    /// numbers, and the log would be written into a connection, or into the store.
    static func occupyStandardDescriptors() {
        var descriptor: Int32 = 0
        while (0...STDERR_FILENO).contains(descriptor) { descriptor = unsafe open("/dev/null", O_RDWR) }
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// Everything that comes on standard input; `nil` when it is longer than `limit` bytes.
    static func standardInput(limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= limit {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count > 0 {
                bytes += piece.prefix(count)
            } else if errno != EINTR {
                return bytes
            }
        }
        return nil
    }

    /// Whether a person reads standard output.
    static var writesToTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Unix seconds.
    static var now: Int { time(nil) }

    static func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
}

/// What the user reads.
enum Console {
    static func print(_ text: String) { LogWriter.writeAll(Array((text + "\n").utf8), to: STDOUT_FILENO) }
    static func error(_ text: String) { LogWriter.writeAll(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// What a command was asked for, with its line ends.
    ///
    /// - Throws: when not all of it could be written: a half report must not look like a whole one.
    static func answer(_ text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        guard LogWriter.writeAll(bytes, to: STDOUT_FILENO) < bytes.count else { return }
        throw Failure("Cannot write to the standard output: \(SystemReason.words(errno))")
    }
}
