extension Configuration {
    /// How the process ends.
    public struct Shutdown: Sendable, Hashable {
        /// How long requests that run may go on.
        public var drainTimeout: Duration

        init(_ section: Section) {
            drainTimeout = section.duration("drain_timeout")
        }
    }

    /// When the configuration is read again, beside SIGHUP.
    public struct Reload: Sendable, Hashable {
        /// When a file that it was read from has changed.
        public var watch: Bool

        init(_ section: Section) {
            watch = section.boolean("watch")
        }
    }
}
