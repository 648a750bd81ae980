/// The ids of an answer's calls, of all its choices: none comes twice (TOOL-041).
struct CallIDs: Sendable {
    private var used: Set<String> = []
    /// The last suffix of each id that came more than once.
    private var suffixes: [String: Int] = [:]

    /// The id, with a suffix when it came before.
    mutating func unique(_ id: String) -> String {
        if used.insert(id).inserted { return id }
        var suffix = suffixes[id] ?? 1
        var other = id
        repeat {
            suffix += 1
            other = "\(id)-\(suffix)"
        } while !used.insert(other).inserted
        suffixes[id] = suffix
        return other
    }
}
