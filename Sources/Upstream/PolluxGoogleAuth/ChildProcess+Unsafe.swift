import FoundationEssentials

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A process that we have started, and the pipe we read from.
///
/// Invariant of the unsafe calls: strings for `posix_spawnp` are copies of our own that end in zero, in a
/// list that ends in `nil`, and are freed when it returns; structures live for the call that gets them;
/// `read` gets the memory of an array together with its size.
/// Gain: no Foundation, whose `Process` would bring all of it into the program.
struct ChildProcess: Sendable {
    private let number: pid_t
    private let output: Int32

    /// Starts `command` in a process group of its own, with an empty input and without our other files.
    init(_ command: [String], environment: [String: String]) throws(CredentialError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Self.failure(errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }

        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = unsafe posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        #if canImport(Darwin)
            flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
            Self.keepOpenFilesToOurselves()
        #endif
        // The child gets usual signals: ours may be blocked or ignored, which it would inherit.
        var noSignals = sigset_t()
        unsafe sigemptyset(&noSignals)
        var allSignals = sigset_t()
        unsafe sigfillset(&allSignals)
        unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &allSignals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for index in unsafe arguments.indices { unsafe free(arguments[index]) }
            for index in unsafe variables.indices { unsafe free(variables[index]) }
        }
        var number: pid_t = 0
        let code = unsafe posix_spawnp(&number, command[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else {
            close(ends[0])
            throw Self.failure(code)
        }
        self.number = number
        output = ends[0]
    }

    /// Marks all our files and sockets to be closed in programs that we start; NIO's sockets are not by
    /// themselves. Nothing of ours is ever handed down, so the mark may stay.
    private static func keepOpenFilesToOurselves() {
        // Without /proc the child may see our sockets, as every child of every program does by default.
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") else {
            return
        }
        for name in names {
            if let file = Int32(name), file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// What the process prints, until it closes its output or `isStopped`. Closes our end.
    ///
    /// - Returns: `nil` when it is more than `limit` bytes.
    func readOutput(limit: Int, pollMilliseconds: Int32, isStopped: () -> Bool) -> [UInt8]? {
        defer { close(output) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while !isStopped() {
            var wanted = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&wanted, 1, pollMilliseconds)
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            guard ready > 0 else { break }
            let count = unsafe piece.withUnsafeMutableBytes { memory in
                unsafe read(output, memory.baseAddress, memory.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: piece[..<count])
            if bytes.count > limit { return nil }
        }
        return bytes
    }

    /// Returns when the process has ended. It stays known to the system until ``reap()``.
    func awaitEnd() {
        var info = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(number), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// Forgets a process that has ended.
    ///
    /// - Returns: its status, or 128 + the signal that ended it.
    func reap() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(number, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// Ends the process and those it has started.
    func kill() {
        #if canImport(Darwin)
            _ = Darwin.kill(-number, SIGKILL)
        #elseif canImport(Musl)
            _ = Musl.kill(-number, SIGKILL)
        #else
            _ = Glibc.kill(-number, SIGKILL)
        #endif
    }

    private static func failure(_ code: Int32) -> CredentialError {
        let reason =
            switch code {
            case ENOENT: "it does not exist."
            case EACCES: "it may not be run."
            default: "it cannot be run (error \(code))."
            }
        return CredentialError(.subjectToken, reason)
    }
}
