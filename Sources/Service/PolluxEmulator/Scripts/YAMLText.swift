import PolluxJSON
import Yams

/// YAML as JSON, so that one reader reads both.
///
/// - Limits: `maximumBytes` of text; `maximumValues` after anchors are expanded; `maximumDepth`.
enum YAMLText {
    static let maximumBytes = 16 << 20
    private static let maximumValues = 100_000
    private static let maximumDepth = 64

    /// - Throws: a 400 with the place of the first fault. An empty text is an empty mapping.
    static func json(_ text: String) throws(GoogleError) -> [UInt8] {
        guard text.utf8.count <= maximumBytes else {
            throw .invalid("The script is larger than \(maximumBytes) bytes.")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch let error as YamlError {
            throw .invalid("The script is not valid YAML: \(error)")
        } catch {
            throw .invalid("The script is not valid YAML.")
        }
        var writer = JSONWriter()
        guard let node else { return Array("{}".utf8) }
        var budget = maximumValues
        try write(node, depth: 0, &budget, into: &writer)
        return writer.output.array()
    }

    private static func write(
        _ node: Node, depth: Int, _ budget: inout Int, into writer: inout JSONWriter
    ) throws(GoogleError) {
        budget -= 1
        guard budget > 0, depth < maximumDepth else { throw .invalid("The script is too large or nested too deeply.") }
        switch node {
        case .scalar(let scalar):
            write(scalar, into: &writer)
        case .sequence(let sequence):
            writer.beginArray()
            for element in sequence { try write(element, depth: depth + 1, &budget, into: &writer) }
            writer.endArray()
        case .mapping(let mapping):
            writer.beginObject()
            for (key, value) in mapping {
                writer.key(text: key.scalar?.string ?? "")
                try write(value, depth: depth + 1, &budget, into: &writer)
            }
            writer.endObject()
        case .alias:
            // The composer replaces aliases by what they stand for.
            writer.null()
        }
    }

    /// Plain words are what JSON knows them as; all else is text.
    private static func write(_ scalar: Node.Scalar, into writer: inout JSONWriter) {
        guard scalar.style == .plain || scalar.style == .any else { return writer.string(text: scalar.string) }
        switch scalar.string {
        case "", "~", "null": return writer.null()
        case "true": return writer.boolean(true)
        case "false": return writer.boolean(false)
        default: break
        }
        let bytes = Array(scalar.string.utf8)
        var tape = JSONTape()
        if let first = bytes.first,
            first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            (try? tape.parse(bytes.span)) != nil
        {
            return writer.raw(bytes.span)
        }
        writer.string(text: scalar.string)
    }
}
