extension ParameterLedger {
    /// Fields beside the messages.
    static let parameters: [Row] = [
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
            path: "response_format.schema", fate: .translated,
            remark: "generationConfig.responseJsonSchema, beside a MIME type of Google's",
            rules: "FMT-005"
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
    ]
}
