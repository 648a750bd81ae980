extension Configuration {
    /// `models`.
    static let modelKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "models.aliases", .mapping, .words("empty"),
            "Model names of the operator's own; they win over all others. `NAME/*` stands for all that begin with `NAME/`.",
            ["MOD-001", "SELF-011"]
        ),
        ConfigurationKey(
            "models.aliases.*.backend", .text, .required, "The backend or pool that serves the name.", ["MOD-001"]),
        ConfigurationKey(
            "models.aliases.*.model", .text, .words("required"),
            "The model's name there; `*`: what stands behind `NAME/`. May be left out for a backend with an endpoint id.",
            ["MOD-001", "SELF-010", "SELF-011"]
        ),
        ConfigurationKey(
            "models.list", .texts, .words("empty"), "Further names for the model list.", ["MOD-006"]),
        ConfigurationKey(
            "models.discover", .boolean, .value("false"), "Adds the upstream's own list.", ["MOD-006"]
        ),
        ConfigurationKey(
            "models.cache_ttl", .duration(lifetimes), .value("600s"),
            "How long the upstream's list is kept.", ["MOD-006"]
        ),
        ConfigurationKey(
            "models.profiles", .list, .words("the table of model families"),
            "Rows that add to the table of model profiles, or change it; columns left out stay as they are."
        ),
        ConfigurationKey(
            "models.profiles[].match", .text, .required,
            "A bare model id; `*` stands for any characters, the longest match wins."
        ),
        profile("think", .word(of: Profile.Think.self), "How reasoning is controlled."),
        profile("budget.min", .integer(0...1_000_000), "Smallest thinking budget, in tokens.", ["THINK-004"]),
        profile("budget.max", .integer(0...1_000_000), "Largest thinking budget, in tokens.", ["THINK-004"]),
        profile("levels", .texts, "Accepted thinking levels, from least to most.", ["THINK-001"]),
        profile(
            "default", .text,
            "Reasoning when nothing is asked: a level, tokens, `dynamic`, `off`, or `model`: its own."
        ),
        profile("off", .boolean, "Whether reasoning can be switched off.", ["THINK-001"]),
        profile(
            "sampling", .word(of: Profile.Sampling.self),
            "Whether temperature, top-p and top-k are sent; `retry` drops them after a 400 that names one.",
            ["REQ-006", "REQ-007", "REQ-008"]
        ),
        profile("penalty", .boolean, "Whether penalties are sent.", ["REQ-009", "REQ-010"]),
        profile("candidates", .boolean, "Whether one call may give several candidates.", ["REQ-005"]),
        profile("function_call_ids", .boolean, "Whether function calls carry ids.", ["TOOL-046"]),
        profile("media", .word(of: Profile.MediaResolution.self), "Where the media resolution is set."),
        profile("end_model", .boolean, "Whether a conversation may end with a model turn.", ["MSG-022"]),
        profile(
            "combo", .boolean, "Whether built-in tools, functions and JSON output may be combined.",
            ["FMT-007"]
        ),
        profile(
            "schema_mode", .word(of: Backend.SchemaMode.self),
            "Whether schemas travel as JSON Schema or in the OpenAPI subset.", ["SCH-002"]
        ),
    ]

    private static func profile(
        _ name: String, _ type: ConfigurationKey.ValueType, _ meaning: String, _ rules: [String] = []
    ) -> ConfigurationKey {
        ConfigurationKey("models.profiles[].\(name)", type, .words("the table's"), meaning, rules)
    }
}
