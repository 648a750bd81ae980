#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory that was freed goes back to the system.
///
/// Left to itself, glibc keeps twice as much as the largest piece that was ever freed, up to 64 MiB in each arena: after
/// one huge answer a process would stay so large. Its own headers are not part of Swift's module, so the function is
/// looked up by its name.
///
/// Invariant: the symbol is C's `int mallopt(int, int)`, where there is one; other C libraries have none.
/// Gain: 64 MiB less after an answer of 100 MB (`Tests/Faults/run.py "100 MB"`).
enum FreedMemory {
    /// Bytes that stay free at the end of an arena.
    private static let keptBytes: CInt = 16 << 20
    /// From this length on a piece is the system's own, and goes back at once.
    private static let mappedBytes: CInt = 4 << 20
    private static let trimThreshold: CInt = -1
    private static let mapThreshold: CInt = -3

    static func giveBack() {
        typealias Mallopt = @convention(c) (CInt, CInt) -> CInt
        guard let symbol = unsafe dlsym(nil, "mallopt") else { return }
        let mallopt = unsafe unsafeBitCast(symbol, to: Mallopt.self)
        _ = mallopt(trimThreshold, keptBytes)
        _ = mallopt(mapThreshold, mappedBytes)
    }
}
