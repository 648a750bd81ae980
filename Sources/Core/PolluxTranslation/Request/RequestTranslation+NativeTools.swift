internal import PolluxJSON
internal import PolluxOpenAIWire

/// Gemini's own tools, and functions that are declared in its own form (TOOL-009, TOOL-011, XB-006).
extension RequestTranslation {
    /// Writes one of Gemini's tools; one that is there already is not written again (TOOL-011).
    mutating func writeNative(
        _ name: String, _ value: JSONNode?, path: @autoclosure () -> String, _ written: inout Set<String>
    ) {
        guard written.insert(name).inserted else {
            return notes.note(.ignored, path(), rule: "TOOL-011", "\(APIError.shortened(name)) is there already")
        }
        writer.beginObject()
        writer.key(text: name)
        if let value, json.isObject(value) || json.isArray(value) {
            writer.copyCamelCased(value, of: json)
        } else {
            writer.raw("{}")
        }
        writer.endObject()
    }

    /// Gemini's own in an element of `tools`: `{"google_search":{}}`, several of them, or
    /// `{"type":"google_search"}` (TOOL-009).
    ///
    /// - Returns: the tools by their `camelCase` names, with the member that says so.
    func nativeTools(_ tool: JSONNode) -> [(name: String, value: JSONNode?, member: String)] {
        if let type = json.value("type", of: tool) {
            let name = camelCase(json.string(type))
            guard Self.nativeTools.contains(name) else { return [] }
            return [(name, camelCasedMembers(tool, of: json).first { $0.name == name }?.value, "type")]
        }
        var found: [(name: String, value: JSONNode?, member: String)] = []
        var members = json.members(tool)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            let word = json.string(member.key)
            let name = camelCase(word)
            if Self.nativeTools.contains(name) { found.append((name, member.value, word)) }
        }
        return found
    }

    static let nativeTools: Set<String> = [
        "googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext", "googleMaps", "computerUse",
        "enterpriseWebSearch", "retrieval", "parallelAiSearch", "exaAiSearch", "fileSearch",
    ]

    // MARK: Declarations

    static let declarations = "functionDeclarations"

    /// Whether `extra_body.google.tools` declares functions.
    var hasNativeDeclarations: Bool {
        var found = false
        forEachNativeDeclaration { _, _ in found = true }
        return found
    }

    /// The functions that `extra_body.google.tools` declares, in all of its elements.
    ///
    /// - Parameter body: is told where the function stands: the tool, and its place in it.
    private func forEachNativeDeclaration(_ body: (JSONNode, (tool: Int, place: Int)) -> Void) {
        guard let tools = google.tools else { return }
        var elements = json.elements(tools)
        var index = 0
        while let tool = elements.next(in: json) {
            for (name, value) in camelCasedMembers(tool, of: json) where name == Self.declarations {
                if json.isObject(value) { body(value, (index, 0)) }  // Google takes one alone for a list of one.
                var functions = json.elements(value)
                var place = 0
                while let function = functions.next(in: json) {
                    body(function, (index, place))
                    place += 1
                }
            }
            index += 1
        }
    }

    /// Reads the names of these functions. One whose name is taken is left out: OpenAI's members win (TOOL-011).
    mutating func readNativeDeclarations() {
        if google.tools == nil { return }
        var functions: [(JSONNode, (tool: Int, place: Int))] = []
        forEachNativeDeclaration { functions.append(($0, $1)) }
        for (function, at) in functions {
            // What is wrong with one that has no name, the service says.
            if let name = json.value("name", of: function), json.isString(name),
                !plan.toolNames.declare(name, of: json)
            {
                let name = APIError.shortened(json.string(name))
                let path = "extra_body.google.tools[\(at.tool)].function_declarations[\(at.place)]"
                notes.note(.ignored, path, rule: "TOOL-011", "\(name) is declared already")
            } else {
                nativeDeclarations.append(function)
            }
        }
    }

    mutating func writeNativeDeclarations() {
        let choice = onlyDeclared
        for function in nativeDeclarations {
            if let choice, let name = json.value("name", of: function), !choice.contains(json.string(name)) { continue }
            writer.beginObject()
            var written: Set<String> = []
            if let name = json.value("name", of: function), json.isString(name) {
                written = ["name"]
                writer.key("name")
                writeFunctionName(name, path: "extra_body.google.tools[].function_declarations[]")
            }
            writer.memberwiseCamelCased(function, of: json, except: written)
            writer.endObject()
        }
    }
}
