/// The day and the month of a moment, in UTC, as numbers that grow by one.
public struct CalendarPeriods: Sendable, Hashable {
    /// Days since 1970-01-01.
    public let day: Int
    /// Months since the year 0.
    public let month: Int
    /// The moment, in seconds since 1970.
    public let seconds: Int

    private static let secondsPerDay = 86_400

    /// - Parameter seconds: since 1970.
    public init(seconds: Int) {
        self.seconds = seconds
        day = Int((Double(seconds) / Double(Self.secondsPerDay)).rounded(.down))
        let date = Self.date(ofDay: day)
        month = date.year * 12 + date.month - 1
    }

    /// The first second of the day.
    public var startOfDay: Int { day * Self.secondsPerDay }

    /// The first second of the month.
    public var startOfMonth: Int { (day - Self.date(ofDay: day).day + 1) * Self.secondsPerDay }

    public var secondsToNextDay: Int { startOfDay + Self.secondsPerDay - seconds }

    public var secondsToNextMonth: Int {
        var next = day
        repeat { next += 1 } while Self.date(ofDay: next).day != 1
        return next * Self.secondsPerDay - seconds
    }

    /// The date of a count of days (Hinnant, "chrono-compatible date algorithms").
    public static func date(ofDay count: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = count + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    /// The count of days of a date.
    public static func day(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
