extension ParameterLedger {
    /// Fields of messages and their parts.
    static let messages: [Row] = [
        Row(path: "messages", fate: .translated, remark: "contents, systemInstruction", rules: "REQ-001"),
        Row(
            path: "messages[].role", fate: .translated,
            remark: "user, model; system and developer become systemInstruction",
            rules: "MSG-001…006"
        ),
        Row(path: "messages[].content", fate: .translated, remark: "parts", rules: "MSG-010…014"),
        Row(
            path: "messages[].content[].type", fate: .translated,
            remark: "the kind of part; an unknown one is a 400",
            rules: "MSG-014"
        ),
        Row(path: "messages[].content[].text", fate: .translated, remark: "parts[].text", rules: "MSG-011"),
        Row(
            path: "messages[].content[].image_url", fate: .translated,
            remark: "inlineData, fileData",
            rules: "MM-010…014"
        ),
        Row(
            path: "messages[].content[].image_url.url", fate: .translated,
            remark: "inlineData, fileData",
            rules: "MM-001…004"
        ),
        Row(
            path: "messages[].content[].image_url.detail", fate: .translated,
            remark: "mediaResolution, of the part or of the request",
            rules: "MM-015…017"
        ),
        Row(
            path: "messages[].content[].input_audio", fate: .translated,
            remark: "inlineData, fileData",
            rules: "MM-020…023"
        ),
        Row(
            path: "messages[].content[].input_audio.data", fate: .translated,
            remark: "inlineData.data, fileData.fileUri",
            rules: "MM-020"
        ),
        Row(
            path: "messages[].content[].input_audio.format", fate: .translated,
            remark: "mimeType",
            rules: "MM-021"
        ),
        Row(
            path: "messages[].content[].file", fate: .translated,
            remark: "inlineData, fileData",
            rules: "MM-030…032"
        ),
        Row(
            path: "messages[].content[].file.file_data", fate: .translated,
            remark: "inlineData.data",
            rules: "MM-030"
        ),
        Row(
            path: "messages[].content[].file.file_id", fate: .translated,
            remark: "fileData.fileUri; ids of OpenAI uploads are a 400",
            rules: "MM-031"
        ),
        Row(
            path: "messages[].content[].file.filename", fate: .translated,
            remark: "displayName on Vertex; elsewhere only its ending counts",
            rules: "MM-032"
        ),
        Row(
            path: "messages[].content[].video_url", fate: .translated,
            remark: "inlineData, fileData",
            rules: "MM-033"
        ),
        Row(
            path: "messages[].content[].refusal", fate: .translated,
            remark: "parts[].text",
            rules: "MSG-011"
        ),
        Row(
            path: "messages[].content[].prompt_cache_breakpoint", fate: .ignored,
            remark: "Gemini caches by itself; explicit caches go through cached_content",
            rules: "REQ-027"
        ),
        Row(
            path: "messages[].name", fate: .ignored,
            remark: "only function messages are matched by it",
            rules: "MSG-008"
        ),
        Row(
            path: "messages[].refusal", fate: .translated,
            remark: "a text part, when content is empty",
            rules: "MSG-016"
        ),
        Row(
            path: "messages[].audio", fate: .translated,
            remark: "an image that was generated comes back as inlineData",
            rules: "IMG-005"
        ),
        Row(
            path: "messages[].audio.id", fate: .translated,
            remark: "inlineData, as long as the speech is remembered",
            rules: "MSG-017"
        ),
        Row(path: "messages[].images", fate: .translated, remark: "inlineData", rules: "IMG-005"),
        Row(
            path: "messages[].reasoning_content", fate: .translated,
            remark: "a thought part, for models that think",
            rules: "THINK-044"
        ),
        Row(
            path: "messages[].reasoning", fate: .translated,
            remark: "a thought part, for models that think",
            rules: "THINK-044"
        ),
        Row(
            path: "messages[].tool_calls", fate: .translated,
            remark: "functionCall parts",
            rules: "TOOL-046"
        ),
        Row(
            path: "messages[].tool_calls[].id", fate: .translated,
            remark: "functionCall.id on Gemini 3; else only for matching",
            rules: "TOOL-046"
        ),
        Row(
            path: "messages[].tool_calls[].type", fate: .translated,
            remark: "function and custom calls are told apart by their member",
            rules: "TOOL-007"
        ),
        Row(
            path: "messages[].tool_calls[].function", fate: .translated,
            remark: "functionCall",
            rules: "TOOL-046"
        ),
        Row(
            path: "messages[].tool_calls[].function.name", fate: .translated,
            remark: "functionCall.name",
            rules: "TOOL-002"
        ),
        Row(
            path: "messages[].tool_calls[].function.arguments", fate: .translated,
            remark: "functionCall.args",
            rules: "TOOL-047"
        ),
        Row(
            path: "messages[].tool_calls[].custom", fate: .translated,
            remark: "functionCall with args.input",
            rules: "TOOL-007"
        ),
        Row(
            path: "messages[].function_call", fate: .translated,
            remark: "functionCall part without id",
            rules: "TOOL-048"
        ),
        Row(
            path: "messages[].function_call.name", fate: .translated,
            remark: "functionCall.name",
            rules: "TOOL-048"
        ),
        Row(
            path: "messages[].function_call.arguments", fate: .translated,
            remark: "functionCall.args",
            rules: "TOOL-047"
        ),
        Row(
            path: "messages[].tool_call_id", fate: .translated,
            remark: "the place of the functionResponse",
            rules: "TOOL-031…032"
        ),
    ]
}
