import Logging
import PolluxCassette
import PolluxConfiguration
import PolluxHTTPClient
import PolluxReplay

/// What `--replay` puts in the upstreams' place.
struct Replay {
    let calls: [RecordedCall]
    private let server: ReplayServer

    /// - Throws: an error that names the folder, or the file that is no recording.
    init(folder: String, match: RequestMatch, timing: ReplayServer.Timing, logger: Logger) throws {
        do {
            calls = try RecordedCall.read(folder: folder)
        } catch {
            throw Failure("Cannot read the recordings in \(folder): \(SystemReason.text(error))")
        }
        guard !calls.isEmpty else { throw Failure("There are no recordings in \(folder).") }
        server = ReplayServer(Playlist(calls, match: match), timing: timing, logger: logger)
    }

    /// Listens while `body` runs, which gets the port.
    func serve(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run { port.yield($0) }
                port.finish()
            }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
        }
    }
}

/// The upstream that recordings are of, for a start without a configuration file.
struct RecordedUpstream {
    /// A backend as the configuration has it.
    let backend: String
    /// Where the recordings answer.
    let port: Int

    init(_ calls: [RecordedCall], port: Int) {
        self.port = port
        let path = calls[0].call.request.url.split(separator: "/").map(String.init)
        func after(_ word: String) -> String? {
            guard let index = path.firstIndex(of: word), index + 1 < path.count else { return nil }
            return path[index + 1]
        }
        if let project = after("projects") {
            backend =
                "{name: recorded, kind: vertex, project: \"\(project)\", location: \"\(after("locations") ?? "global")\"}"
        } else {
            backend = "{name: recorded, kind: gemini-api, credentials: {type: api_key, key: \"env:EMULATOR_KEY\"}}"
        }
    }
}

extension Configuration {
    /// Lets every backend's calls go to a server on this machine, without a credential.
    mutating func redirect(to port: Int) {
        for index in backends.indices {
            let path = backends[index].baseURL?.path ?? ""
            backends[index].baseURL = BaseURL(scheme: .http, host: "127.0.0.1", port: port, path: path)
            backends[index].credentials = nil
            backends[index].apiKey = nil
        }
    }
}
