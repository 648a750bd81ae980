extension Configuration {
    /// What the translation between the two APIs leaves to the operator.
    static let translationKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "errors.google_list_wrapper", .boolean, .value("false"),
            "Wraps error bodies in a list, as Google does.", ["ERR-002"]
        ),
        ConfigurationKey(
            "usage.mode", .word(of: Usage.Mode.self), .value("openai"),
            "Whether `completion_tokens` holds thoughts (`openai`) or not (`google`).", ["USE-002"]
        ),
        ConfigurationKey(
            "usage.prices", .text, .words("the shipped prices"),
            "A JSON file of prices by model, in dollars for a million tokens, that win over the shipped ones."
        ),
        ConfigurationKey(
            "usage.unpriced", .word(of: Usage.Unpriced.self), .value("free"),
            "Whether a key with a budget in dollars may use models whose price nobody knows, and which cost it nothing."
        ),
        ConfigurationKey(
            "thoughts.delivery", .word(of: Thoughts.Delivery.self), .value("content"),
            "Where thought text goes.", ["THINK-033"]
        ),
        ConfigurationKey(
            "thinking.strict_none", .boolean, .value("false"),
            "Refuses `reasoning_effort: none` where it is impossible, instead of asking for the least.",
            ["THINK-001"]
        ),
        ConfigurationKey(
            "thinking.merge_config", .boolean, .value("false"),
            "Merges a `thinking_config` that holds only `include_thoughts` with `reasoning_effort`.",
            ["THINK-014"]
        ),
        ConfigurationKey(
            "signature_cache.enabled", .boolean, .value("true"),
            "Remembers thought signatures for clients that drop them.", ["SIG-010"]
        ),
        ConfigurationKey(
            "signature_cache.max_bytes", .size(1024...(64 << 30)), .value("64MiB"), "Memory for signatures.",
            ["SIG-010"]
        ),
        ConfigurationKey(
            "signature_cache.ttl", .duration(lifetimes), .value("24h"),
            "How long a signature is kept after its last use.", ["SIG-010"]
        ),
        ConfigurationKey(
            "history.repair", .boolean, .value("false"),
            "Repairs conversations that the API would refuse, such as tool calls without results."
        ),
        ConfigurationKey(
            "trailing_assistant", .word(of: TrailingAssistant.self), .value("continue"),
            "What becomes of a last assistant message where the model refuses one.", ["MSG-022"]
        ),
        ConfigurationKey(
            "retry_malformed_function_call", .integer(0...5), .value("1"),
            "How often a malformed function call is asked for again.", ["RESP-031"]
        ),
        ConfigurationKey(
            "n_partial", .boolean, .value("false"),
            "Answers with the choices that succeeded when some of `n` calls failed.", ["NFAN-001"]
        ),
        ConfigurationKey(
            "metadata_as_labels", .boolean, .value("false"),
            "Sends `metadata` to Vertex AI as labels.", ["REQ-025"]
        ),
        ConfigurationKey(
            "service_tier_exclusive", .boolean, .value("false"),
            "Skips provisioned throughput for the tiers `flex` and `priority`.", ["TIER-002", "TIER-003"]
        ),
        ConfigurationKey(
            "strict_tools_validated", .boolean, .value("false"),
            "Lets `strict: true` on a tool ask Gemini to validate calls.", ["TOOL-005"]
        ),
        ConfigurationKey(
            "media.http", .word(of: Media.HTTP.self), .value("forward"),
            "Who fetches media addresses: Google (`forward`) or Pollux (`fetch`).", ["MM-003"]
        ),
        ConfigurationKey(
            "media.http_fallback", .boolean, .value("true"),
            "Fetches once itself when Google could not.", ["MM-006"]
        ),
        ConfigurationKey(
            "media.max_fetch_bytes", .size(1...(1 << 30)), .value("20MiB"),
            "Largest file Pollux fetches.", ["MM-040"]
        ),
        ConfigurationKey(
            "media.allow_private", .boolean, .value("false"),
            "Lets Pollux fetch from addresses that are not public; dangerous where clients are not trusted.",
            ["MM-040"]
        ),
        ConfigurationKey(
            "images.suppress_audio_field", .boolean, .value("false"),
            "Leaves out the `audio` member that carries a generated image.", ["IMG-006"]
        ),
        ConfigurationKey(
            "audio.cache_ttl", .duration(lifetimes), .value("3600s"),
            "How long generated speech can be referred to by its id.", ["AUD-005"]
        ),
    ]
}
