/// What becomes of every field of a request. No field is lost in silence: each has a row here, and the
/// documentation is written from it.
public struct ParameterLedger: Sendable {
    public enum Fate: String, Sendable {
        case translated
        /// Accepted and without effect.
        case ignored
    }

    public struct Row: Sendable {
        /// `messages[].content[].image_url.detail`
        public var path: String
        public var fate: Fate
        /// Where it goes, or why it goes nowhere.
        public var remark: String
        /// Rules, `REQ-006`.
        public var rules: String
    }

    /// The row for a field: its own, else that of the nearest field it is part of.
    public static func row(for path: String) -> Row? {
        var path = path[...]
        while true {
            if let row = rows.first(where: { $0.path == path }) { return row }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
    }

    /// The table as a document.
    public static func markdown() -> String {
        var text = """
            # Parameters

            What becomes of every field of a Chat Completions request. A member that is not listed is ignored; a
            listed one of the wrong type is a 400 that names it. `null` is the same as absent. This document is
            written from the table in the code.

            | field | fate | where it goes, or why it goes nowhere | rules |
            | --- | --- | --- | --- |

            """
        for row in rows { text += "| `\(row.path)` | \(row.fate.rawValue) | \(row.remark) | \(row.rules) |\n" }
        return text
    }

    public static let rows: [Row] = [
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
            path: "messages[].audio.id", fate: .ignored,
            remark: "generated speech is not kept",
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
        Row(
            path: "messages[].extra_content", fate: .translated,
            remark: "thought, thoughtSignature, videoMetadata, mediaResolution",
            rules: "MSG-024"
        ),
        Row(
            path: "messages[].extra_part", fate: .translated,
            remark: "the same; extra_content wins",
            rules: "MSG-024"
        ),
        Row(path: "model", fate: .translated, remark: "the address", rules: "MOD-001"),
        Row(
            path: "max_completion_tokens", fate: .translated,
            remark: "generationConfig.maxOutputTokens",
            rules: "REQ-003"
        ),
        Row(
            path: "max_tokens", fate: .translated,
            remark: "generationConfig.maxOutputTokens",
            rules: "REQ-004"
        ),
        Row(
            path: "n", fate: .translated,
            remark: "generationConfig.candidateCount, or several calls",
            rules: "REQ-005, NFAN-001"
        ),
        Row(
            path: "temperature", fate: .translated,
            remark: "generationConfig.temperature; left out for models that do not take it",
            rules: "REQ-006"
        ),
        Row(
            path: "top_p", fate: .translated,
            remark: "generationConfig.topP; left out for models that do not take it",
            rules: "REQ-007"
        ),
        Row(
            path: "top_k", fate: .translated,
            remark: "generationConfig.topK; left out for models that do not take it",
            rules: "REQ-008"
        ),
        Row(
            path: "frequency_penalty", fate: .translated,
            remark: "generationConfig.frequencyPenalty; left out for models that do not take it",
            rules: "REQ-009"
        ),
        Row(
            path: "presence_penalty", fate: .translated,
            remark: "generationConfig.presencePenalty; left out for models that do not take it",
            rules: "REQ-010"
        ),
        Row(
            path: "seed", fate: .translated,
            remark: "generationConfig.seed, folded to 32 bits",
            rules: "REQ-011"
        ),
        Row(path: "stop", fate: .translated, remark: "generationConfig.stopSequences", rules: "REQ-012"),
        Row(path: "stream", fate: .translated, remark: "streamGenerateContent", rules: "REQ-013"),
        Row(path: "stream_options", fate: .translated, remark: "when usage is sent", rules: "REQ-014"),
        Row(
            path: "stream_options.include_usage", fate: .translated,
            remark: "when usage is sent",
            rules: "STREAM-040…042"
        ),
        Row(
            path: "stream_options.include_obfuscation", fate: .ignored,
            remark: "nothing is padded",
            rules: "REQ-015"
        ),
        Row(
            path: "response_format", fate: .translated,
            remark: "generationConfig.responseMimeType and schema",
            rules: "FMT-001…007"
        ),
        Row(
            path: "response_format.type", fate: .translated,
            remark: "generationConfig.responseMimeType",
            rules: "FMT-002…006"
        ),
        Row(
            path: "response_format.json_schema", fate: .translated,
            remark: "generationConfig.responseJsonSchema",
            rules: "FMT-004"
        ),
        Row(
            path: "response_format.json_schema.name", fate: .translated,
            remark: "checked, for error messages",
            rules: "FMT-004"
        ),
        Row(
            path: "response_format.json_schema.description", fate: .translated,
            remark: "the schema's description",
            rules: "FMT-004"
        ),
        Row(
            path: "response_format.json_schema.schema", fate: .translated,
            remark: "generationConfig.responseJsonSchema",
            rules: "SCH-001"
        ),
        Row(
            path: "response_format.json_schema.strict", fate: .ignored,
            remark: "Gemini always follows the schema",
            rules: "FMT-004"
        ),
        Row(
            path: "tools", fate: .translated,
            remark: "tools[].functionDeclarations and native tools",
            rules: "TOOL-001, TOOL-009"
        ),
        Row(
            path: "tools[].type", fate: .translated,
            remark: "function, custom or a native tool",
            rules: "TOOL-012"
        ),
        Row(path: "tools[].function", fate: .translated, remark: "functionDeclarations[]", rules: "TOOL-001"),
        Row(
            path: "tools[].function.name", fate: .translated,
            remark: "functionDeclarations[].name",
            rules: "TOOL-002"
        ),
        Row(
            path: "tools[].function.description", fate: .translated,
            remark: "functionDeclarations[].description",
            rules: "TOOL-003"
        ),
        Row(
            path: "tools[].function.parameters", fate: .translated,
            remark: "functionDeclarations[].parametersJsonSchema",
            rules: "TOOL-004, SCH-001"
        ),
        Row(
            path: "tools[].function.strict", fate: .ignored,
            remark: "mode VALIDATED by request of the operator",
            rules: "TOOL-005"
        ),
        Row(
            path: "tools[].custom", fate: .translated,
            remark: "a function with one string argument",
            rules: "TOOL-007"
        ),
        Row(
            path: "tool_choice", fate: .translated,
            remark: "toolConfig.functionCallingConfig",
            rules: "TOOL-020…030"
        ),
        Row(
            path: "parallel_tool_calls", fate: .translated,
            remark: "false: only the first call of a choice is returned",
            rules: "STREAM-036"
        ),
        Row(path: "functions", fate: .translated, remark: "tools[].functionDeclarations", rules: "TOOL-006"),
        Row(
            path: "functions[].name", fate: .translated,
            remark: "functionDeclarations[].name",
            rules: "TOOL-006"
        ),
        Row(
            path: "functions[].description", fate: .translated,
            remark: "functionDeclarations[].description",
            rules: "TOOL-006"
        ),
        Row(
            path: "functions[].parameters", fate: .translated,
            remark: "functionDeclarations[].parametersJsonSchema",
            rules: "TOOL-006"
        ),
        Row(
            path: "function_call", fate: .translated,
            remark: "toolConfig.functionCallingConfig",
            rules: "TOOL-028"
        ),
        Row(path: "web_search_options", fate: .translated, remark: "tools[].googleSearch", rules: "REQ-018"),
        Row(
            path: "web_search_options.search_context_size", fate: .ignored,
            remark: "Google Search has no such choice",
            rules: "REQ-018"
        ),
        Row(
            path: "web_search_options.user_location", fate: .ignored,
            remark: "Google Search has no such choice",
            rules: "REQ-018"
        ),
        Row(
            path: "reasoning_effort", fate: .translated,
            remark: "generationConfig.thinkingConfig",
            rules: "THINK-001…006"
        ),
        Row(
            path: "logprobs", fate: .translated,
            remark: "generationConfig.responseLogprobs",
            rules: "REQ-020"
        ),
        Row(path: "top_logprobs", fate: .translated, remark: "generationConfig.logprobs", rules: "REQ-021"),
        Row(
            path: "modalities", fate: .translated,
            remark: "generationConfig.responseModalities",
            rules: "REQ-022"
        ),
        Row(path: "audio", fate: .translated, remark: "generationConfig.speechConfig", rules: "REQ-023"),
        Row(
            path: "audio.voice", fate: .translated,
            remark: "speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName",
            rules: "AUD-002"
        ),
        Row(
            path: "audio.format", fate: .translated,
            remark: "the form of the answer's audio; others than pcm16 and wav are a 400",
            rules: "AUD-003"
        ),
        Row(
            path: "service_tier", fate: .translated,
            remark: "headers on Vertex, serviceTier on the Developer API",
            rules: "TIER-001…004"
        ),
        Row(
            path: "metadata", fate: .ignored,
            remark: "labels on Vertex by request of the operator",
            rules: "REQ-025"
        ),
        Row(path: "user", fate: .ignored, remark: "Gemini has no such field", rules: "REQ-026"),
        Row(path: "safety_identifier", fate: .ignored, remark: "Gemini has no such field", rules: "REQ-026"),
        Row(path: "prompt_cache_key", fate: .ignored, remark: "Gemini caches by itself", rules: "REQ-027"),
        Row(
            path: "prompt_cache_retention", fate: .ignored,
            remark: "Gemini caches by itself",
            rules: "REQ-027"
        ),
        Row(
            path: "prompt_cache_options", fate: .ignored,
            remark: "Gemini caches by itself",
            rules: "REQ-027"
        ),
        Row(path: "store", fate: .ignored, remark: "nothing is stored", rules: "REQ-028"),
        Row(path: "prediction", fate: .ignored, remark: "Gemini has no such field", rules: "REQ-028"),
        Row(path: "verbosity", fate: .ignored, remark: "Gemini has no such field", rules: "REQ-028"),
        Row(
            path: "moderation", fate: .ignored,
            remark: "safety settings go through extra_body.google",
            rules: "REQ-028"
        ),
        Row(
            path: "logit_bias", fate: .ignored,
            remark: "Gemini has no such field; anything but an object is a 400",
            rules: "REQ-028"
        ),
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
