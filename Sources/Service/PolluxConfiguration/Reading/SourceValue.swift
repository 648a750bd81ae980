/// A value as somebody wrote it, with its place. All sources end up in one tree of these.
struct SourceValue {
    var content: Content
    var location: ConfigurationLocation

    enum Content {
        /// `null`, or nothing after the colon: counts as not written.
        case null
        /// The text, and whether quotes say that it is meant as text.
        case scalar(String, isQuoted: Bool)
        case list([SourceValue])
        case mapping([Entry])
    }

    struct Entry {
        var name: String
        var nameLocation: ConfigurationLocation
        var value: SourceValue
    }

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The last entry of this name that holds something.
    func entry(_ name: String) -> Entry? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.last { $0.name == name && !$0.value.isNull }
    }

    /// `x` as `{name: x}`.
    var named: SourceValue {
        let entry = Entry(name: "name", nameLocation: location, value: self)
        return SourceValue(content: .mapping([entry]), location: location)
    }

    /// What it is, for errors. Never the value itself.
    var noun: String {
        switch content {
        case .null: "nothing"
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension SourceValue {
    /// Puts `value` at the end of `path`, in place of what stands there.
    ///
    /// What is in the way (a single value where a section belongs) is replaced, and returned.
    mutating func set(_ value: SourceValue, at path: ArraySlice<String>) -> SourceValue? {
        guard let name = path.first else {
            self = value
            return nil
        }
        var obstacle: SourceValue?
        var entries: [Entry] = []
        switch content {
        case .mapping(let existing): entries = existing
        case .null: break
        case .scalar, .list: obstacle = self
        }
        let rest = path.dropFirst()
        if let index = entries.lastIndex(where: { $0.name == name }) {
            obstacle = entries[index].value.set(value, at: rest) ?? obstacle
        } else {
            var child = SourceValue(content: .null, location: value.location)
            obstacle = child.set(value, at: rest) ?? obstacle
            entries.append(Entry(name: name, nameLocation: value.location, value: child))
        }
        content = .mapping(entries)
        return obstacle
    }
}
