extension FieldTable {
    /// The fields of a script, in the form of the services' own tables.
    ///
    /// Lengths of time are strings like `250ms`, `34s` or `2m`.
    static let script = FieldTable(
        """
        Script { seed int64, rules [Rule], quotas [Quota] }
        Rule { name string, match Match, skip int32, times int32, chance float, latency any, error Error,
            answer Answer, directives string, fault Fault, drip Drip, pace Pace } oneof(error, answer)
        Match { service (VERTEX|DEVELOPER|CONTAINER|TOKEN), method string, model string, region string,
            project string, path string, body string }
        Error { status int32, message string, reason string, retryAfter string }
        Answer { text string, json any, events [any], recording string, id string, status int32,
            contentType string, headers <string> } oneof(text, json, events, recording)
        Fault { kind (RESET|TRUNCATE|HANG), beforeHead bool, afterBytes int32, afterEvents int32 }
            oneof(beforeHead, afterBytes, afterEvents)
        Drip { bytes int32, every string }
        Pace { firstEvent string, everyEvent string, tokensPerSecond int32 }
        Quota { model string, region string, project string, requestsPerMinute int32, tokensPerMinute int32 }
            oneof(requestsPerMinute, tokensPerMinute)
        Clock { advance string }
        """
    )
}
