import NIOCore
import PolluxLimits

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The clocks of a loop: the monotonic one, by it the wall's, and the `Date` header, which is made once a second.
///
/// The monotonic clock is read when something begins or ends. The wall's is what it was when the two were compared,
/// at every tick, and what has passed since by the last reading.
final class LoopClock {
    /// Nanoseconds of the monotonic clock, when it was read last.
    private(set) var latest: UInt64
    /// What the wall's clock shows when the monotonic one is at 0: Unix nanoseconds.
    private var start: Int
    private var second = -1
    private var text = ""

    init() {
        latest = NIODeadline.now().uptimeNanoseconds
        start = Self.wall - Int(latest)
    }

    /// Reads the monotonic clock: nanoseconds.
    func read() -> UInt64 {
        let now = NIODeadline.now().uptimeNanoseconds
        latest = now
        return now
    }

    /// Compares the clocks: the wall's may have been set.
    func compare() { start = Self.wall - Int(read()) }

    /// Unix seconds.
    var now: Int { nanoseconds / 1_000_000_000 }

    /// Unix nanoseconds.
    var nanoseconds: Int { start + Int(latest) }

    /// `Sat, 21 Nov 2026 08:34:02 GMT` (RFC 9110, 5.6.7)
    var date: String {
        let now = self.now
        if now != second {
            second = now
            text = Self.format(now)
        }
        return text
    }

    private static var wall: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    static func format(_ seconds: Int) -> String {
        let days = seconds / 86400
        let clock = seconds % 86400
        let (year, month, day) = CalendarPeriods.date(ofDay: days)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(weekdays[days % 7]), \(two(day)) \(months[month - 1]) \(year) "
            + "\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60)) GMT"
    }
}
