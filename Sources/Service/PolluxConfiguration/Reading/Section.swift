/// One mapping of the configuration, read key by key.
///
/// Reading never fails: what is wrong is reported, and a default, or nothing, is given instead, so
/// that all errors are found in one pass. Ranges and defaults come from the table of keys.
struct Section {
    let context: Context
    /// The path in the table: `backends[]`.
    let pattern: String
    /// The path in the text: `backends[2]`.
    let path: String
    /// `nil` when the section is not written.
    let value: SourceValue?
    /// Where something missing is reported.
    let location: ConfigurationLocation

    /// What all sections of one configuration share.
    struct Context {
        let table: KeyTable
        let diagnostics: Diagnostics
        let environment: [String: String]
    }

    // MARK: - Sections inside

    func section(_ name: String) -> Section {
        let inner = value?.entry(name)?.value
        return Section(
            context: context, pattern: KeyTable.join(pattern, name), path: KeyTable.join(path, name),
            value: inner, location: inner?.location ?? location
        )
    }

    /// The mappings in a list; whatever else stands in it was reported before.
    func elements(_ name: String) -> [Section] {
        guard case .list(let elements) = value?.entry(name)?.value.content else { return [] }
        let mayBeNames = context.table[pattern, name]?.type == .namedList
        return elements.enumerated().compactMap { index, element in
            var element = element
            if mayBeNames, case .scalar = element.content { element = element.named }
            guard case .mapping = element.content else { return nil }
            return Section(
                context: context, pattern: KeyTable.join(pattern, name) + "[]",
                path: "\(KeyTable.join(path, name))[\(index)]", value: element, location: element.location
            )
        }
    }

    /// The mappings in a mapping, by the names the operator chose.
    func entries(_ name: String) -> [(name: String, section: Section)] {
        guard case .mapping(let entries) = value?.entry(name)?.value.content else { return [] }
        return entries.compactMap { entry in
            guard case .mapping = entry.value.content else { return nil }
            let section = Section(
                context: context, pattern: KeyTable.join(pattern, name) + ".*",
                path: Self.path(KeyTable.join(path, name), chosen: entry.name),
                value: entry.value, location: entry.value.location
            )
            return (entry.name, section)
        }
    }

    /// `models.aliases.my-llama`, but `models.aliases['a.b']`.
    static func path(_ path: String, chosen name: String) -> String {
        Pattern.name.matches(name) && !name.contains(".") ? "\(path).\(name)" : "\(path)['\(name)']"
    }

    // MARK: - What is written

    func has(_ name: String) -> Bool { value?.entry(name) != nil }

    /// Whether nothing, or a list without elements, is written.
    func isEmpty(_ name: String) -> Bool {
        switch value?.entry(name)?.value.content {
        case nil: true
        case .list(let elements): elements.isEmpty
        default: false
        }
    }

    // MARK: - Reports

    func error(_ name: String, _ message: String) {
        context.diagnostics.error(message, key: KeyTable.join(path, name), at: location(of: name))
    }

    func warn(_ name: String, _ message: String) {
        context.diagnostics.warn(message, key: KeyTable.join(path, name), at: location(of: name))
    }

    /// Reports that `name` has to be written, and why.
    func missing(_ name: String, _ reason: String? = nil) {
        error(name, "missing required key '\(name)'\(reason.map { ": \($0)" } ?? "")")
    }

    private func location(of name: String) -> ConfigurationLocation {
        value?.entry(name)?.value.location ?? location
    }
}
