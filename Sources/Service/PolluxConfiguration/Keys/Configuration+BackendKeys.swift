extension Configuration {
    /// `backends`.
    static let backendKeys: [ConfigurationKey] = [
        ConfigurationKey("backends", .list, .required, "The upstreams; at least one."),
        ConfigurationKey("backends[].name", .text, .required, "The backend's name; unique."),
        ConfigurationKey(
            "backends[].kind", .word(of: Backend.Kind.self), .required,
            "What answers there: a Google API, one endpoint of Vertex AI, or a Chat Completions server.",
            ["SELF-001", "SELF-003", "SELF-004", "SELF-006"]
        ),
        ConfigurationKey(
            "backends[].project", .text, .words("the path's, else the environment's"),
            "Google Cloud project.",
            ["EP-013"]
        ),
        ConfigurationKey(
            "backends[].location", .text, .words("the path's, else the environment's, else `global`"),
            "Google Cloud location.", ["EP-013"]
        ),
        ConfigurationKey(
            "backends[].locations", .namedList, .words("none"),
            "Kinds `vertex` and `vertex-openapi`, instead of `location`: locations that stand in for each other.",
            ["EP-013"]
        ),
        ConfigurationKey(
            "backends[].locations[].name", .text, .required, "Google Cloud location.", ["EP-013"]),
        ConfigurationKey(
            "backends[].locations[].weight", .integer(Share.weights), .words("none: in order"),
            "Its share of the requests; 1 where only others have one. With 0 it only stands in."
        ),
        ConfigurationKey(
            "backends[].locations[].base_url", .url, .words("the backend's, else Google's host"),
            "Scheme, host and port of this location.", ["HOST-006"]
        ),
        ConfigurationKey(
            "backends[].base_url", .url, .words("Google's host by kind"),
            "Kind `openai`, required: all before `/chat/completions`. Others: scheme, host and port.",
            ["HOST-006", "SELF-003"]
        ),
        ConfigurationKey(
            "backends[].api_key", .secret, .words("none"),
            "Kind `openai`: the bearer token; without it, the client's when `auth.mode` is `passthrough`, else none.",
            ["SELF-003"]
        ),
        ConfigurationKey(
            "backends[].credentials.type", .word(of: Backend.CredentialType.self),
            .words("`adc`; `api_key` for kind `gemini-api`"),
            "Where Google credentials come from; not used when `auth.mode` is `passthrough`.",
            ["CRED-001", "CRED-005", "CRED-007"]
        ),
        ConfigurationKey(
            "backends[].credentials.path", .text, .words("none"),
            "Type `file`, required: path of a JSON file of Google's credential formats.",
            ["CRED-002", "CRED-006"]
        ),
        ConfigurationKey(
            "backends[].credentials.key", .secret,
            .words("environment variable `GOOGLE_API_KEY`, then `GEMINI_API_KEY`"),
            "Type `api_key`: the key.", ["CRED-007"]
        ),
        ConfigurationKey(
            "backends[].credentials.impersonate", .text, .words("none"),
            "E-mail address of a service account to act as.", ["CRED-004"]
        ),
        ConfigurationKey(
            "backends[].profile", .text, .words("each model's own"),
            "A model id whose profile serves all models of this backend."
        ),
        ConfigurationKey(
            "backends[].schema_mode", .word(of: Backend.SchemaMode.self), .value("json"),
            "Whether schemas travel as JSON Schema or in the OpenAPI subset.", ["SCH-001", "SCH-002"]
        ),
        ConfigurationKey(
            "backends[].endpoint_id", .text, .words("none"),
            "Kinds `vertex-endpoint` and `gemini-tuned`, required: the endpoint's id or full name.",
            ["SELF-001", "SELF-006", "EP-013"]
        ),
        ConfigurationKey(
            "backends[].dedicated_dns", .text, .words("the shared host"),
            "Host of a dedicated endpoint, exactly as its resource names it.", ["HOST-004", "SELF-002"]
        ),
        ConfigurationKey(
            "backends[].base_model", .text, .words("none"),
            "Kind `gemini-tuned`, required without `profile`: the model it was made from.",
            ["SELF-006"]
        ),
        ConfigurationKey(
            "backends[].server", .word(of: EndpointOptions.Server.self), .value("vllm"),
            "The program in the container.", ["SELF-014", "SELF-016", "SELF-031"]
        ),
        ConfigurationKey(
            "backends[].normalize", .boolean, .words("`true` for server `tgi`, else `false`"),
            "Repairs answers that differ from the Chat Completions reference.", ["SELF-031", "SELF-042"]
        ),
        ConfigurationKey(
            "backends[].map_developer_role", .boolean, .value("true"),
            "Sends the role `developer` as `system` to vLLM; TGI always gets `system`.", ["SELF-014"]
        ),
        ConfigurationKey(
            "backends[].legacy_max_tokens", .boolean, .value("false"),
            "Sends `max_completion_tokens` as `max_tokens`, for TGI before 3.", ["SELF-015"]
        ),
        ConfigurationKey(
            "backends[].tgi_legacy_grammar", .boolean, .value("false"),
            "Sends JSON schemas in the form of TGI before 3.2.", ["SELF-021"]
        ),
        ConfigurationKey(
            "backends[].echo_model", .boolean, .value("false"),
            "Answers with the model name the client sent, not the container's.", ["SELF-033"]
        ),
        ConfigurationKey(
            "backends[].upstream_model", .text, .words("the client's"),
            "Replaces the request's `model`.", ["SELF-010"]
        ),
    ]
}
