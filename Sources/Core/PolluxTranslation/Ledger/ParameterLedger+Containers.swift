extension ParameterLedger {
    /// What stands in `extra_content` and `extra_part`, and where else clients put it (MSG-024, SIG-005).
    static let containers: [Row] = [
        Row(
            path: "messages[].extra_content", fate: .translated,
            remark: "thought, thoughtSignature, and what tools return", rules: "MSG-024"
        ),
        Row(
            path: "messages[].extra_content.google.thought", fate: .translated,
            remark: "thought of the text; tags, and what is remembered of it, count first", rules: "THINK-041"
        ),
        Row(
            path: "messages[].extra_content.google.thought_signature", fate: .translated,
            remark: "thoughtSignature of the last text part, or of the first call", rules: "SIG-006"
        ),
        Row(
            path: "messages[].extra_content.google.parts", fate: .translated,
            remark: "functionResponse.parts of a tool's message", rules: "TOOL-049"
        ),
        Row(
            path: "messages[].extra_part", fate: .translated,
            remark: "the same; extra_content wins", rules: "MSG-024"
        ),
        Row(
            path: "messages[].content[].extra_content", fate: .translated,
            remark: "thought, thoughtSignature, videoMetadata, mediaResolution", rules: "MSG-024"
        ),
        Row(
            path: "messages[].content[].extra_content.google.thought", fate: .translated,
            remark: "thought of this part of an assistant's message", rules: "THINK-040"
        ),
        Row(
            path: "messages[].content[].extra_content.google.thought_signature", fate: .translated,
            remark: "thoughtSignature of this part", rules: "SIG-008"
        ),
        Row(
            path: "messages[].content[].extra_content.google.video_metadata", fate: .translated,
            remark: "videoMetadata of this part", rules: "MM-035"
        ),
        Row(
            path: "messages[].content[].extra_content.google.media_resolution", fate: .translated,
            remark: "mediaResolution, of the part or of the request", rules: "MM-015…017"
        ),
        Row(
            path: "messages[].content[].extra_part", fate: .translated,
            remark: "the same; extra_content wins", rules: "MSG-024"
        ),
        Row(
            path: "messages[].tool_calls[].extra_content", fate: .translated,
            remark: "thought, thoughtSignature", rules: "MSG-024"
        ),
        Row(
            path: "messages[].tool_calls[].extra_content.google.thought", fate: .translated,
            remark: "thought of the functionCall part", rules: "THINK-040"
        ),
        Row(
            path: "messages[].tool_calls[].extra_content.google.thought_signature", fate: .translated,
            remark: "thoughtSignature of the functionCall part", rules: "SIG-005"
        ),
        Row(
            path: "messages[].tool_calls[].extra_part", fate: .translated,
            remark: "the same; extra_content wins", rules: "MSG-024"
        ),
        Row(
            path: "messages[].tool_calls[].thought_signature", fate: .translated,
            remark: "thoughtSignature, where extra_content has none", rules: "SIG-005"
        ),
        Row(
            path: "messages[].tool_calls[].provider_specific_fields", fate: .translated,
            remark: "thoughtSignature, where extra_content has none", rules: "SIG-005"
        ),
        Row(
            path: "messages[].tool_calls[].function.extra_content", fate: .translated,
            remark: "thoughtSignature, where the call itself has none", rules: "SIG-005"
        ),
        Row(
            path: "messages[].tool_calls[].function.thought_signature", fate: .translated,
            remark: "thoughtSignature, where the call itself has none", rules: "SIG-005"
        ),
        Row(
            path: "messages[].tool_calls[].function.provider_specific_fields", fate: .translated,
            remark: "thoughtSignature, where the call itself has none", rules: "SIG-005"
        ),
        Row(
            path: "messages[].audio.data", fate: .translated,
            remark: "inlineData.data of an image that was generated", rules: "IMG-005"
        ),
        Row(
            path: "messages[].audio.extra_content", fate: .translated,
            remark: "inlineData.mimeType of an image that was generated", rules: "IMG-005"
        ),
    ]
}
