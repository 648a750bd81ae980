import PolluxJSON

extension PromptTokens {
    /// The tokens of a whole request: instruction, contents and tools.
    init(_ request: GenerateRequest, _ json: borrowing JSONDocument) {
        if let instruction = request.systemInstruction { add(instruction, json) }
        for content in request.contents { add(content, json) }
        if let tools = request.tools { addText(bytes: json.length(tools)) }
    }

    private mutating func add(_ content: Content, _ json: borrowing JSONDocument) {
        for part in content.parts {
            switch part.data {
            case .text(let node): addText(bytes: json.length(node))
            case .inlineData(let mimeType, _): addMedia(mimeType: json.text(of: mimeType) ?? "")
            case .fileData(let mimeType, _): addMedia(mimeType: json.text(of: mimeType) ?? "")
            case .functionCall(let name, let arguments):
                addText(bytes: length(name, json) + length(arguments, json))
            case .functionResponse(let name, let response, let parts):
                addText(bytes: length(name, json) + length(response, json))
                for _ in json.each(parts) { add(Self.tokensOfMedia, of: "IMAGE") }
            case .other: addText(bytes: 16)
            case .none: break
            }
        }
    }

    private func length(_ node: JSONNode?, _ json: borrowing JSONDocument) -> Int {
        node.map { json.length($0) } ?? 0
    }
}
