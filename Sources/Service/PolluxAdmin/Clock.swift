#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The wall clock.
enum Clock {
    /// Unix seconds.
    static var seconds: Int { time(nil) }
}
