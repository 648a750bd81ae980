public import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import PolluxJSON

/// Tries an endpoint that speaks Chat Completions: every case of the suite, one after the other.
public struct ConformanceSuite: Sendable {
    /// Where the endpoint is, and how it is spoken to.
    public struct Target: Sendable {
        /// Up to and with `/v1`.
        public var base: String
        public var key: String?
        /// Before a model's bare name: `google/`.
        public var modelPrefix: String

        public init(base: String, key: String?, modelPrefix: String) {
            self.base = base
            self.key = key
            self.modelPrefix = modelPrefix
        }
    }

    /// The longest that one answer may take.
    private static let patience = TimeAmount.seconds(30)
    private static let maximumAnswerBytes = 64 * 1024 * 1024

    private let target: Target
    private let client: HTTPClient
    private let upstream: ScriptedUpstream?
    private let cases: [ConformanceCase]

    /// Runs all cases.
    ///
    /// - Parameters:
    ///   - upstreamPort: where the suite stands in for Gemini on 127.0.0.1; the endpoint must be set up to call it.
    ///     Without it only the cases run that need nothing of the upstream.
    ///   - didStart: is called when the upstream listens, and gives the target; it may start it.
    public static func run(
        upstreamPort: Int?, client: HTTPClient, target: @escaping @Sendable (_ upstreamPort: Int) async throws -> Target
    ) async throws -> ConformanceReport {
        let cases = try ConformanceCase.all()
        guard let upstreamPort else {
            let suite = ConformanceSuite(target: try await target(0), client: client, upstream: nil, cases: cases)
            return try await suite.report()
        }
        let upstream = ScriptedUpstream()
        let (ports, port) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await upstream.run(host: "127.0.0.1", port: upstreamPort) { port.yield($0) }
            }
            defer { group.cancelAll() }
            for await port in ports {
                let suite = ConformanceSuite(
                    target: try await target(port), client: client, upstream: upstream, cases: cases
                )
                return try await suite.report()
            }
            try await group.next()  // It did not start: this throws the reason.
            throw CaseError("the upstream ended")
        }
    }

    /// - Throws: when nothing answers at the target's address.
    private func report() async throws -> ConformanceReport {
        _ = try await client.execute(HTTPClientRequest(url: target.base + "/models"), timeout: Self.patience)
        var report = ConformanceReport()
        for one in cases {
            guard upstream != nil || one.isLive else {
                report.add(one, .skipped)
                continue
            }
            report.add(one, await outcome(of: one))
        }
        return report
    }

    private func outcome(of one: ConformanceCase) async -> ConformanceReport.Outcome {
        var captured: [String: JSONValue] = [
            "flash": .string(target.modelPrefix + "gemini-2.5-flash"),
            "third": .string(target.modelPrefix + "gemini-3-flash-preview"),
        ]
        for (index, step) in one.steps.enumerated() {
            upstream?.script(step.answers)
            let observation: JSONValue
            do {
                observation = try await observe(step, captured)
            } catch {
                return .failed(["step \(index + 1): no answer: \(error)"])
            }
            let failures = step.expectations.compactMap { $0.failure(in: observation, captured: captured) }
            if !failures.isEmpty {
                return .failed(failures.map { one.steps.count > 1 ? "step \(index + 1): \($0)" : $0 })
            }
            for (name, path) in step.captures { captured[name] = path.value(in: observation) }
        }
        return .passed
    }

    private func observe(_ step: ConformanceCase.Step, _ captured: [String: JSONValue]) async throws -> JSONValue {
        var request = HTTPClientRequest(url: target.base + step.path)
        request.method = HTTPMethod(rawValue: step.method)
        request.headers.add(name: "content-type", value: "application/json")
        if let key = target.key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        for (name, value) in step.headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body = step.request?.substituting(captured) {
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        } else if let raw = step.raw {
            request.body = .bytes(ByteBuffer(string: raw))
        }
        let response = try await client.execute(request, timeout: Self.patience)
        var body: [UInt8] = []
        do {
            for try await piece in response.body {
                body += Array(piece.readableBytesView)
                if body.count > Self.maximumAnswerBytes { break }
            }
        } catch {
            // A stream that was cut off: what came is looked at.
        }
        return Observation.make(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) }, body: body,
            sent: upstream?.sent ?? []
        )
    }
}
