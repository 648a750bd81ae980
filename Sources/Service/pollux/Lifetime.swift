import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until a signal says that it is enough.
///
///     SIGTERM, SIGINT    the first lets the services end what they do, the second ends them at once
///     SIGHUP             is handed on
struct Lifetime {
    private let signals: UnixSignalsSequence

    /// From now on signals are caught, so that whoever is told that the process runs may send one.
    init() async { signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) }

    /// - Parameter services: started in this order, ended in the opposite one.
    func run(_ services: [any Service], logger: Logger, onHangup: @escaping @Sendable () -> Void) async throws {
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { await obey(group, onHangup) }
            // Whichever ends first: the services, or by the second signal our patience with them.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func obey(_ group: ServiceGroup, _ onHangup: @Sendable () -> Void) async {
        var isEnding = false
        for await signal in signals {
            if signal == .sighup {
                onHangup()
            } else if isEnding {
                return
            } else {
                isEnding = true
                await group.triggerGracefulShutdown()
            }
        }
    }
}
