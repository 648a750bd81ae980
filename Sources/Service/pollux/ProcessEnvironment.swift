import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the program finds around itself.
enum ProcessEnvironment {
    static var variables: [String: String] { ProcessInfo.processInfo.environment }

    static func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
}

/// What the user reads.
enum Console {
    static func print(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        LogWriter.writeAll(Array((text + "\n").utf8), to: descriptor)
    }
}
