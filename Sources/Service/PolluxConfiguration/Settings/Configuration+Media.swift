extension Configuration {
    /// How media addresses are served (MM-003, MM-006, MM-040).
    public struct Media: Sendable, Hashable {
        public var http: HTTP
        public var httpFallback: Bool
        public var maxFetchBytes: Int
        /// Lets Pollux fetch from addresses that are not public.
        public var allowPrivate: Bool

        public enum HTTP: String, Sendable, Hashable, CaseIterable {
            /// Google fetches.
            case forward
            /// Pollux fetches.
            case fetch
        }

        init(_ section: Section) {
            http = section.word("http", fallback: .forward)
            httpFallback = section.boolean("http_fallback")
            maxFetchBytes = section.size("max_fetch_bytes")
            allowPrivate = section.boolean("allow_private")
        }
    }

    /// Generated images (IMG-006).
    public struct Images: Sendable, Hashable {
        public var suppressAudioField: Bool

        init(_ section: Section) {
            suppressAudioField = section.boolean("suppress_audio_field")
        }
    }

    /// Generated speech (AUD-005).
    public struct Audio: Sendable, Hashable {
        public var cacheTTL: Duration

        init(_ section: Section) {
            cacheTTL = section.duration("cache_ttl")
        }
    }
}
