public import ArgumentParser
import Logging
public import PolluxCassette
import PolluxHTTPClient
public import PolluxReplay

/// `--record` and `--replay` of `pollux serve`.
struct RecordingOptions: ParsableArguments {
    @Option(help: "Write a file into this folder for each request: both sides, with times, without secrets.")
    var record: String?

    @Option(help: "What recordings keep of contents: keep, hash or remove.")
    var recordContents = ContentPolicy.keep

    @Option(help: "Answer from the recordings in this folder; nothing is sent to an upstream.")
    var replay: String?

    @Option(help: "When a request is a recorded one: strict or tolerant.")
    var replayMatch = RequestMatch.strict

    @Option(help: "When recorded answers are sent: none (at once) or original.")
    var replayTiming = ReplayServer.Timing.none

    func validate() throws {
        if record != nil, record == replay {
            throw ValidationError("--record and --replay must not name the same folder.")
        }
    }

    func openRecorder(_ logger: Logger) throws -> Recorder? {
        guard let record else { return nil }
        do {
            return try Recorder(folder: record, contents: recordContents) { logger.warning("\($0)") }
        } catch {
            throw Failure("Cannot write recordings into \(record): \(SystemReason.text(error))")
        }
    }

    func openReplay(_ logger: Logger) throws -> Replay? {
        guard let replay else { return nil }
        return try Replay(folder: replay, match: replayMatch, timing: replayTiming, logger: logger)
    }
}

extension ContentPolicy: ExpressibleByArgument {}
extension RequestMatch: ExpressibleByArgument {}
extension ReplayServer.Timing: ExpressibleByArgument {}
