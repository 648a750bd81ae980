/// Compares a tree with the table of keys: unknown keys, duplicates, a list where a mapping belongs.
///
/// Single values are not looked at; whoever reads them does that.
struct StructureCheck {
    let table: KeyTable
    let diagnostics: Diagnostics

    /// `pattern` is the path in the table (`backends[]`), `path` the one in the text (`backends[2]`).
    func check(_ value: SourceValue, pattern: String = "", path: String = "") {
        guard let entries = mapping(value, path) else { return }
        for entry in entries {
            let entryPath = KeyTable.join(path, entry.name)
            guard table.names(in: pattern).contains(entry.name) else {
                report(entry, pattern, path)
                continue
            }
            guard !entry.value.isNull else { continue }
            check(entry, table[pattern, entry.name]?.type, KeyTable.join(pattern, entry.name), entryPath)
        }
    }

    /// A name that cannot be a key's is not repeated: the file may be another one, and hold secrets.
    private func report(_ entry: SourceValue.Entry, _ pattern: String, _ path: String) {
        guard Self.mayBeKey(entry.name) else {
            return diagnostics.error("unknown key", key: path, at: entry.nameLocation)
        }
        let suggestion = table.suggestion(for: entry.name, in: pattern)
        diagnostics.error(
            "unknown key '\(entry.name)'\(suggestion)", key: KeyTable.join(path, entry.name), at: entry.nameLocation)
    }

    private static func mayBeKey(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "_-. ".utf8.contains($0) }
    }

    private func check(
        _ entry: SourceValue.Entry, _ type: ConfigurationKey.ValueType?, _ pattern: String, _ path: String
    ) {
        switch type {
        case nil:
            check(entry.value, pattern: pattern, path: path)
        case .list:
            guard let elements = list(entry.value, path) else { return }
            for (index, element) in elements.enumerated() {
                check(element, pattern: "\(pattern)[]", path: "\(path)[\(index)]")
            }
        case .namedList:
            guard let elements = list(entry.value, path) else { return }
            for (index, element) in elements.enumerated() {
                if case .scalar = element.content { continue }
                check(element, pattern: "\(pattern)[]", path: "\(path)[\(index)]")
            }
        case .mapping:
            guard let entries = mapping(entry.value, path) else { return }
            for entry in entries {
                check(entry.value, pattern: "\(pattern).*", path: Section.path(path, chosen: entry.name))
            }
        case .texts:
            guard let elements = list(entry.value, path) else { return }
            for (index, element) in elements.enumerated() { single(element, "\(path)[\(index)]", "a text") }
        case .some(let type):
            single(entry.value, path, type.expectation)
        }
    }

    /// The entries, each name once.
    private func mapping(_ value: SourceValue, _ path: String) -> [SourceValue.Entry]? {
        guard case .mapping(let entries) = value.content else {
            diagnostics.error("expected a mapping, found \(value.noun)", key: path, at: value.location)
            return nil
        }
        var places: [String: ConfigurationLocation] = [:]
        for entry in entries {
            if let place = places[entry.name] {
                let hint = place.line.map { " (it stands in line \($0), too)" } ?? ""
                diagnostics.error(
                    "duplicate key '\(entry.name)'\(hint)",
                    key: KeyTable.join(path, entry.name), at: entry.nameLocation
                )
            }
            places[entry.name] = entry.nameLocation
        }
        return entries
    }

    private func list(_ value: SourceValue, _ path: String) -> [SourceValue]? {
        guard case .list(let elements) = value.content else {
            diagnostics.error("expected a list, found \(value.noun)", key: path, at: value.location)
            return nil
        }
        return elements
    }

    private func single(_ value: SourceValue, _ path: String, _ expected: String) {
        if case .scalar = value.content { return }
        diagnostics.error("expected \(expected), found \(value.noun)", key: path, at: value.location)
    }
}
