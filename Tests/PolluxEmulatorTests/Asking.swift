import PolluxJSON

@testable import PolluxEmulator

/// A reply as tests look at it.
struct Heard {
    var status: Int
    var contentType: String
    /// The whole body, or a stream's pieces one after another.
    var bytes: [UInt8]
    /// A stream's events.
    var events: [[UInt8]] = []
    var fields: [(name: String, value: String)]
    var delivery: Delivery?

    init(_ reply: Reply) {
        status = reply.status
        contentType = reply.contentType
        fields = reply.fields
        delivery = reply.delivery
        switch reply.body {
        case .complete(let body): bytes = body
        case .pieces(let pieces):
            bytes = pieces.flatMap { $0 }
            events = pieces.map { Array($0.dropFirst("data: ".utf8.count).dropLast(4)) }
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What stands at `path`; see ``read(_:_:)``.
    subscript(_ path: String) -> String? { read(bytes, path) }
}

/// What stands at a path like `candidates.0.content.role`: a string's text, or compact JSON.
func read(_ bytes: [UInt8], _ path: String) -> String? {
    var tape = JSONTape()
    guard (try? tape.parse(bytes.span)) != nil else { return nil }
    let json = tape.document(of: bytes.span)
    var node = JSONNode.root
    for step in path.split(separator: ".") {
        if json.isArray(node) {
            let elements = json.each(node)
            guard let index = Int(step), elements.indices.contains(index) else { return nil }
            node = elements[index]
        } else if let member = json.member(named: String(step), of: node) {
            node = member
        } else {
            return nil
        }
    }
    if json.isString(node) { return json.string(node) }
    var writer = JSONWriter()
    writer.copy(node, of: json)
    return String(copying: writer.output.span)
}

/// A way to one of the services.
struct Asking {
    var backend: Backend
    var model = "gemini-2.5-flash"
    var version = ""
    var method = "generateContent"
    var query = ""
    var seed: UInt64 = 0
    /// The emulator that is asked; without one, a new one each time.
    var emulator: EmulatorState?
    var script = Script()

    /// Seconds since 1970 when all of this happens.
    static let time = 1_774_116_715
    static let vertex = Asking(backend: .vertex)
    static let developer = Asking(backend: .developer)

    func with(model: String) -> Asking {
        var copy = self
        copy.model = model
        return copy
    }

    var path: String {
        switch backend {
        case .vertex:
            "/\(version.isEmpty ? "v1" : version)/projects/p/locations/l/publishers/google/models/\(model):\(method)"
                + query
        case .developer:
            "/\(version.isEmpty ? "v1beta" : version)/models/\(model):\(method)\(query)"
        }
    }

    func ask(_ body: String) -> Heard { ask(Array(body.utf8)) }

    func ask(_ body: [UInt8]) -> Heard {
        var configuration = EmulatorConfiguration()
        configuration.seed = seed
        configuration.script = script
        configuration.fixedTimeSeconds = Self.time
        var responder = Responder(configuration, emulator ?? EmulatorState(configuration))
        let head = RequestHead(
            method: "POST", uri: path, authorization: backend == .vertex ? "Bearer token" : nil,
            key: backend == .developer ? "key" : nil
        )
        return Heard(responder.reply(to: head, body: body.span))
    }

    /// Asks as a stream of events.
    func stream(_ body: String) -> Heard {
        var copy = self
        copy.method = "streamGenerateContent"
        copy.query = "?alt=sse"
        return copy.ask(body)
    }
}

/// One emulator that several requests go to.
struct Talking {
    let configuration: EmulatorConfiguration
    let state: EmulatorState

    init(_ configure: (inout EmulatorConfiguration) -> Void = { _ in }) {
        var configuration = EmulatorConfiguration()
        configuration.fixedTimeSeconds = Asking.time
        configure(&configuration)
        self.configuration = configuration
        state = EmulatorState(configuration)
    }

    func ask(
        _ method: String, _ uri: String, _ body: String = "", authorization: String? = nil, key: String? = nil,
        metadataFlavor: String? = nil
    ) -> Heard {
        var responder = Responder(configuration, state)
        let head = RequestHead(
            method: method, uri: uri, authorization: authorization, key: key, metadataFlavor: metadataFlavor)
        return Heard(responder.reply(to: head, body: Array(body.utf8).span))
    }

    /// Asks a model of one of the services.
    func ask(_ asking: Asking, _ body: String) -> Heard {
        ask(
            "POST", asking.path, body, authorization: asking.backend == .vertex ? "Bearer token" : nil,
            key: asking.backend == .developer ? "key" : nil)
    }
}

/// A request with one text of the user, and more members.
func says(_ text: String, _ more: String = "") -> String {
    #"{"contents":[{"role":"user","parts":[{"text":"\#(text)"}]}]\#(more.isEmpty ? "" : ",")\#(more)}"#
}

/// A request with one text of the user and a `generationConfig`.
func says(_ text: String, config: String) -> String { says(text, #""generationConfig":\#(config)"#) }

/// A tool with one function that takes a city.
let weatherTool = #"""
    {"functionDeclarations":[{"name":"get_weather","description":"The weather.","parametersJsonSchema":
    {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]}
    """#
