internal import PolluxJSON
internal import PolluxOpenAIWire

/// The members of `extra_body.google` and of the top-level `google`, and our own of `pollux`.
///
/// `extra_body` wins per member: the Python SDK merges its `extra_body` argument into the top level, so
/// many callers send the top-level form without knowing (REQ-030). Names may be written `snake_case` or
/// `camelCase` (GEN-007).
struct GoogleExtensions {
    var safetySettings, cachedContent, thinkingConfig, thoughtTagMarker: JSONNode?
    var streamFunctionCallArguments, tools, mediaResolution, toolConfig, generationConfig: JSONNode?
    var responseModalities, speechConfig, imageConfig, audioTimestamp, aspectRatio: JSONNode?
    var labels, modelArmorConfig: JSONNode?

    // Ours.
    var thoughts, trailingAssistant, usage, explain, strict, repair: JSONNode?

    init() {}

    init(_ request: ChatCompletionRequest, of json: borrowing JSONDocument) {
        if let node = request[.google] { readGoogle(node, of: json) }
        if let node = request[.pollux] { readPollux(node, of: json) }
        guard let extra = request[.extraBody] else { return }
        if let node = json.value("google", of: extra) { readGoogle(node, of: json) }
        if let node = json.value("pollux", of: extra) { readPollux(node, of: json) }
    }

    private mutating func readGoogle(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            switch snakeCase(json.string(member.key)) {
            case "safety_settings": safetySettings = member.value
            case "cached_content": cachedContent = member.value
            case "thinking_config": thinkingConfig = member.value
            case "thought_tag_marker": thoughtTagMarker = member.value
            case "stream_function_call_arguments": streamFunctionCallArguments = member.value
            case "tools": tools = member.value
            case "media_resolution": mediaResolution = member.value
            case "tool_config": toolConfig = member.value
            case "generation_config": generationConfig = member.value
            case "response_modalities": responseModalities = member.value
            case "speech_config": speechConfig = member.value
            case "image_config": imageConfig = member.value
            case "audio_timestamp": audioTimestamp = member.value
            case "aspect_ratio": aspectRatio = member.value
            case "labels": labels = member.value
            case "model_armor_config": modelArmorConfig = member.value
            default: break
            }
        }
    }

    private mutating func readPollux(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard !json.isNull(member.value) else { continue }
            switch json.string(member.key) {
            case "thoughts": thoughts = member.value
            case "trailing_assistant": trailingAssistant = member.value
            case "usage": usage = member.value
            case "explain": explain = member.value
            case "strict": strict = member.value
            case "repair": repair = member.value
            default: break
            }
        }
    }
}
