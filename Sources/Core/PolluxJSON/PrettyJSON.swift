/// JSON with a line for each value, for people.
public enum PrettyJSON {
    /// The same value, indented by two spaces; what is no JSON stays as it is.
    public static func text(of bytes: [UInt8]) -> [UInt8] {
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span, limits: JSONLimits(acceptsLoneSurrogates: true))) != nil else {
            return bytes
        }
        var output = ByteOutput(minimumCapacity: bytes.count * 2)
        append(.root, of: tape.document(of: bytes.span), depth: 0, to: &output)
        return output.array()
    }

    private static func append(
        _ node: JSONNode, of json: borrowing JSONDocument, depth: Int, to output: inout ByteOutput
    ) {
        if json.isArray(node), !json.isEmpty(node) {
            output.append("[" as Unicode.Scalar)
            var elements = json.elements(node)
            var isFirst = true
            while let element = elements.next(in: json) {
                newLine(depth + 1, isFirst: isFirst, &output)
                isFirst = false
                append(element, of: json, depth: depth + 1, to: &output)
            }
            newLine(depth, isFirst: true, &output)
            output.append("]" as Unicode.Scalar)
        } else if json.isObject(node), !json.isEmpty(node) {
            output.append("{" as Unicode.Scalar)
            var members = json.members(node)
            var isFirst = true
            while let member = members.next(in: json) {
                newLine(depth + 1, isFirst: isFirst, &output)
                isFirst = false
                append(member.key, of: json, depth: depth + 1, to: &output)
                output.append(": " as StaticString)
                append(member.value, of: json, depth: depth + 1, to: &output)
            }
            newLine(depth, isFirst: true, &output)
            output.append("}" as Unicode.Scalar)
        } else {
            output.append(json.bytes.extracting(json.outerRange(node)))
        }
    }

    private static func newLine(_ depth: Int, isFirst: Bool, _ output: inout ByteOutput) {
        if !isFirst { output.append("," as Unicode.Scalar) }
        output.append("\n" as Unicode.Scalar)
        for _ in 0..<depth { output.append("  " as StaticString) }
    }
}
