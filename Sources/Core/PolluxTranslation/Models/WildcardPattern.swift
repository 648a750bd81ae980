/// A pattern of names, in which each `*` stands for any characters, also for none.
package enum WildcardPattern {
    /// Whether `name` has the form of `pattern`.
    ///
    /// Only the last `*` is ever tried with more: time is at most the product of both lengths.
    package static func matches(_ pattern: Span<UInt8>, _ name: Span<UInt8>) -> Bool {
        var (place, position) = (0, 0)
        var last: (place: Int, position: Int)?
        while place < pattern.count || position < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                place += 1
                last = (place, position)
            } else if place < pattern.count, position < name.count, pattern[place] == name[position] {
                place += 1
                position += 1
            } else if let retry = last, retry.position < name.count {
                (place, position) = (retry.place, retry.position + 1)
                last = (place, position)
            } else {
                return false
            }
        }
        return true
    }
}
