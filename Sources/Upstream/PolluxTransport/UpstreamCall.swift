/// A request under way, from the moment it is sent to the end of its answer.
public final class UpstreamCall {
    /// By which the receiver knows it.
    let number: Int
    /// Who gets the answer; nobody once it has ended, or was cancelled.
    private(set) var receiver: (any UpstreamReceiver)?
    private(set) var isCancelled = false
    private var connection: UpstreamConnection?
    private var isReading = true

    init(_ number: Int, _ receiver: any UpstreamReceiver) {
        self.number = number
        self.receiver = receiver
    }

    func begin(on connection: UpstreamConnection) {
        self.connection = connection
        if !isReading { connection.setReading(false) }
    }

    /// The answer has ended, or there is none; gives who is to hear of it.
    func end() -> (any UpstreamReceiver)? {
        let receiver = receiver
        self.receiver = nil
        connection = nil
        return receiver
    }

    /// There is no connection for it.
    func fail(_ failure: UpstreamFailure) { end()?.upstream(number, didFailWith: failure) }

    /// Gives the request up: its connection is closed, and the receiver hears nothing more.
    public func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        receiver = nil
        connection?.cancel()
        connection = nil
    }

    /// Stops or goes on reading the answer, as the client takes it (STREAM-010).
    public func setReading(_ isReading: Bool) {
        self.isReading = isReading
        connection?.setReading(isReading)
    }
}
