import PolluxLimits

extension Configuration {
    /// Every key, in the order of the document.
    public static let keys: [ConfigurationKey] =
        serviceKeys + observationKeys + authKeys + backendKeys + poolKeys + routingKeys + modelKeys + upstreamKeys
        + translationKeys

    static let anyPort = 0...65_535
    static let waits: ClosedRange<Duration> = .milliseconds(1)...(.seconds(86_400))
    static let lifetimes: ClosedRange<Duration> = .seconds(1)...(.seconds(30 * 86_400))
    static let ages: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
    static let bodies = 1...(2 << 30)

    /// `listen`, `admin`, `limits`, `shutdown`, `reload`.
    private static let serviceKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "listen.address", .text, .value("127.0.0.1"),
            "Host name or address on which clients connect; `0.0.0.0` and `::` are all addresses."
        ),
        ConfigurationKey(
            "listen.port", .integer(anyPort), .value("8080"), "Port for clients; 0 takes any free one."),
        ConfigurationKey(
            "admin.address", .text, .value("127.0.0.1"), "Host name or address of the admin listener.",
            ["EP-010"]
        ),
        ConfigurationKey(
            "admin.port", .integer(anyPort), .words("off"),
            "Port of the admin listener, which serves `/metrics` and the page; without it there is none.", ["EP-010"]
        ),
        ConfigurationKey(
            "admin.token", .secret, .words("nobody gets in"),
            "What clients of the admin listener send as `Authorization: Bearer`.", ["EP-010"]
        ),
        ConfigurationKey(
            "admin.allow_anonymous", .boolean, .value("false"),
            "Lets everybody in who reaches the admin listener; for loopback addresses only.", ["EP-010"]
        ),
        ConfigurationKey(
            "admin.hosts", .texts, .words("empty"),
            "Names by which browsers may reach the admin listener, beside addresses and `localhost`.", ["EP-010"]
        ),
        ConfigurationKey(
            "admin.recent_requests", .integer(0...10_000), .value("500"),
            "How many requests the admin listener remembers; without their contents.", ["EP-010"]
        ),
        ConfigurationKey(
            "limits.max_body_bytes", .size(bodies), .value("64MiB"),
            "A larger request body is refused with 413.", ["GEN-010"]
        ),
        ConfigurationKey(
            "limits.max_concurrent_requests", .integer(1...1_000_000), .value("1024"),
            "Requests served at once; further ones wait in `limits.queue`, or are answered 503 `server_overloaded`."
        ),
        ConfigurationKey(
            "limits.queue", .integer(0...1_000_000), .value("0"),
            "Requests that may wait until others have ended; 0: none does."
        ),
        ConfigurationKey(
            "limits.queue_timeout", .duration(waits), .value("10s"),
            "How long a request may wait; then it is answered 503 `server_overloaded`."
        ),
        ConfigurationKey(
            "limits.default_output_tokens", .integer(1...10_000_000), .words("what the model can"),
            "Tokens reserved for an answer whose request names no maximum, in `tpm` and in budgets."
        ),
        ConfigurationKey(
            "limits.max_connections", .integer(1...10_000_000),
            .words("what the process may open, less what requests need of it"),
            "Connections of clients; beyond, the longest idle one is closed, or the new one is answered 503."
        ),
        ConfigurationKey(
            "shutdown.drain_timeout", .duration(waits), .value("30s"),
            "After SIGTERM running requests may go on this long; then they end with an error."
        ),
        ConfigurationKey(
            "reload.watch", .boolean, .value("true"),
            "Reads the configuration again when its file, or a file of a secret, has changed; SIGHUP always does."
        ),
    ]

    /// `auth`, `store`, `cors`.
    private static let authKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "auth.mode", .word(of: Auth.Mode.self),
            .words(
                "`passthrough` when the only backend is on Vertex AI and has no `credentials`, else `gateway`"
            ),
            "How clients identify themselves: with a Google token, a key of this gateway, or not.",
            ["AUTH-001", "AUTH-002", "AUTH-003"]
        ),
        ConfigurationKey(
            "auth.keys", .list, .words("empty"), "The keys clients may use in mode `gateway`.", ["AUTH-005"]),
        ConfigurationKey(
            "auth.keys[].name", .text, .required, "The key's name in logs, metrics and limits; unique.",
            ["AUTH-005"]
        ),
        ConfigurationKey(
            "auth.keys[].sha256", .text, .required, "SHA-256 digest of the key in 64 hexadecimal digits.",
            ["AUTH-005"]
        ),
        ConfigurationKey(
            "auth.keys[].models", .texts, .words("any"),
            "Models the key may use, by their own names or their aliases; `*` stands for any characters.",
            ["AUTH-005"]
        ),
        ConfigurationKey(
            "auth.keys[].projects", .texts, .words("any"), "Projects the key may name.", ["AUTH-005"]),
        ConfigurationKey(
            "auth.keys[].rpm", .integer(1...1_000_000), .words("no limit"), "Requests per minute.", ["AUTH-005"]
        ),
        ConfigurationKey(
            "auth.keys[].tpm", .integer(KeyLimits.counts), .words("no limit"),
            "Tokens per minute, of prompts and answers."
        ),
        ConfigurationKey(
            "auth.keys[].concurrent", .integer(KeyLimits.counts), .words("no limit"), "Requests at a time."
        ),
        ConfigurationKey(
            "auth.keys[].budget_day", .text, .words("no limit"),
            "Dollars for each day in UTC, by the prices that are known (`usage.prices`)."
        ),
        ConfigurationKey("auth.keys[].budget_month", .text, .words("no limit"), "Dollars for each month in UTC."),
        ConfigurationKey(
            "auth.keys[].budget_day_tokens", .integer(KeyLimits.tokenBudgets), .words("no limit"),
            "Tokens for each day in UTC."
        ),
        ConfigurationKey(
            "auth.keys[].budget_month_tokens", .integer(KeyLimits.tokenBudgets), .words("no limit"),
            "Tokens for each month in UTC."
        ),
        ConfigurationKey(
            "auth.revoked_streams", .word(of: Auth.RevokedStreams.self), .value("finish"),
            "Whether a stream whose key was revoked may come to its end."
        ),
        ConfigurationKey(
            "auth.allow_anonymous", .boolean, .value("false"),
            "Permits mode `none` on a listener that other machines can reach.", ["AUTH-003"]
        ),
        ConfigurationKey(
            "auth.allow_query_key", .boolean, .value("false"),
            "Accepts the client's credential as `key=` in the query, too.", ["AUTH-004"]
        ),
        ConfigurationKey(
            "store.path", .text, .words("off"),
            "The SQLite file that holds keys made with `pollux keys`, and usage; made when it is not there."
        ),
        ConfigurationKey(
            "store.retention", .duration(.seconds(3600)...(.seconds(3660 * 86_400))), .value("2160h"),
            "How long single requests are remembered; the sums of their days stay."
        ),
        ConfigurationKey(
            "store.max_pending", .integer(1000...10_000_000), .value("100000"),
            "Requests whose usage waits in memory while the file cannot be written; more are counted as lost."
        ),
        ConfigurationKey(
            "cors.allowed_origins", .texts, .words("empty"),
            "Origins whose web pages may call; `*` allows all. Empty: no CORS headers.", ["EP-012"]
        ),
    ]

    /// `routing`.
    private static let routingKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "routing.default_backend", .text, .words("the first backend"),
            "The backend or pool of requests whose path and model name no other.", ["EP-001", "EP-004", "EP-005"]
        ),
        ConfigurationKey(
            "routing.override", .boolean, .value("false"),
            "A backend's project and location win over those of the path.", ["EP-013"]
        ),
        ConfigurationKey(
            "routing.allowed_projects", .texts, .words("any"), "Projects a path may name; others are 403.",
            ["EP-013"]
        ),
        ConfigurationKey(
            "routing.allowed_locations", .texts, .words("any"), "Locations a path may name; others are 403.",
            ["EP-013"]
        ),
        ConfigurationKey(
            "routing.forward_publishers", .boolean, .value("true"),
            "Forwards models of other publishers to Google's own OpenAI endpoint.", ["MOD-005"]
        ),
        ConfigurationKey(
            "routing.forward_unknown_endpoints", .boolean, .value("true"),
            "Forwards to endpoints of Vertex AI that are not registered as backends.", ["SELF-005"]
        ),
    ]

    /// `upstream`, `stream`.
    private static let upstreamKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "upstream.timeout", .duration(waits), .value("600s"),
            "How long Pollux waits for the head of a response, or for the whole of one that is not streamed.",
            ["ERR-026"]
        ),
        ConfigurationKey(
            "upstream.connect_timeout", .duration(waits), .value("10s"),
            "How long a connection may take to open.", ["ERR-025"]
        ),
        ConfigurationKey(
            "upstream.first_byte_timeout", .duration(waits), .words("`upstream.timeout`"),
            "How long the head of a response may take, of a stream its first event, before another try is made."
        ),
        ConfigurationKey(
            "upstream.max_retries", .integer(0...10), .value("1"),
            "Attempts after the first at the same place, before any byte went to the client.", ["ERR-050"]
        ),
        ConfigurationKey(
            "upstream.retry_429", .boolean, .value("false"),
            "Repeats requests answered 429 at the same place, too; other locations are always tried.",
            ["ERR-051"]
        ),
        ConfigurationKey(
            "upstream.retry_budget", .integer(1...100), .value("20"),
            "Second tries of the whole process, in percent of its requests; ten a second are always allowed.",
            ["ERR-050"]
        ),
        ConfigurationKey(
            "upstream.hedge_tokens_per_hour", .integer(0...1_000_000_000), .value("0"),
            "Tokens that second requests to another location may cost in an hour; 0 sends none."
        ),
        ConfigurationKey(
            "upstream.forward_headers", .texts, .words("empty"),
            "Further client headers that go upstream in mode `passthrough`.", ["AUTH-007"]
        ),
        ConfigurationKey(
            "upstream.base_url", .url, .words("Google's hosts"),
            "Replaces scheme, host and port of every Google backend without a `base_url` of its own.",
            ["HOST-006"]
        ),
        ConfigurationKey(
            "upstream.ca_file", .text, .words("the system's authorities alone"),
            "PEM file of certificate authorities to trust beside the system's: for upstreams, token endpoints and media."
        ),
        ConfigurationKey(
            "upstream.max_connection_age", .duration(ages), .value("10m"),
            "A connection is not kept for longer, so that a name's new address is found."
        ),
        ConfigurationKey(
            "stream.keepalive", .duration(waits), .value("15s"),
            "After this time without an event a stream gets a comment line.", ["STREAM-006"]
        ),
        ConfigurationKey(
            "stream.idle_timeout", .duration(waits), .value("300s"),
            "After this time without a byte from upstream a stream ends with an error.", ["STREAM-011"]
        ),
    ]
}
