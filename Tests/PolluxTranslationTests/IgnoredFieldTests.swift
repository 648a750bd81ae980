import Foundation
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

/// No field is lost in silence, and none is said to be lost that is not.
@Suite("What is told of a field is true (GEN-002)")
struct IgnoredFieldTests {
    static let cases = GoldenTests.cases.filter { !$0.hasPrefix("embeddings/") && !$0.hasPrefix("errors/") }

    @Test("A member of a golden case that is told as ignored can be left out: the same goes upstream", arguments: cases)
    func ignored(name: String) throws {
        let golden = try GoldenCase(GoldenTests.root.appending(path: name))
        let request = try #require(golden.read("request.json"))
        guard let reports = golden.fieldReports(of: request) else { return }
        let expected = golden.translate(request: request).text
        for report in reports where report.fate == .ignored {
            guard let rest = try without(report.path, in: request) else { continue }
            let text = golden.translate(request: rest).text
            // What is left of a tool that does not count, because it stands there twice, is no tool.
            if text.contains("missing_required_parameter") { continue }
            #expect(text == expected, "\(name): \(report.path), \(report.detail)")
        }
    }

    /// The document without this member; `nil` when there is none: notes tell of elements and of whole messages, too.
    private func without(_ path: String, in bytes: [UInt8]) throws -> [UInt8]? {
        var tape = JSONTape()
        try tape.parse(bytes.span)
        var writer = JSONWriter()
        let count = copy(.root, at: "", without: path, of: tape.document(of: bytes.span), into: &writer)
        return count == 0 ? nil : writer.output.array()
    }

    /// - Returns: how many members were left out.
    private func copy(
        _ node: JSONNode, at place: String, without path: String, of json: borrowing JSONDocument,
        into writer: inout JSONWriter
    ) -> Int {
        var count = 0
        switch json.kind(node) {
        case .array:
            writer.beginArray()
            var elements = json.elements(node)
            var index = 0
            while let element = elements.next(in: json) {
                count += copy(element, at: "\(place)[\(index)]", without: path, of: json, into: &writer)
                index += 1
            }
            writer.endArray()
        case .object:
            writer.beginObject()
            var members = json.members(node)
            while let member = members.next(in: json) {
                let name = json.string(member.key)
                let own = place.isEmpty ? name : "\(place).\(name)"
                if own == path {
                    count += 1
                    continue
                }
                writer.key(copying: member.key, of: json)
                count += copy(member.value, at: own, without: path, of: json, into: &writer)
            }
            writer.endObject()
        default: writer.copy(node, of: json)
        }
        return count
    }
}
