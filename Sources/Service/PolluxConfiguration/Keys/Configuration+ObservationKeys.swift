extension Configuration {
    /// `log`, `tracing`, `server_timing`.
    static let observationKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "log.format", .word(of: Log.Format.self), .value("auto"),
            "Form of the log of requests; `auto` is `text` on a terminal and `json` elsewhere.", ["CRED-010"]
        ),
        ConfigurationKey(
            "tracing.endpoint", .url, .words("off"),
            "Where traces go, in OTLP over HTTP with its path, for example `http://127.0.0.1:4318/v1/traces`."
        ),
        ConfigurationKey(
            "tracing.token", .secret, .words("none"), "Sent to the collector of traces as `Authorization: Bearer`."
        ),
        ConfigurationKey(
            "tracing.sample", .fraction, .value("0.05"),
            "The part of requests that is traced, where no `traceparent` of the client decides."
        ),
        ConfigurationKey(
            "tracing.propagate", .boolean, .value("true"), "Sends `traceparent` upstream for requests that are traced."
        ),
        ConfigurationKey(
            "server_timing", .boolean, .value("true"),
            "Answers carry `Server-Timing`: what the gateway took, and what the upstream."
        ),
    ]
}
