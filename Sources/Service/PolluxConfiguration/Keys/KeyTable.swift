/// `Configuration.keys`, arranged for looking up.
struct KeyTable: Sendable {
    static let shared = KeyTable(Configuration.keys)

    private let rows: [String: ConfigurationKey]
    /// By the path of a section, the names that may stand in it.
    private let names: [String: [String]]
    /// The keys that a single text can set, by their environment variables.
    let variables: [String: ConfigurationKey]

    init(_ keys: [ConfigurationKey]) {
        rows = Dictionary(keys.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        variables = Dictionary(
            keys.compactMap { key in key.environmentVariable.map { ($0, key) } },
            uniquingKeysWith: { first, _ in first }
        )
        var names: [String: [String]] = [:]
        for key in keys {
            var section = ""
            for component in key.path.split(separator: ".") {
                let name = component.hasSuffix("[]") ? component.dropLast(2) : component
                if name != "*", !names[section, default: []].contains(String(name)) {
                    names[section, default: []].append(String(name))
                }
                section = section.isEmpty ? String(component) : "\(section).\(component)"
            }
        }
        self.names = names
    }

    /// The row of `name` in the section at `path`.
    subscript(path: String, name: String) -> ConfigurationKey? { rows[Self.join(path, name)] }

    /// The names that may stand in the section at `path`; empty when there is no such section.
    func names(in path: String) -> [String] { names[path] ?? [] }

    /// Every key a single text can set, by its dotted path.
    var settablePaths: [String] { variables.values.map(\.path) }

    static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension KeyTable {
    /// `; did you mean 'listen'?`, or nothing.
    ///
    /// In this order: a name of the same section with one letter wrong; keys of exactly this name
    /// elsewhere (`port` at the top becomes `admin.port` or `listen.port`); the nearest name of the
    /// section; the nearest whole path, for who writes `listen.prt: 80`.
    func suggestion(for name: String, in path: String) -> String {
        let near = EditDistance.nearest(to: name, among: names(in: path))
        if let near, EditDistance.between(name, near) == 1 { return Self.question([near]) }
        let paths = rows.keys.sorted()
        let elsewhere = paths.filter { $0.hasSuffix(".\(name)") }
        if !elsewhere.isEmpty { return Self.question(elsewhere) }
        if let near { return Self.question([near]) }
        guard name.contains("."), let path = EditDistance.nearest(to: name, among: paths) else { return "" }
        return Self.question([path])
    }

    private static let maximumSuggestions = 3

    private static func question(_ paths: [String]) -> String {
        let list = paths.prefix(maximumSuggestions).map { "'\($0)'" }.joined(separator: " or ")
        return "; did you mean \(list)?"
    }
}
