extension Configuration {
    /// Where keys and usage are kept between two starts.
    public struct Store: Sendable, Hashable {
        /// `nil`: nowhere.
        public var path: String?
        /// How long single requests are remembered; the sums of their days stay.
        public var retention: Duration
        /// Rows of usage that wait while the file is away.
        public var maxPending: Int

        init(_ section: Section) {
            path = section.text("path")
            retention = section.duration("retention")
            maxPending = section.integer("max_pending")
        }
    }
}
