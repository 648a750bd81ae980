public import PolluxSecret

extension Configuration {
    /// One upstream: what it is, where it is, and how Pollux authenticates there.
    public struct Backend: Sendable, Hashable {
        public var name: String
        public var kind: Kind
        /// `nil`: the path's, or what the environment knows (`01` § 5.1).
        public var project: String?
        /// `nil`: the path's, or what the environment knows (`01` § 5.1).
        public var location: String?
        /// Several locations that serve the same models; empty where there is one.
        public var locations: [Share]
        /// Kind `openai`: the base of all paths. Others: replaces scheme, host and port (HOST-006).
        /// `nil`: Google's host by kind and location.
        public var baseURL: BaseURL?
        /// Kind `openai` only: sent as bearer token. `nil`: none.
        public var apiKey: Secret?
        /// `nil` for kind `openai`, and when `auth.mode` is `passthrough`.
        public var credentials: Credentials?
        /// A model name whose profile serves all models of this backend. `nil`: each model's own.
        public var profile: String?
        public var schemaMode: SchemaMode
        public var endpoint: EndpointOptions

        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Gemini models on Vertex AI.
            case vertex
            /// The Gemini Developer API.
            case geminiAPI = "gemini-api"
            /// A container on a Vertex AI endpoint (SELF-001, SELF-002).
            case vertexEndpoint = "vertex-endpoint"
            /// A tuned Gemini model on a Vertex AI endpoint (SELF-006).
            case geminiTuned = "gemini-tuned"
            /// Other publishers' models on Vertex AI (SELF-004).
            case vertexOpenAPI = "vertex-openapi"
            /// vLLM, TGI, or anything else that speaks Chat Completions (SELF-003).
            case openAI = "openai"

            /// Whether Vertex AI answers, so that a Google access token opens it.
            public var isVertex: Bool { self != .geminiAPI && self != .openAI }
            /// Whether one endpoint is registered, by its identifier.
            public var needsEndpointID: Bool { self == .vertexEndpoint || self == .geminiTuned }
        }

        /// How JSON Schemas travel (SCH-001, SCH-002).
        public enum SchemaMode: String, Sendable, Hashable, CaseIterable {
            case json
            case openAPI = "openapi"
        }

        /// How a backend's managed credentials are found (`01` § 5).
        public struct Credentials: Sendable, Hashable {
            public var source: Source
            /// The e-mail address of a service account (CRED-004).
            public var impersonate: String?

            public enum Source: Sendable, Hashable {
                /// Google's search order (CRED-001).
                case applicationDefault
                /// Any JSON of Google's credential formats.
                case file(path: String)
                case metadata
                case apiKey(Secret)

                /// Of the file, where it is one.
                public var path: String? {
                    if case .file(let path) = self { path } else { nil }
                }
            }
        }
    }

    /// What a self-deployed model needs (`09` § 3).
    public struct EndpointOptions: Sendable, Hashable {
        /// The short identifier; `nil` unless the kind needs one.
        public var endpointID: String?
        /// The host of a dedicated endpoint, exactly as its resource names it (HOST-004).
        public var dedicatedDNS: String?
        /// The Gemini model a tuned model was made from.
        public var baseModel: String?
        public var server: Server
        /// Repairs answers (SELF-031); by default for TGI only.
        public var normalize: Bool
        /// `developer` becomes `system` on vLLM too; on TGI it always does (SELF-014).
        public var mapDeveloperRole: Bool
        /// TGI before 3 (SELF-015).
        public var legacyMaxTokens: Bool
        /// TGI before 3.2 (SELF-021).
        public var tgiLegacyGrammar: Bool
        /// The client's own model name in answers (SELF-033).
        public var echoModel: Bool
        /// Replaces the request's `model` (SELF-010).
        public var upstreamModel: String?

        /// The program in the container.
        public enum Server: String, Sendable, Hashable, CaseIterable {
            case vllm
            case tgi
        }

        init(_ section: Section, endpointID: String?) {
            self.endpointID = endpointID
            dedicatedDNS = section.text("dedicated_dns", matching: .dnsName)
            baseModel = section.text("base_model", matching: .modelName)
            server = section.word("server", fallback: .vllm)
            normalize = section.optionalBoolean("normalize") ?? (server == .tgi)
            mapDeveloperRole = section.boolean("map_developer_role")
            legacyMaxTokens = section.boolean("legacy_max_tokens")
            tgiLegacyGrammar = section.boolean("tgi_legacy_grammar")
            echoModel = section.boolean("echo_model")
            upstreamModel = section.text("upstream_model")
        }
    }
}
