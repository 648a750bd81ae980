import Dispatch
import Synchronization

/// A program that runs beside us and prints an answer.
///
/// It leads a process group of its own, so that a stop ends what it has started too. It reads nothing, and
/// what it says on standard error is dropped.
final class Program: Sendable {
    struct Output: Sendable {
        /// 0 to 255 as the program said; 128 + n when signal n ended it.
        let status: Int32
        let bytes: [UInt8]
    }

    /// The longest answer that is read.
    static let maximumOutputBytes = 256 * 1024
    /// How often a reader that has nothing to read looks whether it shall stop.
    static let pollMilliseconds: Int32 = 100

    /// Why a program was ended before its time.
    private enum Stop { case overdue, tooLong, cancelled }

    private enum State {
        case running
        case stopped(Stop)
        /// Its number may belong to another process by now: no signal may be sent any more.
        case gone(Stop?)
    }

    private let process: ChildProcess
    private let state = Mutex(State.running)

    private init(_ process: ChildProcess) { self.process = process }

    /// Runs `command` to its end.
    ///
    /// - Parameters:
    ///   - command: a path or a name to look for in PATH, and its arguments.
    ///   - limit: after this time the program and its group are killed.
    static func run(
        _ command: [String], environment: [String: String], limit: Duration, time: CredentialTime
    ) async throws(CredentialError) -> Output {
        let program = Program(try ChildProcess(command, environment: environment))
        let result = await withTaskCancellationHandler {
            await withTaskGroup(of: Result<Output, CredentialError>?.self) { group in
                group.addTask { await program.ended() }
                group.addTask {
                    do {
                        try await time.sleep(limit)
                        program.stop(.overdue)
                    } catch {
                        // The program has ended, or the caller has: nothing is overdue.
                    }
                    return nil
                }
                var outcome: Result<Output, CredentialError>?
                while outcome == nil, let next = await group.next() { outcome = next }
                group.cancelAll()
                return outcome ?? .failure(.cancelled)
            }
        } onCancel: {
            program.stop(.cancelled)
        }
        return try result.get()
    }

    /// Reads and waits on a thread of its own, since both block.
    private func ended() async -> Result<Output, CredentialError> {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                let bytes = self.process.readOutput(
                    limit: Self.maximumOutputBytes, pollMilliseconds: Self.pollMilliseconds,
                    isStopped: { self.isStopped })
                if bytes == nil { self.stop(.tooLong) }
                self.process.awaitEnd()
                let (status, stop) = self.state.withLock { state in
                    let status = self.process.reap()
                    var stop: Stop?
                    if case .stopped(let reason) = state { stop = reason }
                    state = .gone(stop)
                    return (status, stop)
                }
                continuation.resume(returning: Self.result(bytes ?? [], status: status, stop: stop))
            }
        }
    }

    private static func result(_ bytes: [UInt8], status: Int32, stop: Stop?) -> Result<
        Output, CredentialError
    > {
        switch stop {
        case nil: .success(Output(status: status, bytes: bytes))
        case .overdue: .failure(CredentialError(.subjectToken, "it took too long and was stopped."))
        case .tooLong:
            .failure(CredentialError(.subjectToken, "it printed more than \(maximumOutputBytes) bytes."))
        case .cancelled: .failure(.cancelled)
        }
    }

    private var isStopped: Bool {
        state.withLock { state in
            if case .running = state { false } else { true }
        }
    }

    private func stop(_ reason: Stop) {
        state.withLock { state in
            guard case .running = state else { return }
            state = .stopped(reason)
            process.kill()
        }
    }
}
