extension ParameterLedger {
    /// Gemini's own tools among the client's.
    static let nativeTools = RequestTranslation.nativeTools.sorted().map { name in
        Row(
            path: "tools[].\(snakeCase(name))", fate: .translated, remark: "tools[].\(name), a tool of Gemini's own",
            rules: "TOOL-009")
    }

    /// Google's extensions, and our own.
    static let extensions: [Row] = [
        Row(
            path: "extra_body", fate: .translated,
            remark: "its members google and pollux are read",
            rules: "REQ-029"
        ),
        Row(path: "google", fate: .translated, remark: "as extra_body.google, which wins", rules: "REQ-030"),
        Row(path: "pollux", fate: .translated, remark: "as extra_body.pollux, which wins", rules: "REQ-029"),
        Row(
            path: "extra_content", fate: .ignored,
            remark: "it belongs on messages, parts and calls",
            rules: "REQ-031"
        ),
        Row(
            path: "extra_part", fate: .ignored,
            remark: "it belongs on messages, parts and calls",
            rules: "REQ-031"
        ),
        Row(
            path: "extra_body.google.safety_settings", fate: .translated,
            remark: "safetySettings",
            rules: "XB-001"
        ),
        Row(
            path: "extra_body.google.cached_content", fate: .translated,
            remark: "cachedContent, its name completed",
            rules: "XB-002"
        ),
        Row(
            path: "extra_body.google.thinking_config", fate: .translated,
            remark: "generationConfig.thinkingConfig",
            rules: "XB-003"
        ),
        Row(
            path: "extra_body.google.thought_tag_marker", fate: .translated,
            remark: "tags around thoughts, out and in",
            rules: "XB-004"
        ),
        Row(
            path: "extra_body.google.stream_function_call_arguments", fate: .translated,
            remark: "toolConfig, on Vertex with stream",
            rules: "XB-005"
        ),
        Row(
            path: "extra_body.google.tools", fate: .translated,
            remark: "tools, behind the functions",
            rules: "XB-006"
        ),
        Row(
            path: "extra_body.google.media_resolution", fate: .translated,
            remark: "generationConfig.mediaResolution",
            rules: "XB-007"
        ),
        Row(
            path: "extra_body.google.tool_config", fate: .translated,
            remark: "toolConfig, united",
            rules: "XB-008"
        ),
        Row(
            path: "extra_body.google.generation_config", fate: .translated,
            remark: "generationConfig, united",
            rules: "XB-009"
        ),
        Row(
            path: "extra_body.google.response_modalities", fate: .translated,
            remark: "generationConfig.responseModalities",
            rules: "XB-010"
        ),
        Row(
            path: "extra_body.google.speech_config", fate: .translated,
            remark: "generationConfig.speechConfig",
            rules: "XB-010"
        ),
        Row(
            path: "extra_body.google.image_config", fate: .translated,
            remark: "generationConfig.imageConfig",
            rules: "XB-010"
        ),
        Row(
            path: "extra_body.google.audio_timestamp", fate: .translated,
            remark: "generationConfig.audioTimestamp, on Vertex",
            rules: "XB-010"
        ),
        Row(
            path: "extra_body.google.aspect_ratio", fate: .translated,
            remark: "generationConfig.imageConfig.aspectRatio",
            rules: "XB-011"
        ),
        Row(
            path: "extra_body.google.labels", fate: .translated,
            remark: "labels, on Vertex",
            rules: "XB-012"
        ),
        Row(
            path: "extra_body.google.model_armor_config", fate: .translated,
            remark: "modelArmorConfig, on Vertex",
            rules: "XB-012"
        ),
        Row(
            path: "extra_body.pollux.thoughts", fate: .translated,
            remark: "where thoughts appear: content or reasoning_content",
            rules: "THINK-033"
        ),
        Row(
            path: "extra_body.pollux.trailing_assistant", fate: .translated,
            remark: "continue or error",
            rules: "MSG-022"
        ),
        Row(path: "extra_body.pollux.usage", fate: .translated, remark: "openai or google", rules: "USE-002"),
        Row(
            path: "extra_body.pollux.explain", fate: .translated,
            remark: "notes in the header x-pollux-notes",
            rules: "GEN-002"
        ),
        Row(
            path: "extra_body.pollux.strict", fate: .translated,
            remark: "every field without effect is a 400",
            rules: "GEN-002"
        ),
        Row(
            path: "extra_body.pollux.repair", fate: .translated,
            remark: "broken tool histories are mended",
            rules: "TOOL-031"
        ),
    ]
}
