public import NIOCore

extension Channel {
    /// Asks for what comes next, at the end of a read, on a connection without TLS that is to be read on.
    ///
    /// After each read NIO asks for the next one over the pipeline, unless one was asked for already. This does the same
    /// at the pipeline's end, where that call would arrive: none of our handlers has a part in it. A channel that was
    /// closed meanwhile takes no notice. With TLS the pipeline may have a part: leave it to NIO.
    public func readOn() { _channelCore.read0() }
}
