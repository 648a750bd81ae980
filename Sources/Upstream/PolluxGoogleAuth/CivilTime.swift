/// A moment by the calendar in UTC, for the forms of time that token endpoints use.
///
///     RFC 3339   2026-11-21T08:00:00.123456Z    `expireTime` of IAM credentials
///     RFC 9110   Sat, 21 Nov 2026 08:00:00 GMT  the `Date` header
///     AWS        20261121T080000Z               `x-amz-date`
struct CivilTime: Equatable {
    var unixSeconds: Int

    init(unixSeconds: Int) { self.unixSeconds = unixSeconds }

    private init?(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, offsetMinutes: Int = 0
    ) {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        unixSeconds = days * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second
    }

    /// Fractions of a second are cut off.
    init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19])
        else { return nil }
        var at = 19
        if bytes[at] == UInt8(ascii: ".") {
            at += 1
            while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        }
        guard let offset = Self.offsetMinutes(bytes[at...]) else { return nil }
        self.init(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second,
            offsetMinutes: offset)
    }

    /// `Z`, or `+02:00` and the like.
    private static func offsetMinutes(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let sign = bytes.first else { return nil }
        let at = bytes.startIndex
        if sign | 0x20 == UInt8(ascii: "z") { return bytes.count == 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), bytes.count == 6,
            bytes[at + 3] == UInt8(ascii: ":"), let hours = number(bytes[at + 1..<at + 3]),
            let minutes = number(bytes[at + 4..<at + 6])
        else { return nil }
        return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Only the form that RFC 9110 lets servers send.
    init?(httpDate text: String) {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT",
            let month = Self.monthNames.firstIndex(of: String(words[2])),
            let day = Self.number(Array(words[1].utf8)[...]),
            let year = Self.number(Array(words[3].utf8)[...])
        else { return nil }
        let clock = words[4].split(separator: ":").map { Self.number(Array($0.utf8)[...]) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2] else {
            return nil
        }
        self.init(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    /// `20261121T080000Z`.
    var amazonText: String {
        let date = civilDate
        let second = unixSeconds - unixSeconds.floored(to: 86_400)
        return Self.digits(date.year, 4) + Self.digits(date.month, 2) + Self.digits(date.day, 2) + "T"
            + Self.digits(second / 3_600, 2) + Self.digits(second / 60 % 60, 2) + Self.digits(second % 60, 2)
            + "Z"
    }

    // MARK: Calendar

    /// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        return shifted * 365 + leapDays + dayOfYear - 719_468
    }

    private var civilDate: (year: Int, month: Int, day: Int) {
        let shifted = unixSeconds.floored(to: 86_400) / 86_400 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        var value = 0
        for digit in digits {
            guard digit &- UInt8(ascii: "0") < 10 else { return nil }
            value = value * 10 + Int(digit &- UInt8(ascii: "0"))
        }
        return value
    }

    private static func digits(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}

extension Int {
    /// The next multiple of `step` that is not above.
    fileprivate func floored(to step: Int) -> Int {
        let rest = self % step
        return self - (rest < 0 ? rest + step : rest)
    }
}
