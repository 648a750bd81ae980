internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the kernel knows of this process.
struct ProcessState {
    var residentBytes: Int
    var openFiles: Int
    var processorSeconds: Double

    /// `RUSAGE_SELF`, which Glibc and Musl declare with different types.
    private static let thisProcess: Int32 = 0

    /// `nil` where there is no `/proc`.
    static func read() -> ProcessState? {
        guard let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        let pages = statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var usage = rusage()
        unsafe getrusage(thisProcess, &usage)
        let microseconds =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + Int(usage.ru_utime.tv_usec)
            + Int(usage.ru_stime.tv_usec)
        return ProcessState(
            residentBytes: pages * Int(sysconf(Int32(_SC_PAGESIZE))), openFiles: files.count,
            processorSeconds: Double(microseconds) / 1e6
        )
    }
}
