import PolluxJSON

/// Where two JSON values differ: a few places, the first ones.
struct Difference: Sendable, Equatable, CustomStringConvertible {
    /// Of each place; the rest is counted.
    static let maximumPlaces = 5
    private static let maximumText = 80

    /// `contents[1].parts[0].text: "Hi", recorded "Hello"`
    private(set) var places: [String] = []
    /// All differences, also those that are not listed.
    private(set) var count = 0

    init(_ value: JSONValue, recorded: JSONValue) { compare(value, recorded, "") }

    var description: String {
        let rest = count - places.count
        return places.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }

    private mutating func compare(_ value: JSONValue, _ recorded: JSONValue, _ path: String) {
        switch (value, recorded) {
        case (.object(let members), .object(let others)):
            let own = Dictionary(members.map { ($0.name, $0.value) }) { $1 }
            let other = Dictionary(others.map { ($0.name, $0.value) }) { $1 }
            for name in Set(own.keys).union(other.keys).sorted() {
                compare(own[name], other[name], path.isEmpty ? name : "\(path).\(name)")
            }
        case (.array(let values), .array(let others)):
            for index in 0..<max(values.count, others.count) {
                compare(
                    index < values.count ? values[index] : nil, index < others.count ? others[index] : nil,
                    "\(path)[\(index)]"
                )
            }
        default:
            if value != recorded { add("\(path): \(Self.short(value)), recorded \(Self.short(recorded))") }
        }
    }

    private mutating func compare(_ value: JSONValue?, _ recorded: JSONValue?, _ path: String) {
        switch (value, recorded) {
        case (let value?, let recorded?): compare(value, recorded, path)
        case (let value?, nil): add("\(path): \(Self.short(value)), not recorded")
        case (nil, let recorded?): add("\(path): missing, recorded \(Self.short(recorded))")
        case (nil, nil): break
        }
    }

    private mutating func add(_ place: String) {
        count += 1
        if places.count < Self.maximumPlaces { places.append(place) }
    }

    private static func short(_ value: JSONValue) -> String {
        let text = String(decoding: value.bytes, as: UTF8.self)
        return text.count <= maximumText ? text : text.prefix(maximumText) + "…"
    }
}
