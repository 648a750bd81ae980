public import PolluxSecret

extension Configuration {
    /// The log of requests, on standard output.
    public struct Log: Sendable, Hashable {
        public var format: Format

        public enum Format: String, Sendable, Hashable, CaseIterable {
            /// Text on a terminal, JSON elsewhere.
            case auto
            case json
            case text
        }

        init(_ section: Section) { format = section.word("format", fallback: .auto) }
    }

    /// Traces of requests, sent to a collector that speaks OTLP over HTTP.
    public struct Tracing: Sendable, Hashable {
        /// With its path, `/v1/traces` by custom; `nil`: no traces.
        public var endpoint: BaseURL?
        /// Sent to the collector as bearer token.
        public var token: Secret?
        /// The part of requests that is traced where the client does not decide, 0...1.
        public var sample: Double
        /// Whether the upstream gets `traceparent`, too.
        public var propagate: Bool

        init(_ section: Section) {
            endpoint = section.baseURL("endpoint", takesPath: true)
            token = section.secret("token")
            sample = section.fraction("sample")
            propagate = section.boolean("propagate")
        }
    }
}
