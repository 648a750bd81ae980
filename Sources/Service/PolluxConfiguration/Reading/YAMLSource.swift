import Yams

/// YAML text → a tree with the place of every value. JSON is YAML, too.
///
/// - Limits: `maximumValues` after anchors are expanded, `maximumDepth`.
/// - Failure: reports the first syntax error with line and column, and gives nothing. No part of the
///   text is repeated, because it may hold secrets.
struct YAMLSource {
    let source: ConfigurationLocation.Source
    /// The key the text belongs to; empty for a whole file.
    let key: String
    let diagnostics: Diagnostics

    /// A few lines with anchors can stand for billions of values.
    private static let maximumValues = 100_000
    private static let maximumDepth = 32

    /// A text without a document is an empty mapping.
    func tree(of text: String) -> SourceValue? {
        var duplicates = DuplicateKeys(text)
        while true {
            do {
                guard let node = try Yams.compose(yaml: duplicates.text, .basic, .default, .utf8) else {
                    return SourceValue(content: .mapping([]), location: location(nil))
                }
                var budget = Self.maximumValues
                return try value(node, duplicates, depth: 0, &budget)
            } catch let error as YamlError {
                if case .duplicatedKeysInMapping(let names, let context) = error,
                    duplicates.tellApart(names, at: context.mark)
                {
                    continue
                }
                report(error, in: text)
                return nil
            } catch {
                diagnostics.error("is too large or nested too deeply", key: key, at: location(nil))
                return nil
            }
        }
    }

    private struct TooLarge: Error {}

    private func value(
        _ node: Node, _ duplicates: DuplicateKeys, depth: Int, _ budget: inout Int
    ) throws -> SourceValue {
        budget -= 1
        guard budget > 0, depth < Self.maximumDepth else { throw TooLarge() }
        let content: SourceValue.Content
        switch node {
        case .scalar(let scalar):
            content = Self.content(scalar)
        case .sequence(let sequence):
            content = .list(try sequence.map { try value($0, duplicates, depth: depth + 1, &budget) })
        case .mapping(let mapping):
            content = .mapping(
                try mapping.map { key, element in
                    SourceValue.Entry(
                        name: key.scalar.map { duplicates.original($0.string) } ?? "",
                        nameLocation: location(key.mark),
                        value: try value(element, duplicates, depth: depth + 1, &budget)
                    )
                }
            )
        case .alias:
            // The composer replaces aliases by what they stand for.
            content = .null
        }
        return SourceValue(content: content, location: location(node.mark))
    }

    private static func content(_ scalar: Node.Scalar) -> SourceValue.Content {
        let isQuoted = scalar.style != .plain && scalar.style != .any
        let isNull = !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        return isNull ? .null : .scalar(scalar.string, isQuoted: isQuoted)
    }

    private func location(_ mark: Mark?) -> ConfigurationLocation {
        ConfigurationLocation(source: source, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private func report(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            diagnostics.error("not valid YAML: \(problem)", key: key, at: location(mark))
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
            let column = (lines.last?.unicodeScalars.count ?? 0) + 1
            let place = ConfigurationLocation(source: source, line: lines.count, column: column)
            diagnostics.error("not valid YAML: \(problem)", key: key, at: place)
        case .duplicatedKeysInMapping(let names, let context):
            let list = names.sorted().map { "'\($0)'" }.joined(separator: ", ")
            diagnostics.error("duplicate key \(list)", key: key, at: location(context.mark))
        default:
            diagnostics.error("cannot be read as YAML", key: key, at: location(nil))
        }
    }
}
