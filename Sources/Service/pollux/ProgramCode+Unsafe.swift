import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The program's own code, and that of its libraries, in memory.
///
/// Invariant: only mappings of files are given back that may be run and not written. Each of their pages comes back
/// from its file, as it was, when something on it is needed next.
/// Gain: what start-up runs, and serving never does, is a quarter of an idle process (docs/performance.md).
enum ProgramCode {
    /// Gives the pages back that are not needed at this moment.
    static func release() {
        // No such file: this is not Linux, and the system knows by itself.
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1],
                let start = unsafe UnsafeMutableRawPointer(bitPattern: bounds[0])
            else { continue }
            // Refused: then the pages stay, which harms nobody.
            _ = unsafe madvise(start, Int(bounds[1] - bounds[0]), MADV_DONTNEED)
        }
    }
}
