import Synchronization

/// The emulator's time: the system's, or one that stands still; tests move it forward.
///
/// Tokens, caches and quotas end by this clock, so that nobody has to wait an hour to see it.
final class EmulatorClock: Sendable {
    private let fixedMilliseconds: Int?
    private let advanced = Atomic<Int>(0)

    init(fixedSeconds: Int?) { fixedMilliseconds = fixedSeconds.map { $0 * 1000 } }

    /// Milliseconds since 1970.
    var milliseconds: Int {
        (fixedMilliseconds ?? Timestamp.nowMilliseconds()) + advanced.load(ordering: .relaxed)
    }

    /// Seconds since 1970.
    var seconds: Int { milliseconds / 1000 }

    func advance(milliseconds: Int) { advanced.add(milliseconds, ordering: .relaxed) }

    /// Goes back to the time it began with.
    func reset() { advanced.store(0, ordering: .relaxed) }
}
