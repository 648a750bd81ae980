public import PolluxSecret

extension Configuration {
    /// The operator's own listener: metrics, state, the page (EP-010).
    public struct Admin: Sendable, Hashable {
        /// `nil`: there is none.
        public var listener: Listener?
        /// What its clients must bring; `nil` lets nobody in, unless ``allowAnonymous``.
        public var token: Secret?
        /// Takes effect on loopback only; elsewhere it is an error.
        public var allowAnonymous: Bool
        /// Names under which browsers may reach it, beside addresses, `localhost` and its own.
        public var hosts: [String]
        /// Requests that are remembered for the page.
        public var recentRequests: Int

        init(_ section: Section) {
            listener = Listener(admin: section)
            token = section.secret("token")
            allowAnonymous = section.boolean("allow_anonymous")
            hosts = section.texts("hosts", matching: .dnsName) ?? []
            recentRequests = section.integer("recent_requests")
        }
    }
}
