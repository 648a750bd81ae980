import Logging
import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxGoogleAuth
import PolluxOpenAIWire
import PolluxSecret
import PolluxTranslation
import PolluxTransport

/// `pollux check --live`: for each backend, which credential was found where, a token, and one call.
///
/// Says how long things took and what helps; never the text of a token or a key.
struct LiveCheck {
    let configuration: Configuration
    let builder: GatewayBuilder
    let loop: any EventLoop
    /// Takes what is found, line by line.
    let print: (String) -> Void

    /// The model that is asked for where the configuration names none.
    static let usualModel = "gemini-2.5-flash"

    /// What ends the check of a backend.
    private struct Fault: Error {
        /// Which step failed.
        let step: String
        let message: String
        let remedy: String
    }

    /// - Returns: how many backends are ready.
    func run() async -> Int {
        var ready = 0
        for backend in configuration.backends {
            print("backend '\(backend.name)', \(backend.kind.rawValue)")
            do throws(Fault) {
                try await check(backend)
                print("  ready\n")
                ready += 1
            } catch {
                show(error.step, error.message)
                show("remedy", error.remedy)
                print("  not ready\n")
            }
        }
        print("\(ready) of \(configuration.backends.count) backends ready.")
        return ready
    }

    private func show(_ step: String, _ text: String) {
        print("  " + step + String(repeating: " ", count: max(1, 12 - step.count)) + text)
    }

    private func check(_ backend: Configuration.Backend) async throws(Fault) {
        var loaded: LoadedCredential?
        if configuration.auth.mode != .passthrough, let configured = backend.credentials {
            do throws(CredentialError) {
                loaded = try await builder.load(configured)
            } catch {
                throw Fault(step: "credential", message: error.message, remedy: Remedy.of(error))
            }
        }
        let credential = try await self.credential(of: backend, loaded)
        var found = GatewayBuilder.Found(credential: credential.kind, project: loaded?.projectID)
        if let loaded { found.universe = loaded.universeDomain }
        let built = builder.make(backend, of: configuration, with: found)
        let probe = built.probe(model: model(of: built))
        show("call", "\(probe.method) \(probe.url)")
        let began = ContinuousClock.now
        let outcome = await ProbeCall.send(
            request(probe, credential), tls: builder.tls,
            connectTimeout: TimeAmount(configuration.upstream.connectTimeout), on: loop
        )
        try judge(outcome, of: built, hasCredential: credential.header != nil, time: seconds(since: began))
    }

    // MARK: Credentials

    /// What a call carries.
    private struct Carried {
        var kind: Backend.Credential
        /// Name and value of its header; `nil` for none.
        var header: (name: String, value: Secret)?
        var quotaProject: String?
    }

    private func credential(
        of backend: Configuration.Backend, _ loaded: LoadedCredential?
    ) async throws(Fault) -> Carried {
        switch loaded?.kind {
        case .apiKey(let key):
            show("credential", loaded.map { "\($0.description)" } ?? "")
            return Carried(kind: .apiKey(key), header: ("x-goog-api-key", key))
        case .tokens(let provider):
            show("credential", loaded.map { "\($0.description)" } ?? "")
            let began = ContinuousClock.now
            do {
                let token = try await provider.fetchToken()
                show("token", "good for \(token.lifeMilliseconds / 1000) s, obtained in \(seconds(since: began))")
                let header = ("authorization", token.value.withText { Secret("Bearer \($0)") })
                return Carried(kind: .none, header: header, quotaProject: token.quotaProject)
            } catch {
                throw Fault(
                    step: "token", message: "\(error.message) (after \(seconds(since: began)))",
                    remedy: Remedy.of(error)
                )
            }
        case nil:
            if let key = backend.apiKey {
                show("credential", "API key (backends[].api_key)")
                return Carried(kind: .apiKey(key), header: ("authorization", key.withText { Secret("Bearer \($0)") }))
            }
            let isClients = configuration.auth.mode == .passthrough
            show("credential", isClients ? "the client's own goes along; none is sent now" : "none is sent")
            return Carried(kind: isClients ? .passthrough : .none)
        }
    }

    // MARK: The call

    /// A Gemini model that the operator has named for this backend.
    private func model(of backend: Backend) -> String {
        let aliases = configuration.models.aliases.filter { $0.value.backend == backend.name }.map(\.value.model)
            .sorted()
        let bare = (aliases + configuration.models.list).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        return bare.first { $0.hasPrefix("gemini-") && !$0.contains("embedding") } ?? Self.usualModel
    }

    private func request(_ probe: BackendProbe, _ credential: Carried) -> UpstreamRequest {
        var head = ByteBuffer(
            string: "\(probe.method) \(probe.target) HTTP/1.1\r\nhost: \(probe.address.authority)\r\n")
        head.writeString("accept: application/json\r\nuser-agent: pollux\r\n")
        if probe.body != nil { head.writeString("content-type: application/json\r\n") }
        if let (name, value) = credential.header { value.withText { _ = head.writeString("\(name): \($0)\r\n") } }
        if let project = credential.quotaProject { head.writeString("x-goog-user-project: \(project)\r\n") }
        var body: UpstreamBody = [ByteBuffer(string: probe.body ?? "")]
        head.writeString("content-length: \(body.count)\r\n\r\n")
        return UpstreamRequest(address: probe.address, head: head.readableBytesUInt8Span, body: &body)
    }

    private func judge(
        _ outcome: ProbeCall.Outcome, of backend: Backend, hasCredential: Bool, time: String
    ) throws(Fault) {
        switch outcome {
        case .timedOut:
            throw Fault(
                step: "answer", message: "none in \(time)",
                remedy: "The server took the call and does not answer: a model that is being started may need longer.")
        case .failed(let failure):
            throw Fault(step: "answer", message: "none: \(Self.text(of: failure))", remedy: Remedy.of(failure))
        case .answered(let status, let body):
            let isExpected = (200..<300).contains(status)
            // Whoever refuses a call without a credential is there.
            let wantsCredential = !hasCredential && [401, 403].contains(status)
            let lacksList = backend.kind == .openAI && [404, 405].contains(status)
            if isExpected { return show("answer", "\(status) in \(time)") }
            if wantsCredential { return show("answer", "\(status) in \(time), as it must be without a credential") }
            if lacksList { return show("answer", "\(status) in \(time): the server has no list of models") }
            let error = UpstreamError.translate(
                status: status, body: body.span, retryAfter: nil, credential: .client)
            throw Fault(
                step: "answer", message: "\(status) in \(time): \(error.message)",
                remedy: Remedy.of(status: status, body: String(decoding: body, as: UTF8.self)))
        }
    }

    private static func text(of failure: UpstreamFailure) -> String {
        switch failure {
        case .unreachable(let reason): reason
        case .staleConnection, .broken: "the connection broke"
        case .malformed: "it is not HTTP/1.1"
        case .overloaded: "too many connections"
        }
    }

    private func seconds(since began: ContinuousClock.Instant) -> String {
        let milliseconds = (ContinuousClock.now - began) / .milliseconds(1)
        return milliseconds < 1000 ? "\(Int(milliseconds)) ms" : "\((milliseconds / 100).rounded() / 10) s"
    }
}
